#include "rulegen/emit/yaml_text.h"

#include <fmt/format.h>

#include <iterator>

#include "lib/base/text.h"

namespace fleet::rulegen {

std::string YamlQuoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\n') {
      out += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string YamlBlock(std::string_view text, std::size_t indent) {
  std::string out;
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.empty()) out.append(indent, ' ').append(line);
    out += '\n';
  }
  return out;
}

}  // namespace fleet::rulegen
