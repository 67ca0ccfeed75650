// Whether all of a request has come, as far as it is worth waiting for without a thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "exporter/web/chunked_body.h"

namespace fleet {

class PendingBody {
 public:
  // kWhole: there is nothing to wait for; so it is where the head is so wrong that it will be refused.
  // kLarge: more than `room` bytes, or the client waits for "100 Continue".
  enum class State { kWhole, kComing, kLarge };

  // `head` with its empty line.
  PendingBody(std::string_view head, std::size_t room);

  // `body`: all that has come behind the head, each time longer.
  State Look(std::string_view body);

 private:
  void TakeLine(std::string_view line);

  std::size_t room_;
  bool expects_ = false;
  std::optional<std::size_t> length_;
  std::optional<ChunkedBody> chunks_;
  std::size_t fed_ = 0;  // bytes of the body that chunks_ has seen
};

}  // namespace fleet
