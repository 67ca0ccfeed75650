#include "exporter/simulate/simulated_event.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <iterator>

#include "lib/base/text.h"

namespace fleet::simulate {
namespace {

struct AppendContent {
  std::string& out;

  void operator()(double number) const { fmt::format_to(std::back_inserter(out), "{}", number); }
  void operator()(bool flag) const { out += flag ? "true" : "false"; }
  void operator()(const std::string& text) const { AppendJsonString(out, text); }
  void operator()(const NumbersByKey& numbers) const {
    out += '{';
    for (const auto& [key, number] : numbers) {
      if (out.back() != '{') out += ',';
      AppendJsonString(out, key);
      out += ':';
      (*this)(number);
    }
    out += '}';
  }
};

}  // namespace

const EventField* SimulatedEvent::Find(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, &EventField::name);
  return found == fields.end() ? nullptr : &*found;
}

std::string_view SimulatedEvent::Text(std::string_view name) const {
  const EventField* field = Find(name);
  const auto* text = field == nullptr ? nullptr : std::get_if<std::string>(&field->content);
  return text == nullptr ? std::string_view() : *text;
}

double SimulatedEvent::Number(std::string_view name) const {
  const EventField* field = Find(name);
  const auto* number = field == nullptr ? nullptr : std::get_if<double>(&field->content);
  return number == nullptr ? 0 : *number;
}

double SimulatedEvent::Count() const { return Find("count") == nullptr ? 1 : Number("count"); }

std::string PrintTime(UnixMillis time) {
  const auto seconds = static_cast<std::time_t>(time.value / 1000);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), time.value % 1000);
}

std::string ToJsonLine(const SimulatedEvent& event, std::string_view source, std::string_view id) {
  std::string line = R"({"specversion":"1.0","id":)";
  AppendJsonString(line, id);
  line += R"(,"source":)";
  AppendJsonString(line, source);
  fmt::format_to(std::back_inserter(line), R"(,"type":"fleet.{}","time":"{}","data":{{)", event.type,
                 PrintTime(event.time));
  bool first = true;
  for (const EventField& field : event.fields) {
    if (!first) line += ',';
    first = false;
    AppendJsonString(line, field.name);
    line += ':';
    std::visit(AppendContent{line}, field.content);
  }
  line += "}}\n";
  return line;
}

}  // namespace fleet::simulate
