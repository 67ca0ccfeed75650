#include "exporter/ingest/json_number.h"

#include <catch2/catch.hpp>
#include <limits>

using fleet::IsJsonNumber;
using fleet::JsonNumberValue;

TEST_CASE("numbers are what RFC 8259 says") {
  for (const char* text :
       {"0", "-0", "12", "0.5", "-1.25", "1e5", "1E+5", "1.5e-7", "123456789012345678901"}) {
    CAPTURE(text);
    CHECK(IsJsonNumber(text));
  }
  for (const char* text : {"", "-", "+1", "01", "-01", ".5", "1.", "1e", "1e+", "0x10", "NaN", "Infinity",
                           "1 2", "1,5", "--1", "1.2.3"}) {
    CAPTURE(text);
    CHECK_FALSE(IsJsonNumber(text));
  }
}

TEST_CASE("numbers that fit no double become infinite or zero") {
  CHECK(JsonNumberValue("12.5") == 12.5);
  CHECK(JsonNumberValue("1e400") == std::numeric_limits<double>::infinity());
  CHECK(JsonNumberValue("1e-400") == 0);
  CHECK(JsonNumberValue("0.5e-400") == 0);
  CHECK(JsonNumberValue("1" + std::string(400, '0')) == std::numeric_limits<double>::infinity());
  CHECK(JsonNumberValue("0." + std::string(400, '0') + "1") == 0);
}
