// Walks the tables of rulegen, and the policy of this repository: nothing without its test, its page of
// documentation, its runbook.
#include <catch2/catch.hpp>
#include <filesystem>
#include <set>
#include <string>

#include "lib/base/file_system.h"
#include "lib/base/text.h"
#include "rulegen/commands/commands.h"
#include "rulegen/emit/outputs.h"
#include "rulegen/plan/plan.h"
#include "rulegen/policy/checks.h"
#include "rulegen/policy/reader.h"
#include "rulegen/sli/kinds.h"
#include "tests/support/paths.h"

namespace fleet::rulegen {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = fleet::test::SourcePath("");

std::string Read(const fs::path& path) { return ReadFile((kRoot / path).string()).value(); }

Policy OwnPolicy() {
  static const SourceText source("slo/policies.yaml", Read("slo/policies.yaml"));
  Diagnostics diagnostics(source);
  Policy policy = ReadPolicy(source, diagnostics);
  CheckPolicy(policy, diagnostics);
  INFO(diagnostics.Render());
  REQUIRE(diagnostics.all().empty());
  return policy;
}

std::string PromtoolTests() {
  std::string text;
  for (const auto& entry : fs::directory_iterator(kRoot / "tests/promtool")) {
    if (entry.path().extension() == ".yml") text += ReadFile(entry.path().string()).value();
  }
  return text;
}

TEST_CASE("every check has a golden folder and a heading in docs/policy-format.md") {
  const std::string page = Read("docs/policy-format.md");
  std::set<std::string_view> ids = OtherCheckIds();
  for (const PolicyCheck& check : PolicyChecks()) ids.insert(check.id);
  for (const std::string_view id : ids) {
    INFO(id);
    CHECK(page.find("#### " + std::string(id) + "\n") != std::string::npos);
    // What YAML itself can get wrong is tested in tests/unit/lib/yaml.
    if (id.starts_with("yaml-") || id == "text-encoding") continue;
    const fs::path want = kRoot / "tests/golden/rulegen" / ("bad-" + std::string(id)) / "want.stderr";
    REQUIRE(fs::exists(want));
    CHECK(ReadFile(want.string()).value().find("[" + std::string(id) + "]\n") != std::string::npos);
  }
}

TEST_CASE("no message ends in an id that is in no table") {
  std::set<std::string_view> known = OtherCheckIds();
  for (const PolicyCheck& check : PolicyChecks()) known.insert(check.id);
  for (const auto& entry : fs::recursive_directory_iterator(kRoot / "tests/golden/rulegen")) {
    if (entry.path().filename() != "want.stderr") continue;
    const std::string text = ReadFile(entry.path().string()).value();
    for (const std::string_view line : Split(text, '\n')) {
      if (!line.starts_with("slo/policies.yaml:")) continue;
      const std::size_t begin = line.rfind('[') + 1;
      INFO(line);
      CHECK(known.contains(line.substr(begin, line.size() - 1 - begin)));
    }
  }
}

TEST_CASE("every kind of SLI has a golden folder and a heading") {
  const std::string page = Read("docs/policy-format.md");
  for (const SliKind* kind : SliKinds()) {
    const std::string key(kind->key);
    INFO(key);
    CHECK(page.find("### `sli: {" + key + ": ...}`\n") != std::string::npos);
    bool has_folder = false;
    for (const auto& entry : fs::directory_iterator(kRoot / "tests/golden/rulegen")) {
      has_folder |= entry.path().filename().string().rfind(key, 0) == 0;
    }
    CHECK(has_folder);
  }
}

TEST_CASE("every command has an example that names it") {
  for (const Command& command : Commands()) {
    CHECK(command.example.starts_with("rulegen " + std::string(command.name)));
  }
}

TEST_CASE("every alert of the policy has a runbook that names it, links, and a promtool test") {
  const Policy policy = OwnPolicy();
  const std::string tests = PromtoolTests();
  const std::string link_begin = policy.runbook_url->substr(0, policy.runbook_url->find("{runbook}"));
  std::size_t alerts = 0;
  for (const RuleFile& file : MakePlan(policy).rule_files) {
    for (const RuleGroup& group : file.groups) {
      for (const Rule& rule : group.rules) {
        if (!rule.is_alert) continue;
        ++alerts;
        INFO(rule.name);
        REQUIRE(rule.annotations.size() == 4);
        CHECK(rule.annotations[0].first == "summary");
        CHECK(rule.annotations[1].first == "description");
        CHECK(rule.annotations[2].first == "runbook_url");
        CHECK(rule.annotations[3].first == "dashboard_url");
        const std::string page = rule.annotations[2].second.substr(link_begin.size());
        const fs::path runbook = fs::path("docs/runbooks") / page;
        REQUIRE(fs::exists(kRoot / runbook));
        CHECK(Read(runbook).find(rule.name) != std::string::npos);
        CHECK(tests.find("alertname=\"" + rule.name + "\"") != std::string::npos);
      }
    }
  }
  CHECK(alerts > 40);
}

TEST_CASE("two builds give the same bytes") {
  const auto build = [] {
    const Policy policy = OwnPolicy();
    std::string all;
    for (const Output& output : RenderAll(policy, MakePlan(policy), {"slo/policies.yaml", policy.hash})) {
      all += output.path + "\n" + output.bytes;
    }
    return all;
  };
  const std::string first = build();
  CHECK(first.size() > 100'000);
  CHECK(first == build());
}

TEST_CASE("every runbook has the sections of a runbook") {
  for (const auto& entry : fs::directory_iterator(kRoot / "docs/runbooks")) {
    if (entry.path().extension() != ".md") continue;
    INFO(entry.path());
    const std::string text = ReadFile(entry.path().string()).value();
    for (const char* heading :
         {"Symptoms", "Investigation", "Causes", "Resolution", "Escalation", "Post-incident"}) {
      CHECK(text.find("\n## " + std::string(heading) + "\n") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace fleet::rulegen
