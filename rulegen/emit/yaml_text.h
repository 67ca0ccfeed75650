// Scalars of YAML. Everything that is not known to be a plain word is quoted: a reader of YAML 1.1 takes
// "5", "yes" and "1:30" for other things than text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fleet::rulegen {

// "text", double-quoted. REQUIRES: valid UTF-8.
std::string YamlQuoted(std::string_view text);

// The lines of a literal block (|-), each indented by `indent`, with a line feed at the end.
// REQUIRES: no blank at the beginning of `text`, no line feed at its end.
std::string YamlBlock(std::string_view text, std::size_t indent);

}  // namespace fleet::rulegen
