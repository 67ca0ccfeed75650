#include "lib/base/rfc3339.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "lib/base/text.h"

namespace fleet {
namespace {

// Reads from the front; after a failure everything fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  bool ok() const { return ok_; }
  bool AtEnd() const { return text_.empty(); }
  char Peek() const { return text_.empty() ? '\0' : text_.front(); }

  int Number(std::size_t digits, int least, int most) {
    if (text_.size() < digits) return Fail();
    int value = 0;
    for (const char c : text_.substr(0, digits)) {
      if (!IsDigit(c)) return Fail();
      value = value * 10 + (c - '0');
    }
    text_.remove_prefix(digits);
    return value < least || value > most ? Fail() : value;
  }

  char OneOf(std::string_view characters) {
    const char c = Peek();
    if (text_.empty() || characters.find(c) == std::string_view::npos) {
      Fail();
      return '\0';
    }
    text_.remove_prefix(1);
    return c;
  }

  // At least one digit; those after the third are cut off.
  int Milliseconds() {
    int value = 0;
    int factor = 100;
    if (!IsDigit(Peek())) return Fail();
    while (IsDigit(Peek())) {
      value += (text_.front() - '0') * factor;
      factor /= 10;
      text_.remove_prefix(1);
    }
    return value;
  }

 private:
  int Fail() {
    ok_ = false;
    text_ = {};
    return 0;
  }

  std::string_view text_;
  bool ok_ = true;
};

std::int64_t ReadOffsetMinutes(Reader& reader) {
  const char sign = reader.OneOf("Zz+-");
  if (sign != '+' && sign != '-') return 0;
  const int hours = reader.Number(2, 0, 23);
  reader.OneOf(":");
  const int minutes = hours * 60 + reader.Number(2, 0, 59);
  return sign == '+' ? minutes : -minutes;
}

}  // namespace

std::optional<UnixMillis> ParseRfc3339(std::string_view text) {
  using namespace std::chrono;
  Reader reader(text);
  const year y{reader.Number(4, 1970, 9999)};
  reader.OneOf("-");
  const month m{static_cast<unsigned>(reader.Number(2, 1, 12))};
  reader.OneOf("-");
  const day d{static_cast<unsigned>(reader.Number(2, 1, 31))};
  reader.OneOf("Tt");
  const std::int64_t hour = reader.Number(2, 0, 23);
  reader.OneOf(":");
  const std::int64_t minute = reader.Number(2, 0, 59);
  reader.OneOf(":");
  const std::int64_t second = reader.Number(2, 0, 60);
  std::int64_t milliseconds = 0;
  if (reader.Peek() == '.') {
    reader.OneOf(".");
    milliseconds = reader.Milliseconds();
  }
  const std::int64_t offset = ReadOffsetMinutes(reader);
  const year_month_day date{y, m, d};
  if (!reader.ok() || !reader.AtEnd() || !date.ok()) return std::nullopt;
  const std::int64_t days = sys_days(date).time_since_epoch().count();
  const std::int64_t seconds = days * 86400 + hour * 3600 + (minute - offset) * 60 + second;
  if (seconds < 0) return std::nullopt;
  return UnixMillis{seconds * 1000 + milliseconds};
}

}  // namespace fleet
