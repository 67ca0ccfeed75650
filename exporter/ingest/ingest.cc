#include "exporter/ingest/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "exporter/ingest/decode.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

// One for each thread: its buffers stay warm from request to request.
Decoder& ThreadDecoder() {
  thread_local Decoder decoder;
  return decoder;
}

std::string_view KindOf(const Event& event) { return event.type->name.substr(0, event.type->name.find('.')); }

IngestReport Failed(IngestReport::Outcome outcome, std::string error) {
  IngestReport report;
  report.outcome = outcome;
  report.error = std::move(error);
  return report;
}

// Why the sender may not say that; empty when it may.
std::string OutOfScope(const Event& event, const SenderScope& scope) {
  if (!scope.sources.empty() && !event.source.empty() && !SenderScope::Allows(scope.sources, event.source)) {
    return "source: not one of this sender's";
  }
  if (event.Has(Field::kWorkerType) &&
      !SenderScope::Allows(scope.worker_types, event.Text(Field::kWorkerType))) {
    return "data.worker_type: not one of this sender's";
  }
  for (const Field id : {Field::kWorkerId, Field::kRunnerId, Field::kSandboxId}) {
    if (event.Has(id) && !SenderScope::AllowsPrefix(scope.id_prefixes, event.Text(id))) {
      return fmt::format("data.{}: not one of this sender's", Definition(id).name);
    }
  }
  return {};
}

// Moves what is out of scope from the events to the refused, before anything is made of it.
void DropForbidden(DecodedBody& decoded, const SenderScope& scope) {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < decoded.events.size(); ++i) {
    std::string why = OutOfScope(decoded.events[i], scope);
    if (!why.empty()) {
      decoded.refused.push_back(
          {decoded.places[i], KindOf(decoded.events[i]), {"forbidden", std::move(why)}});
      continue;
    }
    if (kept != i) {
      decoded.events[kept] = decoded.events[i];
      decoded.places[kept] = decoded.places[i];
    }
    ++kept;
  }
  decoded.events.resize(kept);
  decoded.places.resize(kept);
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

IngestReport Ingest::Accept(BodyFormat format, std::string_view body, const SenderScope* scope) {
  if (body.size() > limits_.max_plain_bytes) {
    return Failed(IngestReport::Outcome::kTooLarge,
                  fmt::format("the body is larger than {} bytes", limits_.max_plain_bytes));
  }
  const UnixMillis now = clock_->Now();
  Decoder& decoder = ThreadDecoder();
  IngestReport report = Process(decoder.Decode(format, body, limits_, now), now, scope);
  decoder.ReleaseLargeBuffers();
  return report;
}

IngestReport Ingest::AcceptHeartbeat(std::string_view worker_type, std::string_view worker_id,
                                     std::string_view body, const SenderScope* scope) {
  const UnixMillis now = clock_->Now();
  DecodedBody* decoded = nullptr;
  if (worker_type == "runner") {
    const GivenText given[] = {{Field::kRunnerId, worker_id}, {Field::kPool, "default", /*is_default=*/true}};
    decoded = &ThreadDecoder().DecodeData(*FindEventType("runner.heartbeat"), given, body, limits_, now);
  } else {
    const GivenText given[] = {{Field::kWorkerId, worker_id}, {Field::kWorkerType, worker_type}};
    decoded = &ThreadDecoder().DecodeData(*FindEventType("worker.heartbeat"), given, body, limits_, now);
  }
  return Process(*decoded, now, scope);
}

IngestReport Ingest::Process(DecodedBody& decoded, UnixMillis now, const SenderScope* scope) {
  if (decoded.failure != DecodedBody::Failure::kNone) {
    const bool too_large = decoded.failure == DecodedBody::Failure::kTooLarge;
    observer_->Rejected(too_large ? "too_large" : "malformed");
    return Failed(too_large ? IngestReport::Outcome::kTooLarge : IngestReport::Outcome::kMalformed,
                  std::move(decoded.error));
  }
  if (scope != nullptr && scope->bound()) DropForbidden(decoded, *scope);
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
