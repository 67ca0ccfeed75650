#include "lib/base/source_text.h"

#include <algorithm>
#include <utility>

#include "lib/base/text.h"

namespace fleet {

SourceText::SourceText(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
  line_begins_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i) {
    if (text_[i] == '\n') line_begins_.push_back(i + 1);
  }
}

std::size_t SourceText::LineBegin(std::size_t line) const {
  return line >= 1 && line <= line_begins_.size() ? line_begins_[line - 1] : text_.size();
}

std::string_view SourceText::Line(std::size_t line) const {
  const std::size_t begin = LineBegin(line);
  std::size_t end = text_.find('\n', begin);
  if (end == std::string::npos) end = text_.size();
  if (end > begin && text_[end - 1] == '\r') --end;
  return text().substr(begin, end - begin);
}

LineColumn SourceText::Locate(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const auto after = std::upper_bound(line_begins_.begin(), line_begins_.end(), offset);
  const auto line = static_cast<std::size_t>(after - line_begins_.begin());
  const std::size_t begin = line_begins_[line - 1];
  return {line, CountCharacters(text().substr(begin, offset - begin)) + 1};
}

}  // namespace fleet
