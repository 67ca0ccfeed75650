// There and back: a name that a sender chose, on the page, read by a parser, is that name.
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "exporter/exposition/openmetrics.h"
#include "exporter/exposition/text_format.h"
#include "exporter/fleet/fleet.h"
#include "lib/base/text.h"

namespace {

constexpr fleet::UnixMillis kNow{1'790'000'000'000};

void Require(bool holds) {
  if (!holds) std::abort();
}

// The value of a label, from behind its quote to behind the closing one.
std::string TakeValue(std::string_view& line) {
  std::string value;
  while (true) {
    Require(!line.empty() && line.front() != '\n');
    char c = line.front();
    line.remove_prefix(1);
    if (c == '"') return value;
    if (c == '\\') {
      const std::size_t kind = std::string_view("\\\"n").find(line.front());
      Require(kind != std::string_view::npos);
      c = "\\\"\n"[kind];
      line.remove_prefix(1);
    }
    value += c;
  }
}

// Reads every sample of a page; the worker_id of the first that has one.
std::optional<std::string> ReadPage(std::string_view page) {
  std::optional<std::string> found;
  for (std::string_view line : fleet::Split(page, '\n')) {
    if (line.empty() || line.starts_with('#')) continue;
    line.remove_prefix(std::min(line.find_first_of("{ "), line.size()));
    Require(!line.empty());
    while (line.front() == '{' || line.front() == ',') {
      const std::size_t equal = line.find("=\"");
      Require(equal != std::string_view::npos);
      const std::string_view label = line.substr(1, equal - 1);
      line.remove_prefix(equal + 2);
      const std::string value = TakeValue(line);
      Require(fleet::IsValidUtf8(value));
      if (label == "worker_id" && !found) found = value;
      Require(!line.empty());
    }
    Require(line.front() == '}' || line.front() == ' ');
    Require(line.find_first_of("0123456789+N") != std::string_view::npos);
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view name(reinterpret_cast<const char*>(data), size);
  fleet::Fleet fleet("fleet", {});
  fleet::Event event;
  event.type = fleet::FindEventType("worker.heartbeat");
  event.time = kNow;
  event.Add({fleet::Field::kWorkerId, name});
  event.Add({fleet::Field::kWorkerType, "sandbox"});
  event.Add({fleet::Field::kHost, name});
  // The decoder lets nothing else through.
  if (name.empty() || name.size() > 128 || !fleet::IsValidUtf8(name) || fleet::HasControlCharacter(name))
    return 0;
  if (fleet.Apply(event, kNow)) return 0;
  fleet::Snapshot snapshot;
  fleet.Collect(kNow, snapshot);
  for (const auto render : {fleet::RenderText, fleet::RenderOpenMetrics}) {
    std::string page;
    render(snapshot, [&](std::string_view bytes) { return page += bytes, true; });
    Require(ReadPage(page) == std::string(name));
  }
  return 0;
}
