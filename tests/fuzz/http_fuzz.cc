// What arrives before anybody is known: chunks, pending bodies, Authorization. In pieces or at once, the
// outcome is the same.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "exporter/web/chunked_body.h"
#include "exporter/web/passwords.h"
#include "exporter/web/pending_body.h"
#include "exporter/web/router.h"

namespace {

struct Outcome {
  fleet::ChunkedBody::State state;
  std::size_t taken;
  std::string text;

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome Read(std::string_view bytes, std::size_t piece) {
  fleet::ChunkedBody body(1000);
  std::size_t taken = 0;
  while (taken < bytes.size() && body.state() == fleet::ChunkedBody::State::kIncomplete) {
    taken += body.Take(bytes.substr(taken, piece));
  }
  return {body.state(), taken, body.text()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Outcome whole = Read(bytes, size);
  if (whole.text.size() > 1000 || !(whole == Read(bytes, 1)) || !(whole == Read(bytes, 7))) std::abort();

  const std::size_t end = bytes.find("\r\n\r\n");
  const std::size_t head = end == std::string_view::npos ? size : end + 4;
  fleet::PendingBody at_once(bytes.substr(0, head), 1000), growing(bytes.substr(0, head), 1000);
  auto state = growing.Look("");
  for (std::size_t n = 1; n <= size - head && state == fleet::PendingBody::State::kComing; ++n) {
    state = growing.Look(bytes.substr(head, n));
  }
  const auto expected = at_once.Look(bytes.substr(head));
  if ((state == fleet::PendingBody::State::kComing) != (expected == fleet::PendingBody::State::kComing)) {
    std::abort();
  }

  fleet::Credentials credentials;
  if (fleet::ParseBasic(bytes, credentials) && credentials.user.find(':') != std::string::npos) std::abort();
  const auto decoded = fleet::PercentDecode(bytes);
  if (decoded && decoded->size() > size) std::abort();
  return 0;
}
