// The source `redis` against the real server, with keys as each system writes them, and when it fails.
#include <fmt/format.h>
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>

#include "tests/e2e/source_server.h"
#include "tests/support/servers.h"
#include "tests/support/tiny_server.h"

using fleet::test::HasLine;
using fleet::test::kMostMemory;
using fleet::test::kScrape;
using fleet::test::ParallelScrapes;
using fleet::test::RedisServer;
using fleet::test::ScrapeInParallel;
using fleet::test::SourceServer;
using fleet::test::TinyExchange;
using fleet::test::TinyServer;

namespace {

std::string RedisConfig(const std::string& address, const std::string& preset, const std::string& more = {}) {
  return fmt::format("sources:\n  - {{type: redis, address: \"{}\", preset: {}, min_interval: 0s{}}}\n",
                     address, preset, more);
}

void CheckLines(const std::string& page, std::initializer_list<const char*> lines) {
  for (const char* line : lines) {
    CAPTURE(line);
    CHECK(HasLine(page, line));
  }
}

void FillBullmq(const RedisServer& redis) {
  redis.Command({"HSET", "bull:mail:meta", "opts.maxLenEvents", "10000"});
  redis.Command({"HSET", "bull:mail:1", "timestamp", "1700000001000", "name", "send", "data", "{}"});
  redis.Command({"HSET", "bull:mail:2", "timestamp", "1700000002000", "name", "send", "data", "{}"});
  redis.Command({"LPUSH", "bull:mail:wait", "1", "2"});
  redis.Command({"LPUSH", "bull:mail:active", "3"});
  redis.Command({"ZADD", "bull:mail:prioritized", "10", "4"});
  redis.Command({"ZADD", "bull:mail:delayed", "1", "5", "2", "6"});
  redis.Command({"ZADD", "bull:mail:failed", "1", "7"});
}

}  // namespace

TEST_CASE("redis: bullmq") {
  RedisServer redis;
  FillBullmq(redis);
  redis.Command({"HSET", "bull:idle:meta", "opts.maxLenEvents", "10000"});
  SourceServer server(RedisConfig(redis.address(), "bullmq"));
  CheckLines(server.Page(), {
                                "fleet_source_up{source=\"redis\"} 1",
                                "fleet_broker_up{broker=\"redis\"} 1",
                                "fleet_component_up{component=\"redis\"} 1",
                                "fleet_queue_depth{queue=\"mail\",priority=\"none\"} 3",
                                "fleet_queue_in_flight_messages{queue=\"mail\"} 1",
                                "fleet_queue_delayed_messages{queue=\"mail\"} 2",
                                "fleet_queue_dead_letter_messages{queue=\"mail\"} 1",
                                "fleet_queue_oldest_message_timestamp_seconds{queue=\"mail\"} 1700000001",
                                "fleet_queue_depth{queue=\"idle\",priority=\"none\"} 0",
                            });
}

TEST_CASE("redis: celery") {
  RedisServer redis;
  const std::string message = R"({"body": "W10=", "headers": {"task": "t", "id": "1"}, "properties": {}})";
  redis.Command({"SADD", "_kombu.binding.celery",
                 "celery\x06\x16\x06\x16"
                 "celery"});
  redis.Command({"SADD", "_kombu.binding.celery.pidbox",
                 "\x06\x16\x06\x16"
                 "celery@h.celery.pidbox"});
  redis.Command({"SADD", "_kombu.binding.celeryev",
                 "worker.#\x06\x16\x06\x16"
                 "celeryev.1"});
  redis.Command({"LPUSH", "celery", message, message});
  redis.Command({"LPUSH",
                 "celery\x06\x16"
                 "6",
                 message});
  redis.Command({"HSET", "unacked", "tag-1", "[]", "tag-2", "[]"});
  redis.Command({"ZADD", "unacked_index", "1700000000", "tag-1", "1700000000", "tag-2"});
  SourceServer server(RedisConfig(redis.address(), "celery"));
  const std::string page = server.Page();
  CheckLines(page, {"fleet_queue_depth{queue=\"celery\",priority=\"none\"} 3",
                    "fleet_queue_in_flight_messages{queue=\"celery\"} 2"});
  CHECK(page.find("pidbox") == std::string::npos);
}

