// Lines: each is an event of its own, whatever stands in the others. What all lines give together is
// what each gives alone.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/ingest/decode.h"
#include "lib/base/text.h"

namespace {

constexpr fleet::UnixMillis kNow{1'790'000'000'000};

std::size_t Usable(std::string_view body) {
  fleet::Decoder decoder;
  const fleet::DecodedBody& decoded = decoder.Decode(fleet::BodyFormat::kNdjson, body, {}, kNow);
  return decoded.failure == fleet::DecodedBody::Failure::kNone ? decoded.events.size() : 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(data), size);
  fleet::Decoder decoder;
  const fleet::DecodedBody& decoded = decoder.Decode(fleet::BodyFormat::kNdjson, body, {}, kNow);
  if (decoded.failure != fleet::DecodedBody::Failure::kNone) return 0;
  if (decoded.events.size() != decoded.places.size()) std::abort();
  std::size_t usable = 0;
  for (const std::string_view line : fleet::Split(body, '\n')) usable += Usable(line);
  if (usable != decoded.events.size()) std::abort();
  return 0;
}
