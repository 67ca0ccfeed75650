// The one adapter of yaml-cpp: a text becomes a tree in which every value knows its place.
//
// It is stricter than YAML. Duplicate keys, tags, merge keys, keys that are no text, several documents
// and control characters are errors; aliases work, within a limit. Why each of these matters is told
// where yaml.cc refuses it. Numbers stay text here: reader.h gives them a type.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/base/diagnostics.h"
#include "lib/base/source_text.h"

namespace fleet::yaml {

enum class Kind { kNull, kScalar, kSequence, kMap };

struct Entry;

struct Node {
  Kind kind = Kind::kNull;
  // The scalar itself, quotes included; the first character of a sequence or map. A null that is the
  // value of a key has the span of the key, as YAML gives it no place of its own. What an alias stands
  // for has the alias' place at its root and the anchor's below.
  Span span;
  std::string text;     // scalars
  bool quoted = false;  // scalars: '...', "...", | or >
  std::vector<Node> items;
  std::vector<Entry> entries;  // in the order of the file

  const Entry* Find(std::string_view key) const;
};

struct Entry {
  Located<std::string> key;
  Node value;
};

inline constexpr std::size_t kMaxDepth = 64;
inline constexpr std::size_t kMaxAliasedNodes = 100'000;

// Reports to `diagnostics` and returns nothing when the text is not YAML, or more than we take. Of syntax
// errors only the first is reported, since what follows one means nothing. After a duplicate key or a
// second document the tree is returned all the same, so that all other errors can be shown, too.
std::optional<Node> Parse(const SourceText& source, Diagnostics& diagnostics);

}  // namespace fleet::yaml
