// Values as bytes and back: what the store keeps of the fleet. A type says once, for both directions,
// what it consists of:
//
//   template <typename Archive>
//   void Persist(Archive& archive) { archive(workers_, types_); }
//
// Aggregates need not even that. Entities in tables may get new fields at their end: older bytes leave
// those as they are born. Every other change of form makes older bytes of that part unreadable, which
// the parts notice by their shape (shape.h) and report.
#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "lib/base/fields_of.h"

namespace fleet {

namespace archive_internal {

template <typename T>
inline constexpr bool kIsDuration = false;
template <typename R, typename P>
inline constexpr bool kIsDuration<std::chrono::duration<R, P>> = true;

}  // namespace archive_internal

// For the few who must know: tables and parts.
enum class ArchiveMode { kWrite, kRead, kDescribe };

class ArchiveWriter {
 public:
  static constexpr ArchiveMode kMode = ArchiveMode::kWrite;

  template <typename... Values>
  void operator()(Values&... values) {
    (Put(values), ...);
  }

  // Seven bits a byte, low ones first.
  void PutCount(std::uint64_t n) {
    for (; n >= 0x80; n >>= 7U) bytes_ += static_cast<char>(n | 0x80U);
    bytes_ += static_cast<char>(n);
  }
  void PutSigned(std::int64_t n) {
    PutCount(static_cast<std::uint64_t>(n) << 1U ^ static_cast<std::uint64_t>(n >> 63));
  }
  // Whole numbers are most of them, and short.
  void PutNumber(double value) {
    constexpr double kMostWhole = 1LL << 53;
    if (value >= 0 && value < kMostWhole && value == std::floor(value) && !std::signbit(value)) {
      PutCount(static_cast<std::uint64_t>(value) << 1U);
      return;
    }
    PutCount(1);
    const auto bits = std::bit_cast<std::uint64_t>(value);
    bytes_.append(reinterpret_cast<const char*>(&bits), sizeof(bits));
  }
  void PutText(std::string_view text) {
    PutCount(text.size());
    bytes_ += text;
  }

  const std::string& bytes() const { return bytes_; }
  std::string Take() { return std::move(bytes_); }
  void Clear() { bytes_.clear(); }

 private:
  template <typename T>
  void Put(T& value) {
    using Plain = std::remove_const_t<T>;
    if constexpr (std::is_enum_v<Plain> || std::is_same_v<Plain, bool>) {
      PutCount(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_unsigned_v<Plain>) {
      PutCount(value);
    } else if constexpr (std::is_integral_v<Plain>) {
      PutSigned(value);
    } else if constexpr (std::is_floating_point_v<Plain>) {
      PutNumber(value);
    } else if constexpr (archive_internal::kIsDuration<Plain>) {
      PutSigned(value.count());
    } else if constexpr (std::is_same_v<Plain, std::string>) {
      PutText(value);
    } else if constexpr (requires { value.Persist(*this); }) {
      value.Persist(*this);
    } else {
      PutCompound(value);
    }
  }

  template <typename T>
  void PutCompound(std::vector<T>& values) {
    PutCount(values.size());
    for (T& value : values) Put(value);
  }
  template <typename T>
  void PutCompound(std::deque<T>& values) {
    PutCount(values.size());
    for (T& value : values) Put(value);
  }
  template <typename T, std::size_t kSize>
  void PutCompound(std::array<T, kSize>& values) {
    for (T& value : values) Put(value);
  }
  template <typename Key, typename T, typename Less>
  void PutCompound(std::map<Key, T, Less>& values) {
    PutCount(values.size());
    for (auto& entry : values) (*this)(entry.first, entry.second);
  }
  template <typename T>
  void PutCompound(std::optional<T>& value) {
    PutCount(value ? 1 : 0);
    if (value) Put(*value);
  }
  template <typename T>
  void PutCompound(std::unique_ptr<T>& value) {
    PutCount(value ? 1 : 0);
    if (value) Put(*value);
  }
  template <typename T>
  void PutCompound(T& aggregate) {
    VisitFields(aggregate, [this](auto&... fields) { (*this)(fields...); });
  }

  std::string bytes_;
};

// Bytes that end too early make it fail; then everything read from there on is worthless.
class ArchiveReader {
 public:
  static constexpr ArchiveMode kMode = ArchiveMode::kRead;