TEST_CASE("redis: sidekiq") {
  RedisServer redis;
  const auto job = [](const std::string& enqueued_at) {
    return R"({"class": "Job", "args": [1], "jid": "x", "created_at": 1.5, "enqueued_at":)" + enqueued_at +
           "}";
  };
  redis.Command({"SADD", "queues", "default", "low"});
  redis.Command({"LPUSH", "queue:default", job("1700000001.25"), job("1700000002.0")});
  redis.Command({"LPUSH", "queue:low", job("1700000003500")});
  redis.Command({"ZADD", "schedule", "1", "a", "2", "b"});
  redis.Command({"ZADD", "retry", "1", "c"});
  redis.Command({"ZADD", "dead", "1", "d"});
  redis.Command({"SADD", "processes", "h:1:a", "h:2:b", "h:3:killed"});
  redis.Command({"HSET", "h:1:a", "busy", "3", "beat", "1700000000.0"});
  redis.Command({"HSET", "h:2:b", "busy", "1", "beat", "1700000000.0"});
  SourceServer server(RedisConfig(redis.address(), "sidekiq"));
  CheckLines(server.Page(),
             {
                 "fleet_queue_depth{queue=\"default\",priority=\"none\"} 2",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"default\"} 1700000001.25",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"low\"} 1700000003.5",
                 "fleet_queue_delayed_messages{queue=\"sidekiq\"} 3",
                 "fleet_queue_dead_letter_messages{queue=\"sidekiq\"} 1",
                 "fleet_queue_consumers{queue=\"sidekiq\"} 2",
                 "fleet_queue_in_flight_messages{queue=\"sidekiq\"} 4",
             });
}

TEST_CASE("redis: rq") {
  RedisServer redis;
  redis.Command({"SADD", "rq:queues", "rq:queue:default"});
  redis.Command({"RPUSH", "rq:queue:default", "j1", "j2"});
  redis.Command({"HSET", "rq:job:j1", "enqueued_at", "2023-11-14T22:13:21.500000Z", "status", "queued"});
  redis.Command({"HSET", "rq:job:j2", "enqueued_at", "2023-11-14T22:13:29.500000Z", "status", "queued"});
  redis.Command({"ZADD", "rq:wip:default", "1", "j3"});
  redis.Command({"ZADD", "rq:scheduled:default", "1", "j4"});
  redis.Command({"ZADD", "rq:deferred:default", "1", "j5"});
  redis.Command({"ZADD", "rq:failed:default", "1", "j6"});
  redis.Command({"SADD", "rq:workers:default", "rq:worker:a", "rq:worker:b", "rq:worker:killed"});
  redis.Command({"HSET", "rq:worker:a", "birth", "2023-11-14T22:13:20.000000Z"});
  redis.Command({"HSET", "rq:worker:b", "birth", "2023-11-14T22:13:20.000000Z"});
  SourceServer server(RedisConfig(redis.address(), "rq"));
  CheckLines(server.Page(),
             {
                 "fleet_queue_depth{queue=\"default\",priority=\"none\"} 2",
                 "fleet_queue_in_flight_messages{queue=\"default\"} 1",
                 "fleet_queue_delayed_messages{queue=\"default\"} 2",
                 "fleet_queue_dead_letter_messages{queue=\"default\"} 1",
                 "fleet_queue_consumers{queue=\"default\"} 2",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"default\"} 1700000001.5",
             });
}

TEST_CASE("redis: streams, by group") {
  RedisServer redis;
  for (const char* id : {"1700000001000-0", "1700000002000-0", "1700000003000-0"}) {
    redis.Command({"XADD", "jobs", id, "k", "v"});
  }
  redis.Command({"XGROUP", "CREATE", "jobs", "builders", "0"});
  redis.Command({"XGROUP", "CREATE", "jobs", "testers", "0"});
  redis.Command({"XREADGROUP", "GROUP", "builders", "b-1", "COUNT", "1", "STREAMS", "jobs", ">"});
  redis.Command({"XADD", "plain", "1700000009000-0", "k", "v"});
  redis.Command({"XADD", "jobs/late", "1700000004000-0", "k", "v"});
  redis.Command({"XGROUP", "CREATE", "jobs/late", "testers", "1600000000000-0"});
  SourceServer server(RedisConfig(redis.address(), "streams"));
  const std::string first = server.Page();
  CHECK(first.find("fleet_queue_oldest_message_timestamp_seconds{queue=\"jobs/builders\"}") ==
        std::string::npos);
  CheckLines(server.Page(),
             {
                 "fleet_queue_depth{queue=\"jobs/builders\",priority=\"none\"} 2",
                 "fleet_queue_in_flight_messages{queue=\"jobs/builders\"} 1",
                 "fleet_queue_consumers{queue=\"jobs/builders\"} 1",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"jobs/builders\"} 1700000002",
                 "fleet_queue_depth{queue=\"jobs/testers\",priority=\"none\"} 3",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"jobs/testers\"} 1700000001",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"jobs/late/testers\"} 1700000004",
                 "fleet_queue_depth{queue=\"plain\",priority=\"none\"} 1",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"plain\"} 1700000009",
             });
}

