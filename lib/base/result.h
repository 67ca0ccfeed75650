// Result<T>: a value, or an Error that says in words what the world refused.
//
// For what the user wrote in a file use Diagnostics (diagnostics.h): it collects all of it. Result is
// for the rest: a file that cannot be read, a port that is taken. The error travels up, gains context
// at each hop and is printed once, in main.
#pragma once

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace fleet {

struct Error {
  std::string message;

  // "context: message"; what was being done, from the outside in.
  Error Within(std::string_view context) const { return Error{std::string(context) + ": " + message}; }
};

template <typename T>
using Result = tl::expected<T, Error>;

inline tl::unexpected<Error> Fail(std::string message) {
  return tl::make_unexpected(Error{std::move(message)});
}

}  // namespace fleet
