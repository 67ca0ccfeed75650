#include "exporter/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "exporter/ingest/decode.h"

namespace fleet {
namespace {

// One for each thread: its buffers stay warm from request to request.
Decoder& ThreadDecoder() {
  thread_local Decoder decoder;
  return decoder;
}

std::string_view KindOf(const Event& event) { return event.type->name.substr(0, event.type->name.find('.')); }

void AppendJsonString(std::string& json, std::string_view text) {
  json += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      json += fmt::format("\\u{:04x}", c);
    } else {
      json += c;
    }
  }
  json += '"';
}

IngestReport Failed(IngestReport::Outcome outcome, std::string error) {
  IngestReport report;
  report.outcome = outcome;
  report.error = std::move(error);
  return report;
}

void List(std::vector<RefusedElement>& refused, IngestReport& report) {
  std::ranges::sort(refused, {}, &RefusedElement::index);
  report.rejected_total = refused.size();
  for (RefusedElement& element : refused) {
    if (report.rejected.size() == IngestReport::kMostListed) return;
    report.rejected.push_back({element.index, std::move(element.refusal.text)});
  }
}

}  // namespace

std::string IngestReport::ToJson() const {
  std::string json;
  if (!error.empty()) {
    json = "{\"error\":";
    AppendJsonString(json, error);
    return json + "}";
  }
  json = fmt::format("{{\"accepted\":{},\"duplicates\":{},\"rejected\":[", accepted, duplicates);
  for (const RejectedEvent& event : rejected) {
    if (json.back() == '}') json += ',';
    json += fmt::format("{{\"index\":{},\"reason\":", event.index);
    AppendJsonString(json, event.reason);
    json += '}';
  }
  json += ']';
  if (rejected_total > rejected.size()) json += fmt::format(",\"rejected_total\":{}", rejected_total);
  return json + "}";
}

Ingest::Ingest(Fleet& fleet, EventStore& store, const Clock& clock, const IngestLimits& limits,
               IngestObserver& observer)
    : fleet_(&fleet), store_(&store), clock_(&clock), limits_(limits), observer_(&observer) {}

IngestReport Ingest::Accept(BodyFormat format, std::string_view body) {
  if (body.size() > limits_.max_plain_bytes) {
    return Failed(IngestReport::Outcome::kTooLarge,
                  fmt::format("the body is larger than {} bytes", limits_.max_plain_bytes));
  }
  const UnixMillis now = clock_->Now();
  return Process(ThreadDecoder().Decode(format, body, limits_, now), now);
}

IngestReport Ingest::AcceptHeartbeat(std::string_view worker_type, std::string_view worker_id,
                                     std::string_view body) {
  const UnixMillis now = clock_->Now();
  DecodedBody* decoded = nullptr;
  if (worker_type == "runner") {
    const GivenText given[] = {{Field::kRunnerId, worker_id}, {Field::kPool, "default", /*is_default=*/true}};
    decoded = &ThreadDecoder().DecodeData(*FindEventType("runner.heartbeat"), given, body, limits_, now);
  } else {
    const GivenText given[] = {{Field::kWorkerId, worker_id}, {Field::kWorkerType, worker_type}};
    decoded = &ThreadDecoder().DecodeData(*FindEventType("worker.heartbeat"), given, body, limits_, now);
  }
  return Process(*decoded, now);
}

IngestReport Ingest::Process(DecodedBody& decoded, UnixMillis now) {
  if (decoded.failure != DecodedBody::Failure::kNone) {
    const bool too_large = decoded.failure == DecodedBody::Failure::kTooLarge;
    observer_->Rejected(too_large ? "too_large" : "malformed");
    return Failed(too_large ? IngestReport::Outcome::kTooLarge : IngestReport::Outcome::kMalformed,
                  std::move(decoded.error));
  }
  Observe(decoded);
  std::vector<RefusedElement> refused;
  const auto apply = [&](std::size_t place) {
    const Event& event = decoded.events[place];
    Refused refusal = fleet_->Apply(event, now);
    if (refusal) refused.push_back({decoded.places[place], KindOf(event), std::move(*refusal)});
    return !refusal;
  };
  const auto taken = store_->Take(decoded.events, now, apply);
  if (!taken) {
    const bool busy = taken.error().kind == StoreFailure::Kind::kBusy;
    return Failed(busy ? IngestReport::Outcome::kBusy : IngestReport::Outcome::kUnavailable,
                  taken.error().message);
  }
  IngestReport report;
  report.duplicates = *taken;
  if (*taken > 0) observer_->Deduplicated(*taken);
  report.accepted = decoded.events.size() - *taken - refused.size();
  std::ranges::move(refused, std::back_inserter(decoded.refused));
  for (const RefusedElement& element : decoded.refused) observer_->Rejected(element.refusal.reason);
  List(decoded.refused, report);
  if (report.rejected_total > 0 && report.accepted + report.duplicates == 0) {
    report.outcome = IngestReport::Outcome::kMalformed;
  }
  return report;
}

void Ingest::Observe(const DecodedBody& decoded) {
  std::map<std::string_view, std::size_t> kinds;
  for (const Event& event : decoded.events) ++kinds[KindOf(event)];
  for (const RefusedElement& element : decoded.refused) ++kinds[element.kind];
  for (const auto& [kind, events] : kinds) observer_->Received(kind, events);
}

}  // namespace fleet
