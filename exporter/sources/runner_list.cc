#include "exporter/sources/runner_list.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>

#include "exporter/sources/loose_time.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

constexpr std::string_view kItself = ".";

// What APIs call it -> what the fleet does. Empty: whether it is busy says another field.
struct KnownState {
  std::string_view theirs, ours;
};
constexpr KnownState kKnownStates[] = {
    {"idle", "idle"},
    {"busy", "busy"},
    {"draining", "draining"},
    {"offline", "offline"},
    {"online", ""},
    {"active", ""},
    {"connected", ""},
    {"healthy", ""},
    {"ready", "idle"},
    {"available", "idle"},
    {"running", "busy"},
    {"paused", "draining"},
    {"stopping", "draining"},
    {"cordoned", "draining"},
    {"stale", "offline"},
    {"dead", "offline"},
    {"lost", "offline"},
    {"down", "offline"},
    {"disconnected", "offline"},
    {"never_contacted", "offline"},
    {"unhealthy", "offline"},
    {"stopped", "offline"},
};

std::optional<element> At(const element& from, std::string_view path) {
  if (path == kItself) return from;
  element at = from;
  for (const std::string_view name : Split(path, '.')) {
    if (at.type() != element_type::OBJECT || at.at_key(name).get(at) != simdjson::SUCCESS)
      return std::nullopt;
  }
  if (at.is_null()) return std::nullopt;
  return at;
}

class Reader {
 public:
  Reader(const element& from, const RunnerMapping& mapping) : from_(from), mapping_(&mapping) {}

  std::optional<element> Find(std::string_view field) const {
    const auto paths = mapping_->fields.find(field);
    if (paths == mapping_->fields.end()) return std::nullopt;
    for (const std::string_view path : Split(paths->second, ' ')) {
      if (path.empty()) continue;
      if (const auto found = At(from_, path)) return found;
    }
    return std::nullopt;
  }

  std::string Text(std::string_view field) const {
    const auto found = Find(field);
    if (!found) return "";
    std::string_view text;
    if (found->get(text) == simdjson::SUCCESS) return std::string(text);
    std::int64_t number = 0;
    if (found->get(number) == simdjson::SUCCESS) return std::to_string(number);
    return "";
  }

  std::optional<double> Number(std::string_view field) const {
    const auto found = Find(field);
    double number = 0;
    if (!found || found->get(number) != simdjson::SUCCESS) return std::nullopt;
    return number;
  }

  std::optional<UnixMillis> Time(std::string_view field) const {
    if (const auto number = Number(field)) return FromUnixTime(*number);
    return ParseLooseTime(Text(field));
  }

  // true, or anything there that is not false: a job.
  bool Truth(std::string_view field) const {
    const auto found = Find(field);
    bool truth = false;
    if (!found) return false;
    return found->get(truth) != simdjson::SUCCESS || truth;
  }

 private:
  element from_;
  const RunnerMapping* mapping_;
};

// Nothing when nobody knows what it means.
std::optional<std::string> StateOf(const Reader& reader, const RunnerMapping& mapping) {
  std::string theirs = reader.Text("state");
  std::ranges::transform(theirs, theirs.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  std::string ours;
  if (const auto mapped = mapping.states.find(theirs); mapped != mapping.states.end()) {
    ours = mapped->second;
  } else if (!theirs.empty()) {
    const auto* const known = std::ranges::find(kKnownStates, theirs, &KnownState::theirs);
    if (known == std::end(kKnownStates)) return std::nullopt;
    ours = known->ours;
  }
  if ((ours.empty() || ours == "idle") && reader.Truth("busy")) return "busy";
  return ours;
}

void Note(RunnerList& list, std::string_view why) {
  if (list.unusable++ == 0) list.example = std::string(why);
}

void ReadRunner(const element& from, const RunnerMapping& mapping, RunnerList& list) {
  const Reader reader(from, mapping);
  ListedRunner runner;
  runner.id = reader.Text("id");
  if (runner.id.empty()) return Note(list, "a runner has no id");
  const auto state = StateOf(reader, mapping);
  if (!state)
    Note(list, fmt::format("nobody knows the state '{}'", Printable(reader.Text("state").substr(0, 40))));
  runner.state = state.value_or("");
  runner.pool = reader.Text("pool");
  runner.version = reader.Text("version");
  runner.os = reader.Text("os");
  runner.heartbeat = reader.Time("heartbeat");
  if (!runner.heartbeat && reader.Find("heartbeat")) Note(list, "a heartbeat is no time");
  runner.slots = reader.Number("slots");
  runner.slots_used = reader.Number("slots_used");
  runner.active_runs = reader.Number("active_runs");
  list.runners.push_back(std::move(runner));
}

}  // namespace

class RunnerListParser::Impl {
 public:
  simdjson::dom::parser parser;
};

RunnerListParser::RunnerListParser() : impl_(std::make_unique<Impl>()) {}
RunnerListParser::~RunnerListParser() = default;

Result<RunnerList> RunnerListParser::Parse(std::string_view json, const RunnerMapping& mapping,
                                           std::size_t most) {
  element root;
  if (const auto error = impl_->parser.parse(json.data(), json.size()).get(root)) {
    return Fail(fmt::format("the answer is no JSON: {}", simdjson::error_message(error)));
  }
  const auto found = Reader(root, mapping).Find("list");
  simdjson::dom::array items;
  if (!found || found->get(items) != simdjson::SUCCESS) {
    const auto path = mapping.fields.find("list");
    return Fail(
        fmt::format("the answer has no list at '{}'", path == mapping.fields.end() ? "" : path->second));
  }
  RunnerList list;
  for (const element item : items) {
    if (list.runners.size() == most) {
      list.complete = false;
      break;
    }
    ReadRunner(item, mapping, list);
  }
  return list;
}

}  // namespace fleet
