#include "exporter/fleet/error_rules.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace fleet {
namespace {

// What names a cause stands before what names a symptom; texts before codes.
const ErrorRule kBuiltin[] = {
    {"syntax ?error", "", "", "critical", "syntax"},
    {"database|sqlite|postgres|deadlock", "", "", "critical", "database"},
    {"out of memory|no space left", "", "", "critical", "resources"},
    {"fatal|panic", "", "", "critical", "fatal"},
    {"rate limit|too many requests", "", "", "warning", "rate_limit"},
    {"timeout|timed out|deadline exceeded", "", "", "warning", "timeout"},
    {"unauthorized|forbidden", "", "", "warning", "auth"},
    {"validation|invalid", "", "", "warning", "validation"},
    {"not found", "", "", "warning", "not_found"},
    {"connection (refused|reset)", "", "", "warning", "network"},
    {"", "", "429", "warning", "rate_limit"},
    {"", "", "401|403", "warning", "auth"},
    {"", "", "408|504", "warning", "timeout"},
    {"", "", "4..", "warning", "client_error"},
    {"", "", "5..", "critical", "server_error"},
};

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

re2::RE2::Options Options() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(false);
  return options;
}

// Null for the empty pattern, which takes everything.
std::unique_ptr<re2::RE2> Compile(const std::string& pattern) {
  return pattern.empty() ? nullptr : std::make_unique<re2::RE2>(pattern, Options());
}

bool IsWhole(const std::unique_ptr<re2::RE2>& pattern, std::string_view text) {
  return pattern == nullptr || re2::RE2::FullMatch(Piece(text), *pattern);
}

}  // namespace

// One pass over the message finds all rules whose words stand in it.
class ErrorRules::List {
 public:
  explicit List(std::span<const ErrorRule> rules) : messages_(Options(), re2::RE2::UNANCHORED) {
    for (const ErrorRule& rule : rules) {
      Compiled compiled{rule, Compile(rule.component), Compile(rule.code), kAny};
      if (!rule.message.empty()) compiled.message = messages_.Add(rule.message, nullptr);
      rules_.push_back(std::move(compiled));
    }
    messages_.Compile();
  }

  const ErrorRule* Find(std::string_view component, std::string_view message, std::string_view code) const {
    std::vector<int> found;
    messages_.Match(Piece(message), &found);
    for (const Compiled& rule : rules_) {
      const bool says_so = rule.message == kAny || std::ranges::find(found, rule.message) != found.end();
      if (says_so && IsWhole(rule.component, component) && IsWhole(rule.code, code)) return &rule.rule;
    }
    return nullptr;
  }

 private:
  static constexpr int kAny = -1;

  struct Compiled {
    ErrorRule rule;
    std::unique_ptr<re2::RE2> component, code;
    int message = kAny;  // place in messages_
  };

  std::vector<Compiled> rules_;
  re2::RE2::Set messages_;
};

std::span<const ErrorRule> BuiltinErrorRules() { return kBuiltin; }

std::optional<std::string> CheckPattern(std::string_view pattern) {
  const re2::RE2 compiled(Piece(pattern), Options());
  if (compiled.ok()) return std::nullopt;
  return compiled.error();
}

ErrorRules::ErrorRules(const ErrorConfig& config) : repeated_(config.repeated) {
  std::vector<ErrorRule> rules = config.rules;
  if (config.builtin_rules) rules.insert(rules.end(), std::begin(kBuiltin), std::end(kBuiltin));
  all_ = std::make_unique<List>(rules);
  for (const auto& [component, own] : config.components) {
    by_component_.emplace(component, std::make_unique<List>(own.rules));
    if (own.repeated) repeated_by_component_.emplace(component, *own.repeated);
  }
}

ErrorRules::~ErrorRules() = default;

ErrorClass ErrorRules::Classify(std::string_view component, std::string_view message,
                                std::string_view code) const {
  const ErrorRule* rule = nullptr;
  const auto own = by_component_.find(component);
  if (own != by_component_.end()) rule = own->second->Find(component, message, code);
  if (rule == nullptr) rule = all_->Find(component, message, code);
  if (rule == nullptr) return {"info", "other"};
  return {rule->severity, rule->category};
}

RepeatedTimeouts ErrorRules::RepeatedOf(std::string_view component) const {
  const auto own = repeated_by_component_.find(component);
  return own == repeated_by_component_.end() ? repeated_ : own->second;
}

}  // namespace fleet
