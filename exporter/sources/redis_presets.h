// How queue systems lay their queues out in Redis: what to ask for, and what the answers mean. Pure.
// Where each layout comes from is said in redis_presets.cc and in docs/exporter-config.md.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/sources/redis_client.h"
#include "lib/base/clock.h"

namespace fleet {

struct QueueFacts {
  std::string queue;
  std::optional<double> depth, in_flight, delayed, dead_letter, consumers;
  std::optional<UnixMillis> oldest;
};

struct RedisLayout {
  std::string prefix;        // of the keys
  std::string shared_queue;  // what belongs to no single queue is shown as this one
  std::string scores;        // of the preset zset: none, seconds, milliseconds
  UnixMillis now;
};

// What was learnt from an earlier read, by a key the preset chooses.
using RedisMemory = std::map<std::string, std::string, std::less<>>;

struct RedisPreset {
  std::string_view name;
  std::string_view prefix;  // default
  std::string_view shared_queue;
  // The commands for one queue, and its facts from their replies, in that order.
  std::vector<RedisCommand> (*ask)(const RedisLayout&, const std::string& queue, const RedisMemory&);
  std::vector<QueueFacts> (*read)(const RedisLayout&, const std::string& queue, std::span<const RedisReply>,
                                  RedisMemory&);
  // The same for what all queues share; null: nothing.
  std::vector<RedisCommand> (*ask_shared)(const RedisLayout&);
  std::vector<QueueFacts> (*read_shared)(const RedisLayout&, std::span<const RedisReply>);
  // One step of finding queues, from a cursor; `match` is the pattern of the configuration.
  RedisCommand (*discover)(const RedisLayout&, const std::string& cursor, const std::string& match);
  // The queue a found name or key stands for; empty: none.
  std::string (*queue_of)(const RedisLayout&, const std::string& found);
};

const RedisPreset* FindRedisPreset(std::string_view name);
inline constexpr std::string_view kRedisPresets[] = {"bullmq",  "celery", "sidekiq", "rq",
                                                     "streams", "list",   "zset"};

}  // namespace fleet
