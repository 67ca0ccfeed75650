// Where a part of a scalar stands in the file: for languages inside of YAML, whose parsers count in the
// scalar's text, without its quotes, escapes and indentation.
#pragma once

#include "lib/yaml/yaml.h"

namespace fleet::yaml {

// `part` is a range of `scalar.text`, `source` the text that `scalar` was parsed from. The whole scalar's
// span where the two cannot be matched: behind an alias, whose text stands elsewhere.
Span PlaceIn(const Node& scalar, Span part, const SourceText& source);

}  // namespace fleet::yaml
