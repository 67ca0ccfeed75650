#include "rulegen/policy/hash.h"

#include <catch2/catch.hpp>

namespace fleet::rulegen {
namespace {

TEST_CASE("the hash of a policy is the beginning of its SHA-256") {
  CHECK(PolicyHash("") == "e3b0c44298fc");
  CHECK(PolicyHash("abc") == "ba7816bf8f01");  // FIPS 180-4, example B.1
}

}  // namespace
}  // namespace fleet::rulegen
