#include "exporter/fleet/label_space.h"

#include <catch2/catch.hpp>

using fleet::HashIndex;
using fleet::LabelSpace;

TEST_CASE("a text that got no id for lack of room has that of other, the rest keep theirs") {
  LabelSpace space(2, 7);
  const auto a = space.Intern("a");
  CHECK(space.Lookup("b") == HashIndex::kNone);
  const auto b = space.Intern("b");
  CHECK(space.Lookup("c") == HashIndex::kNone);  // nothing has been folded yet
  const auto c = space.Intern("c");
  CHECK(space.Text(c.id) == "other");
  CHECK(space.folded() == 1);
  CHECK(space.Lookup("c") == c.id);
  CHECK(space.Lookup("a") == a.id);
  CHECK(space.Lookup("b") == b.id);
}

TEST_CASE("an id is used again once nothing carries its text") {
  LabelSpace space(2, 7);
  const auto a = space.Intern("a");
  space.Retain(a.id);
  space.Retain(a.id);
  space.Release(a.id);
  CHECK(space.Lookup("a") == a.id);
  space.Release(a.id);
  CHECK(space.Lookup("a") == HashIndex::kNone);
  const auto b = space.Intern("b");
  CHECK(b.is_new);
  CHECK(b.id == a.id);
  CHECK(space.size() == 1);
}
