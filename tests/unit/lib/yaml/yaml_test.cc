#include "lib/yaml/yaml.h"

#include <catch2/catch.hpp>

#include <string>

namespace fleet::yaml {
namespace {

// The tree on one line, each value with its bytes in the source: {a@0-1: 1@3-4}.
std::string Print(const Node& node) {
  const std::string at = "@" + std::to_string(node.span.begin) + "-" + std::to_string(node.span.end);
  switch (node.kind) {
    case Kind::kNull:
      return "null" + at;
    case Kind::kScalar:
      return (node.quoted ? "\"" + node.text + "\"" : node.text) + at;
    case Kind::kSequence: {
      std::string out = "[";
      for (const Node& item : node.items) out += (out.size() > 1 ? ", " : "") + Print(item);
      return out + "]" + at;
    }
    case Kind::kMap: {
      std::string out = "{";
      for (const Entry& entry : node.entries) {
        out += (out.size() > 1 ? ", " : "") + entry.key.value + ": " + Print(entry.value);
      }
      return out + "}" + at;
    }
  }
  return {};
}

// What Parse makes of a text: the tree, or what it reported.
std::string Parsed(std::string text) {
  const SourceText source("f.yaml", std::move(text));
  Diagnostics diagnostics(source);
  const std::optional<Node> node = Parse(source, diagnostics);
  return diagnostics.all().empty() && node ? Print(*node) : diagnostics.Render();
}

TEST_CASE("every value has its place") {
  CHECK(Parsed("a: 1\nb: [x, 'y z']\nc: {d: \"e\"}\n") ==
        "{a: 1@3-4, b: [x@9-10, \"y z\"@12-17]@8-9, c: {d: \"e\"@26-29}@23-24}@0-1");
}

TEST_CASE("marks count bytes from 0, also behind characters of several bytes") {
  CHECK(Parsed("é: ü\nb: €x\nc: 1\n") == "{é: ü@4-6, b: €x@10-14, c: 1@18-19}@0-2");
}

TEST_CASE("a mark is -1 where a parse error has no place: the end of the file is shown") {
  CHECK(Parsed("a: [1, 2") ==
        "f.yaml:1:9: error: not valid YAML: end of sequence flow not found [yaml-syntax]\n"
        " 1 | a: [1, 2\n"
        "   |         ^\n");
}

TEST_CASE("an empty value points at its key, not at the next token") {
  CHECK(Parsed("a:\nb: ~\nc: null\n") == "{a: null@0-1, b: null@3-4, c: null@8-9}@0-1");
}

TEST_CASE("an empty item points at its dash or comma") {
  CHECK(Parsed("- x\n-\n# -\n- ~\n") == "[x@2-3, null@4-5, null@10-11]@0-1");
  CHECK(Parsed("[x, , y]") == "[x@1-2, null@2-3, y@6-7]@0-1");
}

TEST_CASE("an alias has its own place, and its anchor's below") {
  CHECK(Parsed("a: &x 1\nb: *x\nc: &m {k: v}\nd: *m\n") ==
        "{a: 1@6-7, b: 1@11-13, c: {k: v@24-25}@21-22, d: {k: v@24-25}@30-32}@0-1");
}

TEST_CASE("an alias inside of its own anchor is no cycle but an error") {
  CHECK(Parsed("a: &a [*a]\n") ==
        "f.yaml:1:8: error: this alias stands inside of what it refers to [yaml-alias]\n"
        " 1 | a: &a [*a]\n"
        "   |        ^~\n");
}

TEST_CASE("aliases of aliases cannot fill the memory") {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 8; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 1; k < 10; ++k) text += ", " + before;
    text += "]\n";
  }
  const std::string report = Parsed(text);
  CHECK(report.find("error: aliases repeat more than 100000 values [yaml-alias]") != std::string::npos);
  CHECK(report.find("[yaml-alias]") == report.rfind("[yaml-alias]"));
}

TEST_CASE("an alias of nothing is an error") {
  CHECK(Parsed("a: *b\n") ==
        "f.yaml:1:4: error: not valid YAML: the referenced anchor is not defined [yaml-syntax]\n"
        " 1 | a: *b\n"
        "   |    ^\n");
}

TEST_CASE("duplicate keys are kept by nobody: both places are named, and the rest is still read") {
  CHECK(Parsed("a: 1\nb: 2\na: 3\n") ==
        "f.yaml:3:1: error: 'a' is given twice [key-duplicate]\n"
        " 3 | a: 3\n"
        "   | ^\n"
        "note: first given at f.yaml:1:1\n");
  const SourceText source("f.yaml", "a: 1\na: 3\nb: 2\n");
  Diagnostics diagnostics(source);
  const auto node = Parse(source, diagnostics);
  REQUIRE(node);
  CHECK(Print(*node) == "{a: 1@3-4, b: 2@13-14}@0-1");
}

