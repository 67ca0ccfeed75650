#include "rulegen/emit/table.h"

#include <algorithm>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

std::string Cell(std::string text) {
  for (std::size_t at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2))
    text.insert(at, "\\");
  return text;
}

std::string MarkdownRow(const std::vector<std::string>& cells) {
  std::string out = "|";
  for (const std::string& cell : cells) {
    out += ' ';
    out += Cell(cell);
    out += " |";
  }
  return out + "\n";
}

}  // namespace

std::string RenderTextTable(const Table& table) {
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < table.header.size(); ++i) {
    std::size_t width = CountCharacters(table.header[i]);
    for (const auto& row : table.rows) width = std::max(width, CountCharacters(row[i]));
    widths.push_back(width);
  }
  const auto line = [&](const std::vector<std::string>& cells) {
    std::string out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
      out += cells[i];
      if (i + 1 < cells.size()) out.append(widths[i] - CountCharacters(cells[i]) + 2, ' ');
    }
    return out + "\n";
  };
  std::string out = line(table.header);
  for (const auto& row : table.rows) out += line(row);
  return out;
}

std::string RenderMarkdownTable(const Table& table) {
  std::string out = MarkdownRow(table.header);
  out += "|";
  for (std::size_t i = 0; i < table.header.size(); ++i) out += "---|";
  out += "\n";
  for (const auto& row : table.rows) out += MarkdownRow(row);
  return out;
}

}  // namespace fleet::rulegen
