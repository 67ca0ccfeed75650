// The values of an input series, written as promtool reads them: equal ones in a row as one "7x20".
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <string>

namespace fleet::rulegen {

// Without an exponent, which promtool's notation does not take; so many digits after the point.
inline std::string PlainNumber(double value, int digits = 6) {
  std::string text = fmt::format("{:.{}f}", value, digits);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

class Values {
 public:
  explicit Values(int digits = 6) : digits_(digits) {}

  Values& Add(double value, std::int64_t count = 1) { return AddText(PlainNumber(value, digits_), count); }
  // No sample.
  Values& Skip(std::int64_t count = 1) { return AddText("_", count); }
  // The series ends here; lookups find nothing from now on.
  Values& Stale() { return AddText("stale", 1); }
  // `count` samples, each `growth` more than the one before; the first is `first`.
  Values& Grow(double first, double growth, std::int64_t count) {
    if (count <= 0) return *this;
    Flush();
    Append(fmt::format("{}+{}x{}", PlainNumber(first, digits_), PlainNumber(growth, digits_), count - 1));
    return *this;
  }

  std::string Text() {
    Flush();
    return text_;
  }

 private:
  Values& AddText(const std::string& value, std::int64_t count) {
    if (count <= 0) return *this;
    if (value != run_) Flush();
    run_ = value;
    length_ += count;
    return *this;
  }

  // "_x3" are three gaps, and "7x3" are four samples.
  void Flush() {
    if (length_ == 0) return;
    if (run_ == "_") {
      Append(fmt::format("_x{}", length_));
    } else {
      Append(length_ == 1 ? run_ : fmt::format("{}x{}", run_, length_ - 1));
    }
    length_ = 0;
  }

  void Append(const std::string& part) {
    if (!text_.empty()) text_ += ' ';
    text_ += part;
  }

  int digits_;
  std::string text_;
  std::string run_;
  std::int64_t length_ = 0;
};

}  // namespace fleet::rulegen
