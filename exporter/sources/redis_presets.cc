#include "exporter/sources/redis_presets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "exporter/sources/loose_time.h"

namespace fleet {
namespace {

using Replies = std::span<const RedisReply>;
using Commands = std::vector<RedisCommand>;

// A key that does not exist counts as empty; an error (another type, no permission) is no number.
std::optional<double> Size(Replies replies, std::size_t i) {
  return i < replies.size() ? replies[i].Number() : std::nullopt;
}

std::optional<double> Sum(Replies replies, std::size_t from, std::size_t count) {
  double sum = 0;
  for (std::size_t i = from; i < from + count; ++i) {
    const auto size = Size(replies, i);
    if (!size) return std::nullopt;
    sum += *size;
  }
  return sum;
}

std::string TextOf(Replies replies, std::size_t i) {
  if (i >= replies.size()) return "";
  const RedisReply& reply = replies[i];
  if (reply.kind == RedisReply::Kind::kArray) return TextOf(reply.items, 0);
  return reply.kind == RedisReply::Kind::kText ? reply.text : "";
}

RedisCommand ScanKeys(const std::string& cursor, const std::string& pattern, std::string_view type = {}) {
  RedisCommand scan = {"SCAN", cursor, "MATCH", pattern, "COUNT", "1000"};
  if (!type.empty()) scan.insert(scan.end(), {"TYPE", std::string(type)});
  return scan;
}

// A field of the hash that each process keeps, which expires some time after its death. Nobody takes a
// process that was killed out of the set: that it has no hash tells.
RedisCommand AskProcesses(const std::string& set, const std::string& field) {
  return {"SORT_RO", set, "BY", "nosort", "LIMIT", "0", "10000", "GET", field};
}
// Those that live; before Redis 7, which has no SORT_RO, all members of the set.
std::optional<double> CountLiving(Replies replies, std::size_t processes, std::size_t members) {
  if (replies[processes].kind != RedisReply::Kind::kArray) return Size(replies, members);
  return static_cast<double>(std::ranges::count_if(replies[processes].items, [](const RedisReply& field) {
    return field.kind != RedisReply::Kind::kNil;
  }));
}

std::string Between(std::string_view text, std::string_view prefix, std::string_view suffix) {
  if (text.size() <= prefix.size() + suffix.size() || !text.starts_with(prefix) || !text.ends_with(suffix))
    return "";
  return std::string(text.substr(prefix.size(), text.size() - prefix.size() - suffix.size()));
}

// BullMQ: docs.bullmq.io and its Lua scripts: `bull:QUEUE:wait` and `paused` are lists, new jobs come in
// at the left and are taken from the right; `active` is a list; `prioritized`, `delayed` and `failed` are
// sorted sets; a job is the hash `bull:QUEUE:ID` with `timestamp` in milliseconds; `bull:QUEUE:meta` is
// there for every queue. SORT fetches the time of the last job in the same round trip.
Commands AskBullmq(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  const std::string base = layout.prefix + ":" + queue + ":";
  return {
      {"LLEN", base + "wait"},
      {"LLEN", base + "paused"},
      {"ZCARD", base + "prioritized"},
      {"LLEN", base + "active"},
      {"ZCARD", base + "delayed"},
      {"ZCARD", base + "failed"},
      {"SORT_RO", base + "wait", "BY", "nosort", "LIMIT", "0", "1", "GET", base + "*->timestamp", "DESC"}};
}
std::vector<QueueFacts> ReadBullmq(const RedisLayout&, const std::string& queue, Replies replies,
                                   RedisMemory&) {
  QueueFacts facts{queue, Sum(replies, 0, 3), Size(replies, 3), Size(replies, 4), Size(replies, 5), {}, {}};
  facts.oldest = ParseLooseTime(TextOf(replies, 6));
  return {facts};
}
RedisCommand DiscoverBullmq(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return ScanKeys(cursor, layout.prefix + ":" + match + ":meta");
}
std::string BullmqQueue(const RedisLayout& layout, const std::string& key) {
  return Between(key, layout.prefix + ":", ":meta");
}

// Celery: kombu's Redis transport (kombu/transport/redis.py): a queue is a list of its name, and one more
// for each priority step 3, 6 and 9 with the step after "\x06\x16"; `unacked` is a hash of what was
// delivered and not acknowledged, of all queues; `_kombu.binding.EXCHANGE` is a set, and an exchange has
// the name of its queue unless configured otherwise. Messages carry no time of their own.
constexpr std::string_view kKombuStep = "\x06\x16";
Commands AskCelery(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  Commands commands = {{"LLEN", layout.prefix + queue}};
  for (const char* step : {"3", "6", "9"}) {
    commands.push_back({"LLEN", fmt::format("{}{}{}{}", layout.prefix, queue, kKombuStep, step)});
  }
  return commands;
}
std::vector<QueueFacts> ReadCelery(const RedisLayout&, const std::string& queue, Replies replies,
                                   RedisMemory&) {
  return {{queue, Sum(replies, 0, 4), {}, {}, {}, {}, {}}};
}
Commands AskCeleryShared(const RedisLayout& layout) { return {{"HLEN", layout.prefix + "unacked"}}; }
std::vector<QueueFacts> ReadCeleryShared(const RedisLayout& layout, Replies replies) {
  return {{layout.shared_queue, {}, Size(replies, 0), {}, {}, {}, {}}};
}
RedisCommand DiscoverCelery(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return ScanKeys(cursor, layout.prefix + "_kombu.binding." + match, "set");
}
std::string CeleryQueue(const RedisLayout& layout, const std::string& key) {
  std::string queue = Between(key, layout.prefix + "_kombu.binding.", "");
  const bool is_control = queue.ends_with(".pidbox") || queue.starts_with("celeryev");
  return is_control ? "" : queue;
}

// Sidekiq: its wiki ("Using Redis") and source: `queues` is a set of names; `queue:NAME` a list, new jobs at
// the left, JSON with `enqueued_at` in seconds or, since version 8, milliseconds; `schedule`, `retry` and
// `dead` are sorted sets of all queues; `processes` a set of the keys of hashes with `busy`.
std::optional<UnixMillis> EnqueuedAt(std::string_view job) {
  constexpr std::string_view kKey = "\"enqueued_at\":";
  const std::size_t at = job.rfind(kKey);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = job.substr(at + kKey.size());
  return ParseLooseTime(rest.substr(0, rest.find_first_of(",}")));
}
Commands AskSidekiq(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  const std::string key = layout.prefix + "queue:" + queue;
  return {{"LLEN", key}, {"LINDEX", key, "-1"}};
}
std::vector<QueueFacts> ReadSidekiq(const RedisLayout&, const std::string& queue, Replies replies,
                                    RedisMemory&) {
  QueueFacts facts{queue, Size(replies, 0), {}, {}, {}, {}, {}};
  facts.oldest = EnqueuedAt(TextOf(replies, 1));
  return {facts};
}
Commands AskSidekiqShared(const RedisLayout& layout) {
  const std::string& prefix = layout.prefix;
  return {{"ZCARD", prefix + "schedule"},
          {"ZCARD", prefix + "retry"},
          {"ZCARD", prefix + "dead"},
          {"SCARD", prefix + "processes"},
          AskProcesses(prefix + "processes", prefix + "*->busy")};
}
std::vector<QueueFacts> ReadSidekiqShared(const RedisLayout& layout, Replies replies) {
  QueueFacts facts{layout.shared_queue,        {}, {}, Sum(replies, 0, 2), Size(replies, 2),
                   CountLiving(replies, 4, 3), {}};
  if (replies[4].kind == RedisReply::Kind::kArray) {
    double busy = 0;
    for (const RedisReply& item : replies[4].items) busy += item.Number().value_or(0);
    facts.in_flight = busy;
  }
  return {facts};
}
RedisCommand DiscoverSidekiq(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return {"SSCAN", layout.prefix + "queues", cursor, "MATCH", match, "COUNT", "1000"};
}

// RQ: its documentation and source: `rq:queues` is a set of keys; `rq:queue:NAME` a list of job ids, new ones
// at the right; `rq:wip:`, `rq:scheduled:`, `rq:deferred:` and `rq:failed:NAME` are sorted sets; a job is the
// hash `rq:job:ID` with `enqueued_at` (ISO 8601); `rq:workers:NAME` a set of the keys of hashes with `birth`.
Commands AskRq(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  const std::string& p = layout.prefix;
  return {
      {"LLEN", p + ":queue:" + queue},
      {"ZCARD", p + ":wip:" + queue},
      {"ZCARD", p + ":scheduled:" + queue},
      {"ZCARD", p + ":deferred:" + queue},
      {"ZCARD", p + ":failed:" + queue},
      {"SCARD", p + ":workers:" + queue},
      {"SORT_RO", p + ":queue:" + queue, "BY", "nosort", "LIMIT", "0", "1", "GET", p + ":job:*->enqueued_at"},
      AskProcesses(p + ":workers:" + queue, "*->birth")};
}
std::vector<QueueFacts> ReadRq(const RedisLayout&, const std::string& queue, Replies replies, RedisMemory&) {
  QueueFacts facts{queue,
                   Size(replies, 0),
                   Size(replies, 1),
                   Sum(replies, 2, 2),
                   Size(replies, 4),
                   CountLiving(replies, 7, 5),
                   {}};
  facts.oldest = ParseLooseTime(TextOf(replies, 6));
  return {facts};
}
RedisCommand DiscoverRq(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return {"SSCAN", layout.prefix + ":queues", cursor, "MATCH", layout.prefix + ":queue:" + match, "COUNT",
          "1000"};
}
std::string RqQueue(const RedisLayout& layout, const std::string& key) {
  return Between(key, layout.prefix + ":queue:", "");
}

// Streams: redis.io "XINFO GROUPS" and "Streams": for each group of consumers what was delivered and not
// acknowledged (pending) and what was not delivered (lag, since Redis 7). An id begins with the time in
// milliseconds. The oldest message a group has not got is the one after its last: XRANGE asks with the last
// id of the read before, which is still right for a group that stands still. In memory a line feed parts
// stream and group: a slash may be in the names of both.
std::string MemoryKey(const std::string& stream, const std::string& group) { return stream + "\n" + group; }
std::optional<UnixMillis> TimeOfId(std::string_view id) {
  const std::size_t dash = id.find('-');
  return dash == std::string_view::npos ? std::nullopt : ParseLooseTime(id.substr(0, dash));
}
// Members of a reply that alternates names and values.
const RedisReply* Member(const RedisReply& map, std::string_view name) {
  for (std::size_t i = 0; i + 1 < map.items.size(); i += 2) {
    if (map.items[i].text == name) return &map.items[i + 1];
  }
  return nullptr;
}
std::optional<double> MemberNumber(const RedisReply& map, std::string_view name) {
  const RedisReply* const member = Member(map, name);
  return member == nullptr ? std::nullopt : member->Number();
}
std::vector<std::string> KnownGroups(const std::string& stream, const RedisMemory& memory) {
  std::vector<std::string> groups;
  const std::string prefix = MemoryKey(stream, "");
  for (auto it = memory.lower_bound(prefix); it != memory.end() && it->first.starts_with(prefix); ++it) {
    groups.push_back(it->first);
  }
  return groups;
}
Commands AskStream(const RedisLayout& layout, const std::string& queue, const RedisMemory& memory) {
  const std::string key = layout.prefix + queue;
  Commands commands = {{"XLEN", key}, {"XINFO", "GROUPS", key}, {"XRANGE", key, "-", "+", "COUNT", "1"}};
  for (const std::string& group : KnownGroups(queue, memory)) {
    commands.push_back({"XRANGE", key, "(" + memory.find(group)->second, "+", "COUNT", "1"});
  }
  return commands;
}
std::optional<UnixMillis> FirstEntry(const RedisReply& range) {
  if (range.items.empty() || range.items[0].items.empty()) return std::nullopt;
  return TimeOfId(range.items[0].items[0].text);
}
std::vector<QueueFacts> ReadStream(const RedisLayout&, const std::string& queue, Replies replies,
                                   RedisMemory& memory) {
  const std::vector<std::string> asked = KnownGroups(queue, memory);
  std::vector<QueueFacts> all;
  RedisMemory now;
  for (const RedisReply& group : replies[1].items) {
    const RedisReply* const name = Member(group, "name");
    const RedisReply* const last = Member(group, "last-delivered-id");
    if (name == nullptr || last == nullptr) continue;
    const std::string key = MemoryKey(queue, name->text);
    QueueFacts facts{fmt::format("{}/{}", queue, name->text),
                     MemberNumber(group, "lag"),
                     MemberNumber(group, "pending"),
                     {},
                     {},
                     MemberNumber(group, "consumers"),
                     {}};
    const auto place = static_cast<std::size_t>(std::ranges::find(asked, key) - asked.begin());
    if (facts.depth == 0.0) {
      // nothing waits
    } else if (last->text == "0-0") {
      facts.oldest = FirstEntry(replies[2]);
    } else if (place == asked.size()) {
      // In the first read: the last one may have been delivered days before the next one came.
    } else if (memory.find(key)->second == last->text) {
      facts.oldest = FirstEntry(replies[3 + place]);
    } else {
      facts.oldest = TimeOfId(last->text);  // a little earlier than the next one
    }
    now[key] = last->text;
    all.push_back(std::move(facts));
  }
  for (const std::string& group : asked) memory.erase(group);
  memory.merge(now);
  if (all.empty()) all.push_back({queue, Size(replies, 0), {}, {}, {}, {}, FirstEntry(replies[2])});
  return all;
}
RedisCommand DiscoverStream(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return ScanKeys(cursor, layout.prefix + match, "stream");
}

// A list or a sorted set of one's own, by its key. Scores may be the times at which messages are due.
Commands AskList(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  return {{"LLEN", layout.prefix + queue}};
}
std::vector<QueueFacts> ReadList(const RedisLayout&, const std::string& queue, Replies replies,
                                 RedisMemory&) {
  return {{queue, Size(replies, 0), {}, {}, {}, {}, {}}};
}
RedisCommand DiscoverList(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return ScanKeys(cursor, layout.prefix + match, "list");
}
Commands AskZset(const RedisLayout& layout, const std::string& queue, const RedisMemory&) {
  const std::string key = layout.prefix + queue;
  if (layout.scores == "none") return {{"ZCARD", key}};
  const std::int64_t now = layout.scores == "seconds" ? layout.now.value / 1000 : layout.now.value;
  return {
      {"ZCARD", key}, {"ZCOUNT", key, "-inf", std::to_string(now)}, {"ZRANGE", key, "0", "0", "WITHSCORES"}};
}
std::vector<QueueFacts> ReadZset(const RedisLayout& layout, const std::string& queue, Replies replies,
                                 RedisMemory&) {
  QueueFacts facts{queue, Size(replies, 0), {}, {}, {}, {}, {}};
  if (layout.scores == "none") return {facts};
  const auto due = Size(replies, 1);
  if (facts.depth && due) facts.delayed = std::max(0.0, *facts.depth - *due);
  facts.depth = due;
  if (due && *due > 0 && replies[2].items.size() == 2) {
    const auto score = replies[2].items[1].Number();
    const double scale = layout.scores == "seconds" ? 1000 : 1;
    if (score && std::isfinite(*score) && *score > 0 && *score < 1e15) {
      facts.oldest = UnixMillis{std::llround(*score * scale)};
    }
  }
  return {facts};
}
RedisCommand DiscoverZset(const RedisLayout& layout, const std::string& cursor, const std::string& match) {
  return ScanKeys(cursor, layout.prefix + match, "zset");
}

std::string Plain(const RedisLayout& layout, const std::string& key) {
  return layout.prefix.empty() ? key : Between(key, layout.prefix, "");
}
std::string Itself(const RedisLayout&, const std::string& name) { return name; }

constexpr RedisPreset kPresets[] = {
    {"bullmq", "bull", "", AskBullmq, ReadBullmq, nullptr, nullptr, DiscoverBullmq, BullmqQueue},
    {"celery", "", "celery", AskCelery, ReadCelery, AskCeleryShared, ReadCeleryShared, DiscoverCelery,
     CeleryQueue},
    {"sidekiq", "", "sidekiq", AskSidekiq, ReadSidekiq, AskSidekiqShared, ReadSidekiqShared, DiscoverSidekiq,
     Itself},
    {"rq", "rq", "", AskRq, ReadRq, nullptr, nullptr, DiscoverRq, RqQueue},
    {"streams", "", "", AskStream, ReadStream, nullptr, nullptr, DiscoverStream, Plain},
    {"list", "", "", AskList, ReadList, nullptr, nullptr, DiscoverList, Plain},
    {"zset", "", "", AskZset, ReadZset, nullptr, nullptr, DiscoverZset, Plain},
};

}  // namespace

const RedisPreset* FindRedisPreset(std::string_view name) {
  const auto* const found = std::ranges::find(kPresets, name, &RedisPreset::name);
  return found == std::end(kPresets) ? nullptr : found;
}

}  // namespace fleet
