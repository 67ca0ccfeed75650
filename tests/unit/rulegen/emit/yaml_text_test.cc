#include "rulegen/emit/yaml_text.h"

#include <catch2/catch.hpp>

#include "lib/yaml/yaml.h"

namespace fleet::rulegen {
namespace {

std::string ReadBack(const std::string& yaml) {
  const SourceText source("f.yaml", yaml);
  Diagnostics diagnostics(source);
  const auto node = yaml::Parse(source, diagnostics);
  INFO(diagnostics.Render());
  REQUIRE(node);
  return node->entries.at(0).value.text;
}

TEST_CASE("quoted text is read back as it was") {
  for (const std::string text :
       {"", "5", "yes", "1:30", "a: b # c", "- x", "it's", "\"q\"", "back\\slash", "é€", "{{ $value }}",
        "two\nlines\n", "tab\there", "~", "*x", "%", "@", "`"}) {
    CHECK(ReadBack("v: " + YamlQuoted(text) + "\n") == text);
  }
}

TEST_CASE("a block is read back as it was") {
  for (const std::string text : {"a", "a\nb", "a\n  b\nc", "sum (\n  a # b\n)", "a\n\nb", "- x: y"}) {
    CHECK(ReadBack("v: |-\n" + YamlBlock(text, 4)) == text);
  }
}

}  // namespace
}  // namespace fleet::rulegen