TEST_CASE("redis: lists and sorted sets of one's own") {
  RedisServer redis;
  redis.Command({"RPUSH", "app:mail", "a", "b"});
  redis.Command({"ZADD", "app:later", "1700000001", "a", "1700000002", "b", "99999999999", "c"});
  SourceServer server(RedisConfig(redis.address(), "list", ", queues: [mail, none], prefix: \"app:\"") +
                      fmt::format("  - {{type: redis, name: later, address: \"{}\", preset: zset, match: "
                                  "\"app:*\", scores: seconds}}\n",
                                  redis.address()));
  CheckLines(server.Page(),
             {
                 "fleet_queue_depth{queue=\"mail\",priority=\"none\"} 2",
                 "fleet_queue_depth{queue=\"none\",priority=\"none\"} 0",
                 "fleet_queue_depth{queue=\"app:later\",priority=\"none\"} 2",
                 "fleet_queue_delayed_messages{queue=\"app:later\"} 1",
                 "fleet_queue_oldest_message_timestamp_seconds{queue=\"app:later\"} 1700000001",
                 "fleet_broker_up{broker=\"later\"} 1",
             });
}

TEST_CASE("redis: queues that come and go, within the limit") {
  RedisServer redis;
  FillBullmq(redis);
  SourceServer server(RedisConfig(redis.address(), "bullmq", ", max_queues: 2"));
  CHECK(server.Shows("fleet_queue_depth{queue=\"mail\",priority=\"none\"} 3"));
  for (const char* queue : {"a", "b", "c"})
    redis.Command({"HSET", fmt::format("bull:{}:meta", queue), "x", "y"});
  CHECK(fleet::test::WaitFor(std::chrono::seconds(30), [&] {
    server.Page();
    return server.CountInLog("there are more than 2 queues") == 1;
  }));
  redis.Command({"FLUSHALL"});
  CHECK(fleet::test::WaitFor(std::chrono::seconds(30),
                             [&] { return server.Page().find("fleet_queue_depth{") == std::string::npos; }));
}

TEST_CASE("redis: hanging, it stops no scrape, and one connection is ever open") {
  RedisServer redis;
  FillBullmq(redis);
  SourceServer server(RedisConfig(redis.address(), "bullmq"));
  server.Page();
  redis.process().Signal(SIGSTOP);
  const ParallelScrapes scrapes = ScrapeInParallel(server);
  CHECK(scrapes.answered == 10);
  CHECK(scrapes.longest_seconds <= kScrape);
  const std::string page = server.Page(kScrape);
  CheckLines(page, {"fleet_broker_up{broker=\"redis\"} 0", "fleet_component_up{component=\"redis\"} 0",
                    "fleet_source_up{source=\"redis\"} 0"});
  CHECK(page.find("fleet_queue_depth{") == std::string::npos);  // no ghosts
  CHECK(server.CountInLog("Source failed") == 1);
  redis.process().Signal(SIGCONT);
  CHECK(server.Shows("fleet_queue_depth{queue=\"mail\",priority=\"none\"} 3"));
  // Connections ever accepted: the exporter's, this one's and those that filled the queues.
  CHECK(redis.Command({"CLIENT", "LIST"}).find("name=fleet_exporter") != std::string::npos);
  const std::string clients = redis.Command({"INFO", "clients"});
  CHECK(clients.find("connected_clients:2\r") != std::string::npos);
}

TEST_CASE("redis: stopped and started again") {
  RedisServer redis;
  SourceServer server(RedisConfig(redis.address(), "bullmq"));
  CHECK(server.Shows("fleet_broker_up{broker=\"redis\"} 1"));
  redis.process().Signal(SIGTERM);
  REQUIRE(redis.process().Wait(std::chrono::seconds(30)));
  CHECK(HasLine(server.Page(), "fleet_broker_up{broker=\"redis\"} 0"));
  CHECK(HasLine(server.Page(), "fleet_source_up{source=\"redis\"} 0"));
  CHECK(server.CountInLog("Source failed") == 1);
  redis.Start();
  CHECK(server.Shows("fleet_broker_up{broker=\"redis\"} 1"));
}