TEST_CASE("a second document is not dropped in silence") {
  const std::string report =
      "f.yaml:2:1: error: a second document begins here; only one is read [yaml-documents]\n"
      " 2 | ---\n"
      "   | ^~~\n";
  CHECK(Parsed("a: 1\n---\nb: 2\n") == report);
  CHECK(Parsed("a: 1\n---\nb: [\n") == report);
  CHECK(Parsed("---\na: 1\n...\n") == "{a: 1@7-8}@4-5");
}

TEST_CASE("an empty file is an error") {
  for (const char* text : {"", "\n\n", "# only a comment\n", "\xEF\xBB\xBF"}) {
    CHECK(Parsed(text).find("f.yaml:1:1: error: the file is empty [yaml-empty]\n") == 0);
  }
}

TEST_CASE("a byte order mark is skipped and places stay true") {
  CHECK(Parsed("\xEF\xBB\xBF"
               "a: 1\n") == "{a: 1@6-7}@3-4");
}

TEST_CASE("carriage returns are no part of values") {
  CHECK(Parsed("a: 1\r\nb: x y\r\n") == "{a: 1@3-4, b: x y@9-12}@0-1");
}

TEST_CASE("bytes that are no UTF-8 are an error at their place") {
  CHECK(Parsed("a: \xC3\xA9\nb: \xFF\n") ==
        "f.yaml:2:4: error: the file is not UTF-8 text [text-encoding]\n"
        " 2 | b: \xFF\n"
        "   |    ^\n");
}

TEST_CASE("control characters are errors: yaml-cpp takes 0x04 for the end of the file") {
  CHECK(Parsed("a: x\x04y\n") ==
        "f.yaml:1:5: error: control character \\x04 [text-encoding]\n"
        " 1 | a: x\x04y\n"
        "   |     ^\n");
}

TEST_CASE("a tab as indentation is named") {
  CHECK(Parsed("a:\n\tb: 1\n") ==
        "f.yaml:2:3: error: not valid YAML: illegal map value [yaml-syntax]\n"
        " 2 | \tb: 1\n"
        "   | \t ^\n"
        "note: line 2 is indented with a tab: use blanks\n");
}

TEST_CASE("a quote that is never closed does not swallow the file") {
  CHECK(Parsed("a: 'it''s\nb: 2\n") ==
        "f.yaml:1:4: error: this quote is never closed [yaml-syntax]\n"
        " 1 | a: 'it''s\n"
        "   |    ^\n");
  CHECK(Parsed("a: \"x\\\"\nb: 2\n").find("error: this quote is never closed") != std::string::npos);
}

TEST_CASE("quoted scalars span their quotes") {
  CHECK(Parsed("['it''s', \"a\\\"b\"]") == "[\"it's\"@1-8, \"a\"b\"@10-16]@0-1");
}

TEST_CASE("a block scalar is quoted, and its place is its indicator") {
  CHECK(Parsed("a: |\n  x\n  y\nb: >-\n  z\n") == "{a: \"x\ny\n\"@3-4, b: \"z\"@16-18}@0-1");
}

TEST_CASE("a plain scalar over several lines is marked on its first") {
  CHECK(Parsed("a: x\n  y # c\n") == "{a: x y@3-4}@0-1");
}

TEST_CASE("tags, merge keys and keys that are no text are refused") {
  CHECK(Parsed("a: !!str 5\n").find("f.yaml:1:4: error: tags are not supported [yaml-tag]\n") == 0);
  CHECK(Parsed("a: {<<: {b: 1}}\n").find("f.yaml:1:5: error: merge keys are not supported [yaml-merge]\n") ==
        0);
  CHECK(Parsed("? [a]\n: b\n").find("f.yaml:1:3: error: a key must be plain text [yaml-key]\n") == 0);
}

TEST_CASE("depth is bounded") {
  const std::string deep(kMaxDepth + 1, '[');
  CHECK(Parsed(deep + std::string(kMaxDepth + 1, ']'))
            .find("f.yaml:1:65: error: nested more than 64 levels deep [yaml-depth]\n") == 0);
  CHECK(Parsed(std::string(5000, '[')).find("error: nested more than 64 levels deep [yaml-depth]\n") !=
        std::string::npos);
  CHECK(Parsed(std::string(kMaxDepth, '[') + std::string(kMaxDepth, ']')).find("error") == std::string::npos);
}

}  // namespace
}  // namespace fleet::yaml