  explicit ArchiveReader(std::string_view bytes) : left_(bytes) {}

  bool failed() const { return failed_; }
  bool at_end() const { return left_.empty(); }
  // For what turns out to be impossible.
  void Fail() {
    failed_ = true;
    left_ = {};
  }

  // Values behind the end stay as they are.
  template <typename... Values>
  void operator()(Values&... values) {
    (Get(values), ...);
  }

  std::uint64_t GetCount() {
    std::uint64_t n = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (left_.empty()) break;
      const auto byte = static_cast<unsigned char>(left_.front());
      left_.remove_prefix(1);
      n |= static_cast<std::uint64_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) return n;
    }
    Fail();
    return 0;
  }
  std::int64_t GetSigned() {
    const std::uint64_t n = GetCount();
    return static_cast<std::int64_t>(n >> 1U ^ (~(n & 1U) + 1));
  }
  double GetNumber() {
    const std::uint64_t n = GetCount();
    if ((n & 1U) == 0) return static_cast<double>(n >> 1U);
    std::uint64_t bits = 0;
    if (left_.size() < sizeof(bits)) Fail();
    if (failed_) return 0;
    std::memcpy(&bits, left_.data(), sizeof(bits));
    left_.remove_prefix(sizeof(bits));
    return std::bit_cast<double>(bits);
  }
  // Belongs to the bytes that are read.
  std::string_view GetText() {
    const std::uint64_t size = GetCount();
    if (size > left_.size()) Fail();
    if (failed_) return {};
    const std::string_view text = left_.substr(0, size);
    left_.remove_prefix(size);
    return text;
  }
  // A number of things, each of which takes a byte at least: never more than are there.
  std::size_t GetSize() {
    const std::uint64_t size = GetCount();
    if (size > left_.size()) Fail();
    return failed_ ? 0 : size;
  }

 private:
  template <typename T>
  void Get(T& value) {
    if (left_.empty()) return;
    if constexpr (std::is_enum_v<T> || std::is_same_v<T, bool> || std::is_unsigned_v<T>) {
      value = static_cast<T>(GetCount());
    } else if constexpr (std::is_integral_v<T>) {
      value = static_cast<T>(GetSigned());
    } else if constexpr (std::is_floating_point_v<T>) {
      value = GetNumber();
    } else if constexpr (archive_internal::kIsDuration<T>) {
      value = T(static_cast<typename T::rep>(GetSigned()));
    } else if constexpr (requires { value.Persist(*this); }) {
      value.Persist(*this);
    } else {
      GetCompound(value);
    }
  }

  void GetCompound(std::string& text) { text = std::string(GetText()); }
  template <typename T>
  void GetCompound(std::vector<T>& values) {
    values.clear();
    values.resize(GetSize());
    for (T& value : values) Get(value);
  }
  template <typename T>
  void GetCompound(std::deque<T>& values) {
    values.clear();
    values.resize(GetSize());
    for (T& value : values) Get(value);
  }
  template <typename T, std::size_t kSize>
  void GetCompound(std::array<T, kSize>& values) {
    for (T& value : values) Get(value);
  }
  template <typename Key, typename T, typename Less>
  void GetCompound(std::map<Key, T, Less>& values) {
    values.clear();
    for (std::size_t left = GetSize(); left > 0; --left) {
      Key key{};
      Get(key);
      Get(values[std::move(key)]);
    }
  }
  template <typename T>
  void GetCompound(std::optional<T>& value) {
    value.reset();
    if (GetCount() != 0) Get(value.emplace());
  }
  template <typename T>
  void GetCompound(std::unique_ptr<T>& value) {
    value.reset();
    if (GetCount() == 0) return;
    value = std::make_unique<T>();
    Get(*value);
  }
  template <typename T>
  void GetCompound(T& aggregate) {
    VisitFields(aggregate, [this](auto&... fields) { (*this)(fields...); });
  }

  std::string_view left_;
  bool failed_ = false;
};

}  // namespace fleet
