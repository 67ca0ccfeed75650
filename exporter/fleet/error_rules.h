// How bad an error is and of what sort, where its sender does not say: ordered rules, the first that
// fits wins. The one adapter of RE2 in the exporter's domain.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/duration.h"

namespace fleet {

// Conditions that are empty hold always; those that are given must all hold.
struct ErrorRule {
  std::string message;    // RE2, somewhere in the message, whatever its case
  std::string component;  // RE2, the whole name
  std::string code;       // RE2, the whole code (an HTTP status)
  std::string severity;   // critical, warning, info
  std::string category;   // "database", "timeout", ...

  friend bool operator==(const ErrorRule&, const ErrorRule&) = default;
};

// So many timeouts of one component within that time are critical from then on, not a warning.
struct RepeatedTimeouts {
  int count = 3;
  Duration within = std::chrono::minutes(5);

  friend bool operator==(const RepeatedTimeouts&, const RepeatedTimeouts&) = default;
};

struct ComponentErrors {
  std::vector<ErrorRule> rules;  // before the rules for all
  std::optional<RepeatedTimeouts> repeated;

  friend bool operator==(const ComponentErrors&, const ComponentErrors&) = default;
};

struct ErrorConfig {
  std::vector<ErrorRule> rules;  // before the built-in ones
  bool builtin_rules = true;
  RepeatedTimeouts repeated;
  std::map<std::string, ComponentErrors, std::less<>> components;

  friend bool operator==(const ErrorConfig&, const ErrorConfig&) = default;
};

// In the order in which they are tried.
std::span<const ErrorRule> BuiltinErrorRules();

// What is wrong with a pattern, or nothing.
std::optional<std::string> CheckPattern(std::string_view pattern);

struct ErrorClass {
  std::string_view severity;
  std::string_view category;
};

// Rules, compiled. Immutable.
class ErrorRules {
 public:
  // REQUIRES: patterns that CheckPattern has nothing against.
  explicit ErrorRules(const ErrorConfig& config);
  ~ErrorRules();
  ErrorRules(const ErrorRules&) = delete;
  ErrorRules& operator=(const ErrorRules&) = delete;

  // {"info", "other"} when no rule fits. The texts live as long as the rules.
  ErrorClass Classify(std::string_view component, std::string_view message, std::string_view code) const;
  RepeatedTimeouts RepeatedOf(std::string_view component) const;

 private:
  class List;
  std::unique_ptr<List> all_;
  std::map<std::string, std::unique_ptr<List>, std::less<>> by_component_;
  RepeatedTimeouts repeated_;
  std::map<std::string, RepeatedTimeouts, std::less<>> repeated_by_component_;
};

}  // namespace fleet
