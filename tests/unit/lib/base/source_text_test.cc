#include "lib/base/source_text.h"

#include <catch2/catch.hpp>

using fleet::LineColumn;
using fleet::SourceText;

TEST_CASE("places are lines and characters, both from 1") {
  const SourceText source("x.yaml", "ab\n\xC3\xA4z\r\n\nlast");
  CHECK(source.line_count() == 4);
  CHECK(source.Line(1) == "ab");
  CHECK(source.Line(2) == "\xC3\xA4z");
  CHECK(source.Line(3).empty());
  CHECK(source.Line(4) == "last");
  CHECK(source.Line(5).empty());
  CHECK(source.Locate(0) == LineColumn{1, 1});
  CHECK(source.Locate(2) == LineColumn{1, 3});
  CHECK(source.Locate(5) == LineColumn{2, 2});
  CHECK(source.Locate(8) == LineColumn{3, 1});
  CHECK(source.Locate(1000) == LineColumn{4, 5});
}

TEST_CASE("an empty text has one empty line") {
  const SourceText source("empty", "");
  CHECK(source.line_count() == 1);
  CHECK(source.Locate(0) == LineColumn{1, 1});
  CHECK(source.Line(1).empty());
}
