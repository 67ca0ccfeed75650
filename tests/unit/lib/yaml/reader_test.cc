#include "lib/yaml/reader.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

namespace fleet::yaml {
namespace {

// The text of the only error for `v: <value>`, with its notes; "" when it was read.
template <typename T>
std::string ErrorOf(const std::string& value,
                    std::optional<T> (*read)(const Node&, std::string_view, Diagnostics&)) {
  const SourceText source("f.yaml", "v: " + value + "\n");
  Diagnostics diagnostics(source);
  const auto node = Parse(source, diagnostics);
  if (!node) return diagnostics.Render();
  const auto result = read(node->entries[0].value, "v", diagnostics);
  CHECK(result.has_value() == diagnostics.all().empty());
  if (diagnostics.all().empty()) return {};
  const Diagnostic& diagnostic = diagnostics.all()[0];
  std::string out = fmt::format("{} [{}]", diagnostic.text, diagnostic.check);
  for (const std::string& note : diagnostic.notes) out += "; " + note;
  return out;
}

template <typename T>
std::optional<T> ValueOf(const std::string& value,
                         std::optional<T> (*read)(const Node&, std::string_view, Diagnostics&)) {
  const SourceText source("f.yaml", "v: " + value + "\n");
  Diagnostics diagnostics(source);
  const auto node = Parse(source, diagnostics);
  return node ? read(node->entries[0].value, "v", diagnostics) : std::nullopt;
}

TEST_CASE("values are read by type") {
  CHECK(ValueOf("text", ReadString) == "text");
  CHECK(ValueOf("5", ReadString) == "5");
  CHECK(ValueOf("'no'", ReadString) == "no");
  CHECK(ValueOf("no", ReadString) == "no");
  CHECK(ValueOf("true", ReadBool) == true);
  CHECK(ValueOf("-12", ReadInteger) == -12);
  CHECK(ValueOf("99.9", ReadDecimal) == Decimal(999, 1));
  CHECK(ValueOf("2.5%", ReadPercent) == Decimal(25, 3));
  CHECK(ValueOf("1h30m", ReadDuration) == Duration(5'400'000));
}

TEST_CASE("a quoted number does not convert") {
  CHECK(ErrorOf("\"99.9\"", ReadDecimal) ==
        "'v' must be a number, not quoted text [value-type]; write it without quotes: 99.9");
  CHECK(ErrorOf("'5'", ReadInteger) ==
        "'v' must be a whole number, not quoted text [value-type]; write it without quotes: 5");
  CHECK(ErrorOf("'true'", ReadBool) ==
        "'v' must be true or false, not quoted text [value-type]; write it without quotes: true");
}

TEST_CASE(".nan and .inf are no numbers") {
  CHECK(ErrorOf(".nan", ReadDecimal) == "'v' must be a number, not '.nan' [value-type]");
  CHECK(ErrorOf("-.inf", ReadDecimal) == "'v' must be a number, not '-.inf' [value-type]");
  CHECK(ErrorOf("1e3", ReadDecimal) == "'v' must be a number, not '1e3' [value-type]");
}

TEST_CASE("leading zeros mean different numbers in YAML 1.1 and 1.2") {
  CHECK(ErrorOf("010", ReadInteger) == "'v' must be a whole number, not '010' [value-type]");
  CHECK(ErrorOf("-010", ReadDecimal) == "'v' must be a number, not '-010' [value-type]");
  CHECK(ErrorOf("0.5", ReadDecimal).empty());
}

TEST_CASE("yes and no are no truth values") {
  CHECK(ErrorOf("yes", ReadBool) == "'v' must be true or false, not 'yes' [value-type]");
}

TEST_CASE("a percentage without its sign is refused, and how to write it is told") {
  CHECK(ErrorOf("2", ReadPercent) ==
        "'v' must be a percentage such as 2%, not '2' [value-type]; write 2% for 2 percent");
  CHECK(ErrorOf("x%", ReadPercent) == "'v' must be a percentage such as 2%, not 'x%' [value-type]");
  CHECK(ErrorOf("0.12345%", ReadPercent) ==
        "'v' must be a percentage such as 2%, not '0.12345%' [value-type]");
}

TEST_CASE("numbers out of range are errors") {
  CHECK(ErrorOf("99999999999999999999", ReadInteger) ==
        "'v' must be a whole number, not '99999999999999999999' [value-type]");
  CHECK(ErrorOf("400y", ReadDuration) ==
        "'v' must be a duration such as 5m or 1h30m, not '400y' [value-type]");
}

TEST_CASE("empty and missing values") {
  CHECK(ErrorOf("", ReadString) == "'v' has no value [value-missing]");
  CHECK(ErrorOf("~", ReadDecimal) == "'v' has no value [value-missing]");
  CHECK(ErrorOf("''", ReadString) == "'v' is empty [value-missing]");
  CHECK(ErrorOf("\"a\\u0007b\"", ReadString) == "'v' holds a control character [value-type]");
}

TEST_CASE("a list or map where a single value is wanted") {
  CHECK(ErrorOf("[1]", ReadDecimal) == "'v' must be a number, not a list [value-type]");
  CHECK(ErrorOf("{a: 1}", ReadString) == "'v' must be text, not a map [value-type]");
}

TEST_CASE("long and strange texts are shortened and made visible in messages") {
  const std::string error = ErrorOf(std::string(200, 'x'), ReadInteger);
  CHECK(error == "'v' must be a whole number, not '" + std::string(60, 'x') + "...' [value-type]");
}

enum class Colour { kRed, kBlue };
constexpr EnumName<Colour> kColours[] = {{"red", Colour::kRed}, {"blue", Colour::kBlue}};

TEST_CASE("an enumeration lists its values") {
  const auto read = [](const Node& node, std::string_view name, Diagnostics& diagnostics) {
    return ReadEnum(node, name, kColours, diagnostics);
  };
  CHECK(ValueOf<Colour>("blue", read) == Colour::kBlue);
  CHECK(ErrorOf<Colour>("green", read) == "'v' must be red or blue, not 'green' [value-type]");
}

// Reads the map {name, size?, tags?, labels?} and says what was reported.
std::string ReadMap(std::string text) {
  const SourceText source("f.yaml", std::move(text));
  Diagnostics diagnostics(source);
  const auto node = Parse(source, diagnostics);
  REQUIRE(node);
  MapReader map(*node, "a thing", diagnostics);
  const Located<std::string> name = map.Required("name", ReadString);
  const Located<std::int64_t> size = map.Optional("size", ReadInteger).value_or(Located<std::int64_t>{7, {}});
  std::string out = fmt::format("name={} size={}", *name, *size);
  if (const Node* tags = map.Find("tags")) {
    for (const auto& tag : ReadStrings(*tags, "tags", diagnostics)) out += " tag=" + *tag;
  }
  if (const Node* labels = map.Find("labels")) {
    for (const auto& [key, value] : ReadStringMap(*labels, "labels", diagnostics)) {
      out += " " + *key + "=" + *value;
    }
  }
  map.Finish();
  return diagnostics.all().empty() ? out : diagnostics.Render();
}

TEST_CASE("a map gives its keys by type") {
  CHECK(ReadMap("name: n\ntags: [a, b]\nlabels: {k: v, x: y}\n") == "name=n size=7 tag=a tag=b k=v x=y");
}

TEST_CASE("all errors of a map are reported at once") {
  CHECK(ReadMap("sise: 3\nsize: x\ntags: a\nlabels: [b]\nwhatever: 1\n") ==
        "f.yaml:1:1: error: a thing needs the key 'name' [key-missing]\n"
        " 1 | sise: 3\n"
        "   | ^~~~\n"
        "f.yaml:1:1: error: a thing has no key 'sise' [key-unknown]\n"
        " 1 | sise: 3\n"
        "   | ^~~~\n"
        "note: did you mean 'size'?\n"
        "f.yaml:2:7: error: 'size' must be a whole number, not 'x' [value-type]\n"
        " 2 | size: x\n"
        "   |       ^\n"
        "f.yaml:3:7: error: 'tags' must be a list [value-type]\n"
        " 3 | tags: a\n"
        "   |       ^\n"
        "f.yaml:4:9: error: 'labels' must be a map [value-type]\n"
        " 4 | labels: [b]\n"
        "   |         ^\n"
        "f.yaml:5:1: error: a thing has no key 'whatever' [key-unknown]\n"
        " 5 | whatever: 1\n"
        "   | ^~~~~~~~\n"
        "note: it has: name, size, tags, labels\n");
}

TEST_CASE("what is no map has no keys, and says so once") {
  CHECK(ReadMap("[a]\n") ==
        "f.yaml:1:1: error: a thing must be a map, not a list [value-type]\n"
        " 1 | [a]\n"
        "   | ^\n");
}

TEST_CASE("items are named in messages") {
  CHECK(ReadMap("name: n\ntags: [a, [b]]\n") ==
        "f.yaml:2:11: error: an item of 'tags' must be text, not a list [value-type]\n"
        " 2 | tags: [a, [b]]\n"
        "   |           ^\n");
}

}  // namespace
}  // namespace fleet::yaml
