#include "rulegen/emit/diff.h"

#include <catch2/catch.hpp>
#include <string>

namespace fleet::rulegen {
namespace {

std::string Numbers(int from, int to) {
  std::string text;
  for (int i = from; i <= to; ++i) text += std::to_string(i) + "\n";
  return text;
}

TEST_CASE("equal texts have no diff") { CHECK(UnifiedDiff("a", "b", "x\n", "x\n").empty()); }

TEST_CASE("a change has three lines of context") {
  CHECK(UnifiedDiff("a", "b", Numbers(1, 9), Numbers(1, 4) + "five\n" + Numbers(6, 9)) ==
        "--- a\n+++ b\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("changes that are near share a hunk, others do not") {
  const std::string near = UnifiedDiff("a", "b", Numbers(1, 20), Numbers(2, 7) + Numbers(9, 20));
  CHECK(near == "--- a\n+++ b\n@@ -1,11 +1,9 @@\n-1\n 2\n 3\n 4\n 5\n 6\n 7\n-8\n 9\n 10\n 11\n");
  const std::string far = UnifiedDiff("a", "b", Numbers(1, 20), Numbers(2, 8) + Numbers(10, 20));
  CHECK(far ==
        "--- a\n+++ b\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -6,7 +5,6 @@\n 6\n 7\n 8\n-9\n 10\n 11\n 12\n");
}

TEST_CASE("a new file and one that goes") {
  CHECK(UnifiedDiff("/dev/null", "b", "", "x\ny\n") == "--- /dev/null\n+++ b\n@@ -0,0 +1,2 @@\n+x\n+y\n");
  CHECK(UnifiedDiff("a", "/dev/null", "x\n", "") == "--- a\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n");
}

TEST_CASE("texts too large to compare line by line are replaced") {
  const std::string diff = UnifiedDiff("a", "b", Numbers(1, 5000), Numbers(5001, 10000));
  CHECK(diff.find("@@ -1,5000 +1,5000 @@\n-1\n-2\n") != std::string::npos);
}

}  // namespace
}  // namespace fleet::rulegen
