// The templates of Prometheus' annotations and labels, which are those of Go: whether they parse.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fleet::rulegen {

// Why Prometheus would refuse the text, and with it the whole file of rules; nothing when it would not.
// Stricter in two ways: `}}` that nothing opened is taken for a slip, and templates cannot define others.
// `knows_new`: of functions that came after Prometheus 2.42.
std::optional<std::string> TemplateError(std::string_view text, bool knows_new);

}  // namespace fleet::rulegen
