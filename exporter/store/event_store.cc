#include "exporter/store/event_store.h"

#include <set>
#include <utility>

namespace fleet {

// The events whose fate is open: at first all, then those that another request has.
struct EventStore::Round {
  std::vector<std::size_t> open;
  std::set<SeenIds::Ticket> owners;
  Batch batch;
  std::size_t duplicates = 0;
};

// Sorts the open events: new ones into the batch, those of others stay open.
void EventStore::ClaimNew(std::span<const Event> events, SeenIds::Ticket ticket, Round& round) {
  const std::vector<std::size_t> places = std::exchange(round.open, {});
  std::vector<const Event*> open;
  open.reserve(places.size());
  for (const std::size_t place : places) open.push_back(&events[place]);
  const std::vector<SeenIds::Claim> claims = seen_.ClaimAll(ticket, open, round.batch.received);
  round.owners.clear();
  round.batch.events.clear();
  round.batch.places.clear();
  for (std::size_t i = 0; i < claims.size(); ++i) {
    switch (claims[i].kind) {
      case SeenIds::Claim::Kind::kNew:
        round.batch.events.push_back(open[i]);
        round.batch.places.push_back(places[i]);
        break;
      case SeenIds::Claim::Kind::kPending:
        round.open.push_back(places[i]);
        round.owners.insert(claims[i].owner);
        break;
      case SeenIds::Claim::Kind::kDuplicate:
        ++round.duplicates;
        break;
    }
  }
}

tl::expected<std::size_t, StoreFailure> EventStore::Take(std::span<const Event> events, UnixMillis received,
                                                         const Apply& apply) {
  Round round;
  round.batch.received = received;
  round.batch.apply = &apply;
  for (std::size_t i = 0; i < events.size(); ++i) round.open.push_back(i);
  while (!round.open.empty()) {
    const SeenIds::Ticket ticket = seen_.Begin();
    ClaimNew(events, ticket, round);
    tl::expected<void, StoreFailure> committed;
    if (!round.batch.events.empty()) committed = Commit(round.batch);
    if (!committed) {
      for (const Event* event : round.batch.events) {
        if (!event->id.empty()) seen_.Release(seen_.IdOf(*event));
      }
    }
    seen_.Finish(ticket);
    if (!committed) return tl::make_unexpected(committed.error());
    // An answer "duplicate" promises that the event is durable: wait for whoever has it.
    seen_.Await(round.owners);
  }
  return round.duplicates;
}

}  // namespace fleet
