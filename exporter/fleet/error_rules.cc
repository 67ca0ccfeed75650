#include "exporter/fleet/error_rules.h"

#include <algorithm>

namespace fleet {
namespace {

struct Rule {
  std::string_view words;  // in lower case
  ErrorClass error_class;
};

// The first that matches wins: what names a cause stands before what names a symptom.
constexpr Rule kRules[] = {
    {"syntaxerror", {"critical", "syntax"}},
    {"syntax error", {"critical", "syntax"}},
    {"database", {"critical", "database"}},
    {"sqlite", {"critical", "database"}},
    {"postgres", {"critical", "database"}},
    {"deadlock", {"critical", "database"}},
    {"out of memory", {"critical", "resources"}},
    {"no space left", {"critical", "resources"}},
    {"fatal", {"critical", "fatal"}},
    {"panic", {"critical", "fatal"}},
    {"rate limit", {"warning", "rate_limit"}},
    {"too many requests", {"warning", "rate_limit"}},
    {"timeout", {"warning", "timeout"}},
    {"timed out", {"warning", "timeout"}},
    {"deadline exceeded", {"warning", "timeout"}},
    {"unauthorized", {"warning", "auth"}},
    {"forbidden", {"warning", "auth"}},
    {"validation", {"warning", "validation"}},
    {"invalid", {"warning", "validation"}},
    {"not found", {"warning", "not_found"}},
    {"connection refused", {"warning", "network"}},
    {"connection reset", {"warning", "network"}},
};

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool Contains(std::string_view text, std::string_view words) {
  const auto same = [](char a, char b) { return Lower(a) == b; };
  return std::search(text.begin(), text.end(), words.begin(), words.end(), same) != text.end();
}

ErrorClass ClassifyCode(std::string_view code) {
  if (code == "429") return {"warning", "rate_limit"};
  if (code == "401" || code == "403") return {"warning", "auth"};
  if (code == "408" || code == "504") return {"warning", "timeout"};
  if (code.size() == 3 && code[0] == '4') return {"warning", "client_error"};
  if (code.size() == 3 && code[0] == '5') return {"critical", "server_error"};
  return {"info", "other"};
}

}  // namespace

ErrorClass ClassifyError(std::string_view message, std::string_view code) {
  for (const Rule& rule : kRules) {
    if (Contains(message, rule.words)) return rule.error_class;
  }
  return ClassifyCode(code);
}

}  // namespace fleet
