#include "exporter/log.h"
#include "tests/support/manual_clock.h"

#include <catch2/catch.hpp>
#include <string>
#include <thread>
#include <vector>

namespace fleet {
namespace {

struct Fixture {
  explicit Fixture(LogFormat format = LogFormat::kLogfmt, LogLevel level = LogLevel::kInfo)
      : logger(
            clock, level, format, [this](std::string_view line) { lines += line; },
            [this](LogLevel counted) { ++counts[static_cast<std::size_t>(counted)]; }) {}

  test::ManualClock clock{UnixMillis{1'769'860'800'007}};
  std::string lines;
  int counts[4] = {};
  Logger logger;
};

// With a place that does not move when this file is edited.
Logger::Place Here() { return {}; }

TEST_CASE("log: logfmt, whole lines") {
  Fixture f;
  f.logger.Info("Listening on", {{"address", ":10940"}, {"port", 10940}}, Here());
  f.logger.Warn("odd", {{"empty", ""}, {"quoted", "a \"b\""}, {"equals", "a=b"}, {"lines", "a\nb"}}, Here());
  f.logger.Error("bad", {{"bytes", "\xff\x1b["}}, Here());
  CHECK(f.lines ==
        "time=2026-01-31T12:00:00.007Z level=INFO source=:0 msg=\"Listening on\" address=:10940 port=10940\n"
        "time=2026-01-31T12:00:00.007Z level=WARN source=:0 msg=odd empty=\"\" quoted=\"a \\\"b\\\"\" "
        "equals=\"a=b\" lines=\"a\\nb\"\n"
        "time=2026-01-31T12:00:00.007Z level=ERROR source=:0 msg=bad bytes=\"\\xff\\x1b[\"\n");
}

TEST_CASE("log: JSON, whole lines") {
  Fixture f(LogFormat::kJson);
  f.logger.Info("a \"b\"", {{"path", "C:\\x"}, {"lines", "a\nb"}, {"bytes", "\xff"}}, Here());
  CHECK(f.lines == R"({"time":"2026-01-31T12:00:00.007Z","level":"INFO","source":":0","msg":"a \"b\"",)"
                   R"("path":"C:\\x","lines":"a\u000ab","bytes":"\\xff"})"
                   "\n");
}

TEST_CASE("log: the place is file and line of the caller") {
  Fixture f;
  f.logger.Info("x");
  CHECK(f.lines.find(" source=log_test.cc:") != std::string::npos);
}

TEST_CASE("log: lines below the level are neither written nor counted, and the level can change") {
  Fixture f;
  f.logger.Debug("no");
  CHECK(f.lines.empty());
  f.logger.SetLevel(LogLevel::kDebug);
  f.logger.Debug("yes");
  f.logger.SetLevel(LogLevel::kError);
  f.logger.Warn("no");
  f.logger.Error("yes");
  CHECK(f.counts[0] == 1);
  CHECK(f.counts[1] == 0);
  CHECK(f.counts[2] == 0);
  CHECK(f.counts[3] == 1);
}

TEST_CASE("log: lines of many threads stay whole") {
  test::ManualClock clock{UnixMillis{1'769'860'800'007}};
  std::vector<std::string> lines;
  Logger logger(clock, LogLevel::kInfo, LogFormat::kLogfmt,
                [&](std::string_view line) { lines.emplace_back(line); });
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 100; ++i) logger.Info("line", {}, Here());
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(lines ==
        std::vector<std::string>(400, "time=2026-01-31T12:00:00.007Z level=INFO source=:0 msg=line\n"));
}

TEST_CASE("log: names of levels and formats") {
  CHECK(ParseLogLevel("warn") == LogLevel::kWarn);
  CHECK(ParseLogLevel("WARN") == std::nullopt);
  CHECK(ParseLogFormat("json") == LogFormat::kJson);
  CHECK(ParseLogFormat("") == std::nullopt);
  CHECK(Name(LogLevel::kError) == "error");
  CHECK(Name(LogFormat::kLogfmt) == "logfmt");
}

}  // namespace
}  // namespace fleet
