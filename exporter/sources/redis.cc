#include "exporter/sources/redis.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "exporter/sources/redis_client.h"
#include "exporter/sources/redis_presets.h"
#include "lib/base/text.h"

namespace fleet {
namespace {

using source_keys::Texts;

struct RedisOptions : SourceOptions {
  std::string address = "127.0.0.1:6379";
  std::string username;
  std::string password_file;
  std::int64_t database = 0;
  bool tls = false;
  TlsOptions tls_options;
  std::string preset;
  std::string broker;
  std::string prefix;
  std::string shared_queue;
  std::string scores = "none";
  Texts queues;
  std::string match = "*";
  std::int64_t max_queues = 100;
};

constexpr std::string_view kScores[] = {"none", "seconds", "milliseconds"};

// clang-format 14 takes the lambdas for functions.
// clang-format off
using O = RedisOptions;
constexpr SourceKey kKeys[] = {
    source_keys::Text<O, [](auto& o) -> auto& { return o.address; }>(
        {"address", "`HOST:PORT`, `[IPV6]:PORT` or `unix:/PATH`"}),
    source_keys::Choice<O, [](auto& o) -> auto& { return o.preset; }, kRedisPresets>(
        {"preset", "What keeps its queues there: `bullmq`, `celery`, `sidekiq`, `rq`, `streams`, `list` "
                   "or `zset`", true}),
    source_keys::List<O, [](auto& o) -> auto& { return o.queues; }>(
        {"queues", "Names of the queues; without them they are looked for"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.match; }>(
        {"match", "Pattern of the names that are looked for, as in `KEYS`; the presets `list` and `zset` "
                  "take only queues that are named or match something narrower than `*`"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_queues; }, 1, 10'000>(
        {"max_queues", "Most queues, named or found; the label `queue` has room for 100"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.prefix; }>(
        {"prefix", "What keys begin with: for `bullmq` by default `bull`, for `rq` `rq`, else nothing"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.shared_queue; }>(
        {"shared_queue", "Queue under which is shown what belongs to all of them; by default the preset's "
                         "name"}),
    source_keys::Choice<O, [](auto& o) -> auto& { return o.scores; }, kScores>(
        {"scores", "Scores of the preset `zset`: `none`, or times at which messages are due, in `seconds` "
                   "or `milliseconds`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.broker; }>(
        {"broker", "Its name in `fleet_broker_up{broker}` and `fleet_component_*{component}`; by default "
                   "the source's"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.database; }, 0, 1'000'000>(
        {"database", "Number of the database"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.username; }>(
        {"username", "ACL user, with `password_file`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.password_file; }>(
        {"password_file", "File with the password"}),
    source_keys::Switch<O, [](auto& o) -> auto& { return o.tls; }>(
        {"tls", "`true`: over TLS, 1.2 at least"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.tls_options.ca_file; }>(
        {"ca_file", "PEM file of the authorities that may sign its certificate; by default the system's"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.tls_options.server_name; }>(
        {"server_name", "Name that must be in its certificate; by default the host of `address`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.tls_options.cert_file; }>(
        {"client_cert_file", "PEM file of a client certificate, with `client_key_file`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.tls_options.key_file; }>(
        {"client_key_file", "PEM file of its key"}),
};
// clang-format on

std::optional<SourceType::Problem> Check(const SourceOptions& options) {
  const auto& o = static_cast<const RedisOptions&>(options);
  if (!o.username.empty() && o.password_file.empty()) {
    return SourceType::Problem{"username", "'username' needs 'password_file'"};
  }
  if (o.tls_options.cert_file.empty() != o.tls_options.key_file.empty()) {
    return SourceType::Problem{"client_cert_file", "'client_cert_file' and 'client_key_file' go together"};
  }
  const bool plain = o.preset == "list" || o.preset == "zset";
  if (plain && o.queues.empty() && o.match == "*") {
    return SourceType::Problem{"preset", "the presets list and zset need 'queues' or a 'match'"};
  }
  return std::nullopt;
}

RedisClientOptions ClientOf(const RedisOptions& options) {
  RedisClientOptions client;
  client.address = options.address;
  client.username = options.username;
  client.password_file = options.password_file;
  if (options.database != 0) client.database = std::to_string(options.database);
  if (options.tls) client.tls = options.tls_options;
  return client;
}

// "redis_version:7.0.15" among the lines of INFO.
std::string_view InfoOf(std::string_view info, std::string_view name) {
  for (const std::string_view line : Split(info, '\n')) {
    if (line.starts_with(name) && line.substr(name.size()).starts_with(':')) {
      return Trim(line.substr(name.size() + 1));
    }
  }
  return "";
}

class Redis final : public Source {
 public:
  Redis(const RedisOptions& options, const std::string& name)
      : options_(options),
        preset_(FindRedisPreset(options.preset)),
        client_(ClientOf(options)),
        broker_(options.broker.empty() ? name : options.broker) {
    layout_.prefix = options.prefix.empty() ? std::string(preset_->prefix) : options.prefix;
    layout_.shared_queue =
        options.shared_queue.empty() ? std::string(preset_->shared_queue) : options.shared_queue;
    layout_.scores = options.scores;
    queues_.insert(options.queues.begin(), options.queues.end());
  }

  Result<void> Read(const SourceRun& run) override {
    layout_.now = run.clock.Now();
    answers_ = false;
    Result<void> read = ReadAll(run);
    // Depths of a broker that does not answer are not known: the last ones would be acted upon.
    if (!read && !answers_) Forget({}, run.facts);
    return read;
  }

  void ReportDown(FactSink& facts, UnixMillis now) const override {
    if (answers_) return;
    facts.Report(Fact("broker.state", now).Text(Field::kBroker, broker_).Bool(Field::kUp, false));
    facts.Report(Fact("component.state", now).Text(Field::kComponent, broker_).Bool(Field::kUp, false));
  }

 private:
  // One round trip; when queues are looked for, some more in the beginning, until all keys have been seen.
  Result<void> ReadAll(const SourceRun& run) {
    if (options_.queues.empty() && !searched_) {
      constexpr int kMostSteps = 20;
      for (int step = 0; step < kMostSteps && !searched_; ++step) {
        const auto found = client_.Pipeline({Discovery()}, run.deadline);
        if (!found) return tl::make_unexpected(found.error());
        if (const auto learnt = Discover(found->front(), run.facts); !learnt) return learnt;
      }
    }
    std::vector<RedisCommand> commands = {{"INFO", "server"}, {"INFO", "memory"}};
    if (options_.queues.empty()) commands.push_back(Discovery());
    const std::size_t shared = commands.size();
    if (preset_->ask_shared != nullptr) Append(preset_->ask_shared(layout_), commands);
    const std::vector<std::string> queues(queues_.begin(), queues_.end());
    std::vector<std::size_t> places;
    for (const std::string& queue : queues) {
      places.push_back(commands.size());
      Append(preset_->ask(layout_, queue, memory_), commands);
    }
    const auto replies = client_.Pipeline(commands, run.deadline);
    if (!replies) return tl::make_unexpected(replies.error());
    answers_ = true;
    ReportBroker((*replies)[0], (*replies)[1], run.facts);
    std::vector<QueueFacts> all;  // the shared one comes first
    const std::span<const RedisReply> span(*replies);
    places.push_back(commands.size());
    if (preset_->ask_shared != nullptr)
      all = preset_->read_shared(layout_, span.subspan(shared, places[0] - shared));
    for (std::size_t i = 0; i < queues.size(); ++i) {
      auto facts =
          preset_->read(layout_, queues[i], span.subspan(places[i], places[i + 1] - places[i]), memory_);
      for (QueueFacts& queue : facts) Merge(std::move(queue), all);
    }
    ReportQueues(all, run.facts);
    if (options_.queues.empty()) {
      if (const auto learnt = Discover((*replies)[2], run.facts); !learnt) return learnt;
    }
    return FirstError(span);
  }

  static void Append(const std::vector<RedisCommand>& more, std::vector<RedisCommand>& commands) {
    commands.insert(commands.end(), more.begin(), more.end());
  }

  // The shared queue may be a real one, too.
  static void Merge(QueueFacts facts, std::vector<QueueFacts>& all) {
    const auto same = all.begin();
    if (same == all.end() || same->queue != facts.queue) return all.push_back(std::move(facts));
    const auto take = [](auto& to, const auto& from) {
      if (from) to = from;
    };
    take(same->depth, facts.depth);
    take(same->in_flight, facts.in_flight);
    take(same->delayed, facts.delayed);
    take(same->dead_letter, facts.dead_letter);
    take(same->consumers, facts.consumers);
    take(same->oldest, facts.oldest);
  }

  // A key of another type, a command the user may not run. Older servers know no SORT_RO: then there are
  // no times, which is no failure.
  static Result<void> FirstError(std::span<const RedisReply> replies) {
    for (const RedisReply& reply : replies) {
      if (!reply.is_error() || reply.text.find("unknown command") != std::string::npos) continue;
      if (reply.text.find("no such key") != std::string::npos) continue;
      return Fail(Printable(reply.text.substr(0, 200)));
    }
    return {};
  }

  void ReportBroker(const RedisReply& server, const RedisReply& memory, FactSink& facts) const {
    facts.Report(Fact("broker.state", layout_.now).Text(Field::kBroker, broker_).Bool(Field::kUp, true));
    Fact component("component.state", layout_.now);
    component.Text(Field::kComponent, broker_).Bool(Field::kUp, true);
    component.Text(Field::kVersion, InfoOf(server.text, "redis_version"));
    RedisReply used;
    used.kind = RedisReply::Kind::kText;
    used.text = InfoOf(memory.text, "used_memory");
    facts.Report(component.Number(Field::kMemoryBytes, used.Number()));
  }

  void ReportQueues(const std::vector<QueueFacts>& all, FactSink& facts) {
    std::set<std::string, std::less<>> shown;
    for (const QueueFacts& queue : all) {
      shown.insert(queue.queue);
      facts.Report(Fact("queue.state", layout_.now)
                       .Text(Field::kQueue, queue.queue)
                       .Number(Field::kDepth, queue.depth)
                       .Number(Field::kInFlight, queue.in_flight)
                       .Number(Field::kDelayed, queue.delayed)
                       .Number(Field::kDeadLetter, queue.dead_letter)
                       .Number(Field::kConsumers, queue.consumers)
                       .Time(Field::kOldestTime, queue.oldest));
    }
    Forget(shown, facts);
  }

  // Queues shown before and not among those `shown` now.
  void Forget(const std::set<std::string, std::less<>>& shown, FactSink& facts) {
    for (const std::string& queue : shown_) {
      if (!shown.contains(queue)) facts.Report(Fact("queue.removed", layout_.now).Text(Field::kQueue, queue));
    }
    shown_ = shown;
  }

  RedisCommand Discovery() const { return preset_->discover(layout_, cursor_, options_.match); }

  // A step of the search. When all keys have been seen, those not found any more are gone.
  Result<void> Discover(const RedisReply& reply, FactSink& facts) {
    if (reply.is_error()) return Fail(Printable(reply.text.substr(0, 200)));
    if (reply.items.size() != 2) return Fail("the answer to SCAN is none");
    for (const RedisReply& found : reply.items[1].items) {
      const std::string queue = preset_->queue_of(layout_, found.text);
      if (queue.empty()) continue;
      const bool has_room =
          std::max(queues_.size(), found_.size()) < static_cast<std::size_t>(options_.max_queues);
      if (has_room || queues_.contains(queue)) {
        queues_.insert(queue);
        found_.insert(queue);
      } else {
        facts.Unusable(1, fmt::format("there are more than {} queues", options_.max_queues));
      }
    }
    cursor_ = reply.items[0].text;
    if (cursor_ != "0") return {};
    searched_ = true;
    queues_ = std::exchange(found_, {});
    return {};
  }

  RedisOptions options_;
  const RedisPreset* preset_;
  RedisClient client_;
  std::string broker_;
  std::atomic<bool> answers_ = false;  // in the read that runs or ran last
  RedisLayout layout_;
  RedisMemory memory_;
  std::set<std::string> queues_;
  std::set<std::string> found_;  // in the search that is under way
  std::string cursor_ = "0";
  bool searched_ = false;  // once
  std::set<std::string, std::less<>> shown_;
};

constexpr char kNotes[] =
    R"(All commands of a read are one pipeline, over one connection that is kept. Queues that are looked for are found
with `SCAN` or `SSCAN`, 1000 keys a read, in the first read up to 20,000; queues that are gone lose their series,
and so do all of them while Redis does not answer. Where a layout comes from:

| preset | layout, from | depth | in flight | delayed | dead letters | oldest | consumers |
|---|---|---|---|---|---|---|---|
| `bullmq` | `bull:QUEUE:wait`, `:active`, ..., BullMQ's documentation and Lua scripts | wait, paused, prioritized | active | delayed | failed | `timestamp` of the last of `wait` | |
| `celery` | lists by queue and priority, `unacked`, kombu's Redis transport | all priorities | `unacked`, of all queues | | | | |
| `sidekiq` | `queues`, `queue:NAME`, `schedule`, ..., Sidekiq's wiki and source | queue | `busy` of all processes | schedule and retry, of all queues | dead, of all queues | `enqueued_at` | living processes |
| `rq` | `rq:queues`, `rq:queue:NAME`, registries, RQ's documentation and source | queue | wip | scheduled and deferred | failed | `enqueued_at` | living workers |
| `streams` | `XINFO GROUPS`, redis.io; a queue is `STREAM/GROUP` | lag | pending | | | id of the first not delivered, from the second read on | consumers |
| `list` | a list | length | | | | | |
| `zset` | a sorted set | members, with `scores` those due | | with `scores` those not due | | with `scores` the first due | |

Oldest messages of `bullmq` and `rq`, and to tell living processes from killed ones, need `SORT_RO` (Redis 7).
Celery's queues are found by their exchanges; where these have other names, name the queues. An ACL user that can
do no more than is needed:

```
ACL SETUSER fleet on >PASSWORD %R~* resetchannels -@all +info +scan +sscan +llen +lindex +zcard +zcount
  +zrange +scard +hlen +sort_ro +xlen +xrange +xinfo +client|setname +select
```

```yaml
sources:
  - type: redis
    address: redis.example.org:6380
    tls: true
    username: fleet
    password_file: /etc/fleet/redis-password
    preset: bullmq
    queues: [mail, images]
```)";

}  // namespace

const SourceType kRedisSource = {
    .name = "redis",
    .summary =
        "Reads queues from Redis (`fleet_queue_*`), and whether it answers (`fleet_broker_up`, "
        "`fleet_component_*`).",
    .notes = kNotes,
    .keys = kKeys,
    .interval = {},
    .defaults = []() -> std::unique_ptr<SourceOptions> {
      auto options = std::make_unique<RedisOptions>();
      options->preset = "streams";
      return options;
    },
    .check = Check,
    .make = [](const SourceOptions& options, const std::string& name) -> std::unique_ptr<Source> {
      return std::make_unique<Redis>(static_cast<const RedisOptions&>(options), name);
    },
};

}  // namespace fleet
