// The command line, as values.
#pragma once

#include <span>
#include <string>
#include <variant>

namespace fleet::rulegen {

struct Options {
  std::string command;
  std::string policy = "slo/policies.yaml";
  std::string output_dir = ".";
  std::string dashboard_format = "classic";  // or v2
  bool check = false;                        // of build: compare and write nothing
  std::string expression;                    // of promql; empty: a filter of lines
  bool tree = false;                         // of promql: print the tree, too
};

// What to print instead of working: help or the version (exit 0), or what was wrong (exit 2).
struct Message {
  std::string text;
  bool is_error = false;
};

std::variant<Options, Message> ParseOptions(std::span<const std::string> args);

}  // namespace fleet::rulegen
