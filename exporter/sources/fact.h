// What a source read, in the words of the event vocabulary. A source lies as easily as a sender does:
// every value passes the same limits before the fleet sees it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/fleet/event.h"
#include "lib/base/clock.h"

namespace fleet {

class Fact {
 public:
  // `type` is one of the vocabulary, without prefix. The texts must live until the fact is reported.
  Fact(std::string_view type, UnixMillis at);

  // Each leaves the field out when there is no value, or none that can be used: a number that is not
  // finite, negative or beyond 1e15, a text that is too long, not UTF-8 or has control characters.
  Fact& Text(Field field, std::string_view text);
  Fact& Number(Field field, std::optional<double> number);
  Fact& Number(Field field, std::string_view key, double number);
  Fact& Text(Field field, std::string_view key, std::string_view text);
  Fact& Bool(Field field, std::optional<bool> value);
  Fact& Time(Field field, std::optional<UnixMillis> time);
  // Measured from outside: no sign of life, and no increment.
  Fact& Observed() {
    event_.observed = true;
    return *this;
  }
  // Perhaps told before a restart.
  Fact& Retold() {
    event_.retold = true;
    return *this;
  }
  // That many equal ones.
  Fact& Count(double count);

  const Event& event() const { return event_; }
  // What is missing or could not be used; empty when nothing.
  const std::string& problem() const { return problem_; }
  // True when all required fields are there.
  bool complete() const;

 private:
  bool CanUse(Field field, std::string_view text);
  void Put(const FieldValue& value);
  void Refuse(Field field, std::string_view why);

  Event event_;
  std::string problem_;
};

class FactSink {
 public:
  virtual ~FactSink() = default;
  // Takes incomplete facts, too: to count them.
  virtual void Report(const Fact& fact) = 0;
  // That much was read and could not even become a fact; why the first could not.
  virtual void Unusable(std::size_t count, const std::string& example) = 0;
  // Ids of the sandboxes of a type that were observed, perhaps before a restart, and have not ended.
  virtual std::vector<std::string> ObservedSandboxes(std::string_view) { return {}; }
};

}  // namespace fleet
