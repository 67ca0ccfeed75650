// A table of texts, for a terminal or for Markdown.
#pragma once

#include <string>
#include <vector>

namespace fleet::rulegen {

struct Table {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  // as wide as the header
};

// Columns aligned by blanks, two between them.
std::string RenderTextTable(const Table& table);
std::string RenderMarkdownTable(const Table& table);

}  // namespace fleet::rulegen
