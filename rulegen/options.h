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
  // Of check, simulate, test and diff.
  std::string metrics;          // a URL or a file with what a target exposes
  std::string format = "text";  // text, markdown or json
  std::string slo;              // only this one; empty: all
  std::string alert;            // of test: only this threshold alert; empty: all
  std::string incident;         // 30m@2%,10m@100%
  std::string errors;           // shares, 100%,2%; empty: what the command finds telling
  std::string rules;            // the folder of the rules that are proven; empty: alerts/ of output_dir
  std::string work_dir;         // where proofs are written and kept; empty: a temporary folder
  std::string promtool;         // empty: found
  bool write_only = false;
  bool full_history = false;
  std::string old_policy;
  std::string new_policy;
  std::string expression;  // of promql; empty: a filter of lines
  bool tree = false;       // of promql: print the tree, too
};

// What to print instead of working: help or the version (exit 0), or what was wrong (exit 2).
struct Message {
  std::string text;
  bool is_error = false;
};

std::variant<Options, Message> ParseOptions(std::span<const std::string> args);

}  // namespace fleet::rulegen
