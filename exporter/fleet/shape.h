// The form of a value in an archive, as a text: what was written in one form cannot be read in another.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>

#include "exporter/fleet/archive.h"

namespace fleet {

// b i e d s: truth, whole number, enumerator, number, text. <...> an aggregate, {...} an entity of a
// table, [x] a list, m map, ? optional.
class ArchiveShape {
 public:
  static constexpr ArchiveMode kMode = ArchiveMode::kDescribe;

  template <typename... Values>
  void operator()(Values&... values) {
    (Describe(values), ...);
  }

  // What a table holds.
  template <typename Entity>
  void Entities() {
    Entity entity{};
    text_ += '{';
    if constexpr (std::is_aggregate_v<Entity>) {
      VisitFields(entity, [this](auto&... fields) { (*this)(fields...); });
    } else {
      Describe(entity);
    }
    text_ += '}';
  }

  const std::string& text() const { return text_; }

 private:
  template <typename T>
  void Describe(T& value) {
    if constexpr (std::is_same_v<T, bool>) {
      text_ += 'b';
    } else if constexpr (std::is_enum_v<T>) {
      text_ += 'e';
    } else if constexpr (std::is_integral_v<T> || archive_internal::kIsDuration<T>) {
      text_ += 'i';
    } else if constexpr (std::is_floating_point_v<T>) {
      text_ += 'd';
    } else if constexpr (requires { value.Persist(*this); }) {
      value.Persist(*this);
    } else {
      DescribeCompound(value);
    }
  }

  void DescribeCompound(std::string&) { text_ += 's'; }
  template <typename T>
  void DescribeCompound(std::vector<T>&) {
    DescribeList<T>();
  }
  template <typename T>
  void DescribeCompound(std::deque<T>&) {
    DescribeList<T>();
  }
  template <typename T, std::size_t kSize>
  void DescribeCompound(std::array<T, kSize>&) {
    text_ += std::to_string(kSize);
    DescribeList<T>();
  }
  template <typename Key, typename T, typename Less>
  void DescribeCompound(std::map<Key, T, Less>&) {
    text_ += 'm';
    DescribeList<Key>();
    DescribeList<T>();
  }
  template <typename T>
  void DescribeCompound(std::optional<T>&) {
    text_ += '?';
    DescribeList<T>();
  }
  template <typename T>
  void DescribeCompound(std::unique_ptr<T>&) {
    text_ += '?';
    DescribeList<T>();
  }
  template <typename T>
  void DescribeCompound(T& aggregate) {
    text_ += '<';
    VisitFields(aggregate, [this](auto&... fields) { (*this)(fields...); });
    text_ += '>';
  }

  template <typename T>
  void DescribeList() {
    T value{};
    text_ += '[';
    Describe(value);
    text_ += ']';
  }

  std::string text_;
};

template <typename T>
std::string ShapeOf(T& value) {
  ArchiveShape shape;
  shape(value);
  return shape.text();
}

// Whether what was written as `written` can be read as `read`: equal, but for fields that entities of
// tables have got at their end.
bool CanRead(std::string_view written, std::string_view read);

}  // namespace fleet
