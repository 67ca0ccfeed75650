// The exporter's configuration as a user meets it: checked, reloaded, refused.
#include <signal.h>

#include <catch2/catch.hpp>

#include "tests/support/fleet_server.h"
#include "tests/support/http.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

using fleet::test::ExporterServer;
using fleet::test::Fetch;
using fleet::test::Get;
using fleet::test::kPatience;
using fleet::test::RunProgram;
using fleet::test::TemporaryFolder;
using fleet::test::WaitFor;

namespace {

bool Shows(const ExporterServer& exporter, const std::string& line) {
  return Get(exporter.Url("/metrics")).body.find("\n" + line + "\n") != std::string::npos;
}

}  // namespace

TEST_CASE("config.check says ok, or all that is wrong with line and column") {
  const TemporaryFolder folder;
  const std::string good = folder.Write("good.yaml", "workers: {stale_after: 1m}\n");
  const auto fine = RunProgram({fleet::test::ExporterProgram(), "--config.file=" + good, "--config.check"});
  CHECK(fine.exit_code == 0);
  CHECK(fine.out == good + ": ok\n");

  const std::string bad = folder.Write("bad.yaml", "workers: {stale_after: 1 minute}\nlog: {levle: info}\n");
  const auto wrong = RunProgram({fleet::test::ExporterProgram(), "--config.file=" + bad, "--config.check"});
  CHECK(wrong.exit_code == 1);
  CHECK(wrong.out.find(bad + ":1:24: error: ") != std::string::npos);
  CHECK(wrong.out.find(bad + ":2:7: error: section 'log' has no key 'levle'") != std::string::npos);

  const auto missing = RunProgram({fleet::test::ExporterProgram(), "--config.file=/nowhere.yaml"});
  CHECK(missing.exit_code == 2);
  CHECK(missing.out.find("/nowhere.yaml") != std::string::npos);
}

TEST_CASE("errors are classified and metrics of one's own counted as the file says, also after a reload") {
  const TemporaryFolder folder;
  const auto write = [&](const std::string& severity) {
    return folder.Write("exporter.yaml", R"(errors:
  rules:
    - {component: billing, message: 'card .* declined', severity: )" +
                                             severity + R"(, category: payment}
custom_metrics:
  - {name: orders_placed_total, type: counter, help: Orders placed, labels: [{name: shop, values: [eu, us]}]}
)");
  };
  ExporterServer exporter({"--config.file=" + write("warning")});
  const auto fails = [&](const char* component) {
    exporter.Send("error", {{"component", component}, {"message", "card 1 declined"}});
  };
  const std::string errors = R"(fleet_errors_total{component="billing",severity=)";
  fails("billing");
  fails("search");  // the rule is not for it
  exporter.Send("custom", {{"name", "orders_placed_total"}, {"value", 3}, {"labels", {{"shop", "eu"}}}});
  CHECK(Shows(exporter, errors + R"("warning",category="payment"} 1)"));
  CHECK_FALSE(
      Shows(exporter, R"(fleet_errors_total{component="search",severity="warning",category="payment"} 1)"));
  CHECK(Shows(exporter, R"(fleet_orders_placed_total{shop="eu"} 3)"));
  CHECK(Shows(exporter, R"(fleet_orders_placed_total{shop="us"} 0)"));

  write("critical");
  exporter.process().Signal(SIGHUP);
  CHECK(WaitFor(kPatience, [&] {
    fails("billing");
    return Shows(exporter, errors + R"("critical",category="payment"} 1)");
  }));
  CHECK(Shows(exporter, R"(fleet_orders_placed_total{shop="eu"} 3)"));
}

TEST_CASE("SIGHUP takes a good file, and keeps the old configuration when the new one is bad") {
  const TemporaryFolder folder;
  const std::string file = folder.Write("exporter.yaml", "sandboxes: {zombie_after: 5m}\n");
  ExporterServer exporter({"--config.file=" + file, "--worker.down-after=20m"});
  const std::string stale = R"(fleet_worker_heartbeat_timeout_seconds{worker_type="sandbox",state="stale"} )";
  exporter.Send("worker.heartbeat", {{"worker_id", "w-1"}, {"worker_type", "sandbox"}});
  CHECK(Shows(exporter, stale + "300"));
  CHECK(Shows(exporter, "fleet_exporter_config_last_reload_successful 1"));

  folder.Write("exporter.yaml", "workers: {stale_after: 2m}\n");
  exporter.process().Signal(SIGHUP);
  CHECK(WaitFor(kPatience, [&] { return Shows(exporter, stale + "120"); }));

  folder.Write("exporter.yaml", "workers: {stale_after: 2h}\n");  // longer than the flag's 20m
  exporter.process().Signal(SIGHUP);
  CHECK(
      WaitFor(kPatience, [&] { return Shows(exporter, "fleet_exporter_config_last_reload_successful 0"); }));
  CHECK(Shows(exporter, stale + "120"));
  CHECK(exporter.process().Output().find("the old one stays") != std::string::npos);
}

TEST_CASE("the log says where it really listens") {
  ExporterServer exporter({"--web.listen-address=[::1]:0"});
  const std::string log = exporter.process().Output();
  CHECK(log.find("msg=\"Listening on\" address=" + exporter.target() + " listener=scrape\n") !=
        std::string::npos);
  CHECK(log.find("address=[::1]:0 ") == std::string::npos);
  CHECK(log.find("address=[::1]:") != std::string::npos);
}

TEST_CASE("POST /-/reload takes a good file, refuses a bad one with the reason, and is off by default") {
  const TemporaryFolder folder;
  const std::string file = folder.Write("exporter.yaml", "workers: {stale_after: 1m}\n");
  const std::string success = "fleet_exporter_config_last_reload_successful ";
  ExporterServer exporter({"--config.file=" + file, "--web.enable-lifecycle"});
  exporter.Send("worker.heartbeat", {{"worker_id", "w-1"}, {"worker_type", "sandbox"}});
  const std::string stale = R"(fleet_worker_heartbeat_timeout_seconds{worker_type="sandbox",state="stale"} )";
  CHECK(Shows(exporter, stale + "60"));

  folder.Write("exporter.yaml", "workers: {stale_after: 2m}\n");
  CHECK(Fetch("POST", exporter.Url("/-/reload")).status == 200);
  CHECK(Shows(exporter, stale + "120"));
  folder.Write("exporter.yaml", "workers: {stale_after: soon}\n");
  const fleet::test::HttpReply refused = Fetch("PUT", exporter.Url("/-/reload"));
  CHECK(refused.status == 500);
  CHECK(refused.body == "not reloaded, the old configuration stays: " + file +
                            ":1:24: error: 'stale_after' must be a duration such as 90s, 5m or 1h30m, not "
                            "'soon' [value-type]\n");
  CHECK(Shows(exporter, stale + "120"));
  CHECK(Shows(exporter, success + "0"));
  CHECK(Get(exporter.Url("/-/reload")).status == 405);

  ExporterServer closed({"--config.file=" + folder.Write("other.yaml", "")});
  const fleet::test::HttpReply off = Fetch("POST", closed.Url("/-/reload"));
  CHECK(off.status == 403);
  CHECK(off.body == "Lifecycle API is not enabled; start with --web.enable-lifecycle, or send SIGHUP.\n");
}
