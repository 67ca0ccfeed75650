// A text with a name, and places in it. Spans are byte offsets; lines and columns are made of them
// only when something is printed.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace fleet {

// Half-open byte range [begin, end) in a SourceText. Empty spans point between two bytes.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const Span&, const Span&) = default;
};

template <typename T>
struct Located {
  T value{};
  Span span;

  const T* operator->() const { return &value; }
  const T& operator*() const { return value; }
};

// Both count from 1; the column counts Unicode characters, as editors do.
struct LineColumn {
  std::size_t line = 1;
  std::size_t column = 1;

  friend bool operator==(const LineColumn&, const LineColumn&) = default;
};

// Immutable after construction, so free to share between threads.
class SourceText {
 public:
  // `path` is only printed, never opened.
  SourceText(std::string path, std::string text);

  const std::string& path() const { return path_; }
  std::string_view text() const { return text_; }

  std::size_t line_count() const { return line_begins_.size(); }
  // Line `line` (from 1) without its line feed; empty past the end.
  std::string_view Line(std::size_t line) const;
  // Byte offset of the first byte of `line` (from 1); the size of the text past the end.
  std::size_t LineBegin(std::size_t line) const;
  // Offsets past the end give the place after the last byte.
  LineColumn Locate(std::size_t offset) const;

 private:
  std::string path_;
  std::string text_;
  std::vector<std::size_t> line_begins_;
};

}  // namespace fleet