TEST_CASE("redis: an ACL user with no more rights than the documentation gives it") {
  RedisServer redis;
  FillBullmq(redis);
  redis.Command({"ACL",           "SETUSER", "fleet",   "on",      ">s3cr3t",         "%R~*",
                 "resetchannels", "-@all",   "+info",   "+scan",   "+sscan",          "+llen",
                 "+lindex",       "+zcard",  "+zcount", "+zrange", "+scard",          "+hlen",
                 "+sort_ro",      "+xlen",   "+xrange", "+xinfo",  "+client|setname", "+select"});
  const fleet::test::TemporaryFolder folder;
  const std::string file = folder.Write("password", "s3cr3t\n");
  SourceServer server(RedisConfig(redis.address(), "bullmq", ", username: fleet, password_file: " + file));
  CheckLines(server.Page(), {"fleet_source_up{source=\"redis\"} 1",
                             "fleet_queue_oldest_message_timestamp_seconds{queue=\"mail\"} 1700000001"});
  redis.Command({"ACL", "SETUSER", "fleet", ">n3w", "<s3cr3t"});
  folder.Write("password", "wr0ng\n");
  redis.Command({"CLIENT", "KILL", "USER", "fleet"});
  CHECK(server.Shows("fleet_source_up{source=\"redis\"} 0"));
  for (const char* secret : {"s3cr3t", "wr0ng"}) CHECK(server.CountInLog(secret) == 0);
}

TEST_CASE("redis: over TLS, with the authority that is named and no other") {
  const fleet::test::TemporaryFolder folder;
  const std::string key = folder.path() + "/key.pem", certificate = folder.path() + "/cert.pem";
  REQUIRE(fleet::test::RunProgram({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                                   "-subj", "/CN=redis", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
                                   key, "-out", certificate})
              .exit_code == 0);
  const int port = fleet::test::FreePort();
  RedisServer redis({"--tls-port", std::to_string(port), "--tls-cert-file", certificate, "--tls-key-file",
                     key, "--tls-ca-cert-file", certificate, "--tls-auth-clients", "no"});
  FillBullmq(redis);
  const std::string address = fmt::format("127.0.0.1:{}", port);
  SourceServer server(RedisConfig(address, "bullmq", ", tls: true, ca_file: " + certificate));
  CheckLines(server.Page(), {"fleet_queue_depth{queue=\"mail\",priority=\"none\"} 3"});
  SourceServer untrusting(RedisConfig(address, "bullmq", ", tls: true"));
  CHECK(HasLine(untrusting.Page(), "fleet_source_up{source=\"redis\"} 0"));
  CHECK(untrusting.CountInLog("self-signed certificate") == 1);
  SourceServer other_name(
      RedisConfig(address, "bullmq", ", tls: true, server_name: example.org, ca_file: " + certificate));
  CHECK(HasLine(other_name.Page(), "fleet_source_up{source=\"redis\"} 0"));
}

TEST_CASE("redis: keys of another type fail the source and leave the rest") {
  RedisServer redis;
  redis.Command({"SET", "a", "text"});
  redis.Command({"RPUSH", "b", "1"});
  SourceServer server(RedisConfig(redis.address(), "list", ", queues: [a, b]"));
  const std::string page = server.Page();
  CHECK(HasLine(page, "fleet_source_up{source=\"redis\"} 0"));
  CheckLines(page,
             {"fleet_broker_up{broker=\"redis\"} 1", "fleet_queue_depth{queue=\"b\",priority=\"none\"} 1"});
  CHECK(server.CountInLog("WRONGTYPE") == 1);
}

TEST_CASE("redis: servers that lie are a failed source, with bounded memory") {
  struct Case {
    const char* what;
    std::string reply;
    const char* error;
  };
  const Case cases[] = {
      {"another protocol", "HTTP/1.1 400 Bad Request\r\n\r\n", "the answer is no Redis protocol"},
      {"an endless array", "*2000000000\r\n", "the answer is no Redis protocol"},
      {"an endless text", "$2000000000\r\n" + std::string(20'000'000, 'x'), "the answer is larger than"},
      {"nothing", "", "no answer by the deadline"},
  };
  const fleet::test::TemporaryFolder folder;
  const std::string password = folder.Write("password", "a\r\n\r\nb");
  for (const Case& test : cases) {
    CAPTURE(test.what);
    // The tiny server answers when it has seen a blank line: the password holds one.
    TinyServer liar([&](const TinyExchange& exchange) {
      exchange.Send(test.reply);
      exchange.Hang();
    });
    SourceServer server(RedisConfig(fmt::format("127.0.0.1:{}", liar.port()), "list",
                                    ", queues: [a], password_file: " + password));
    const std::string page = server.Page(kScrape);
    CHECK(HasLine(page, "fleet_source_up{source=\"redis\"} 0"));
    CHECK(server.CountInLog(test.error) == 1);
    CHECK(server.PeakMemory() < kMostMemory);
    ScrapeInParallel(server);
    CHECK(liar.most_open() <= 2);
  }
}
