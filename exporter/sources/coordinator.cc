#include "exporter/sources/coordinator.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <set>

#include "exporter/sources/clock_skew.h"
#include "exporter/sources/http_client.h"
#include "exporter/sources/runner_list.h"

namespace fleet {
namespace {

using source_keys::TextMap;

struct CoordinatorOptions : SourceOptions {
  std::string url;
  std::string preset = "runners";
  std::string component = "coordinator";
  std::string health_path = "/health";
  std::string runners_path;  // empty: the preset's
  std::string pool = "default";
  std::int64_t max_runners = 10'000;
  std::int64_t max_body_bytes = 8 << 20;
  TextMap fields;
  TextMap states;
  HttpClientOptions http;
};

struct Preset {
  std::string_view name;
  std::string_view path;
  std::vector<std::pair<std::string_view, std::string_view>> fields;
};

// Where the layouts come from: `runners` is what a GET /runners commonly answers, a list alone or in
// `runners`; the others are the documented answers of GitHub (REST API "List self-hosted runners"),
// GitLab (API "Runners", /runners/all) and Buildkite (REST API "Agents").
const Preset* FindPreset(std::string_view name) {
  static const Preset kPresets[] = {
      {"runners",
       "/runners",
       {{"list", "runners items data ."},
        {"id", "runner_id id name"},
        {"pool", "pool group type"},
        {"state", "state status"},
        {"busy", "busy current_run_id current_run"},
        {"heartbeat", "last_heartbeat last_heartbeat_at last_seen last_seen_at heartbeat_at"},
        {"slots", "slots max_concurrent_runs max_concurrency capacity"},
        {"slots_used", "slots_used"},
        {"active_runs", "active_runs running current_runs"},
        {"version", "version runner_version"},
        {"os", "os platform host.os"}}},
      {"github",
       "/actions/runners?per_page=100",
       {{"list", "runners"},
        {"id", "name"},
        {"pool", "runner_group_name runner_group_id"},
        {"state", "status"},
        {"busy", "busy"},
        {"os", "os"},
        {"version", "version"}}},
      {"gitlab",
       "/api/v4/runners/all?per_page=100",
       {{"list", "."},
        {"id", "id"},
        {"pool", "runner_type"},
        {"state", "status"},
        {"heartbeat", "contacted_at"},
        {"version", "version"},
        {"os", "platform"}}},
      {"buildkite",
       "/agents?per_page=100",
       {{"list", "."},
        {"id", "id"},
        {"pool", "queue"},
        {"state", "connection_state"},
        {"busy", "job"},
        {"version", "version"}}},
  };
  for (const Preset& preset : kPresets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

constexpr std::string_view kPresetNames[] = {"runners", "github", "gitlab", "buildkite"};
constexpr std::string_view kFieldNames[] = {"list",        "id",        "pool",  "state",
                                            "busy",        "heartbeat", "slots", "slots_used",
                                            "active_runs", "version",   "os"};

// clang-format 14 takes the lambdas for functions.
// clang-format off
using O = CoordinatorOptions;
constexpr SourceKey kKeys[] = {
    source_keys::Text<O, [](auto& o) -> auto& { return o.url; }>(
        {"url", "Where it answers: `http://HOST:PORT` or `https://...`, without the paths", true}),
    source_keys::Choice<O, [](auto& o) -> auto& { return o.preset; }, kPresetNames>(
        {"preset", "What its list of runners looks like: `runners`, `github`, `gitlab` or `buildkite`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.component; }>(
        {"component", "Its name in `fleet_component_up{component}`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.health_path; }>(
        {"health_path", "Path that answers 2xx while it is well; `none`: it is well when it lists its "
                        "runners"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.runners_path; }>(
        {"runners_path", "Path of its list of runners, `none` to read none; by default the preset's"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.pool; }>(
        {"pool", "Pool of runners that say none"}),
    source_keys::Map<O, [](auto& o) -> auto& { return o.fields; }, kFieldNames>(
        {"fields", "Where things stand in the JSON, over those of the preset; see below"}),
    source_keys::Map<O, [](auto& o) -> auto& { return o.states; }, source_keys::kAnyName>(
        {"states", "What it calls a state (lower case): `idle`, `busy`, `draining` or `offline`; common "
                   "words are known"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_runners; }, 1, 1'000'000>(
        {"max_runners", "Most runners taken from one answer"}),
    source_keys::Integer<O, [](auto& o) -> auto& { return o.max_body_bytes; }, 1024, 1 << 30>(
        {"max_body_bytes", "Largest answer read, in bytes"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.username; }>(
        {"username", "For basic authentication, with `password_file`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.password_file; }>(
        {"password_file", "File with the password"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.bearer_token_file; }>(
        {"bearer_token_file", "File with a token, sent as `Authorization: Bearer`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.ca_file; }>(
        {"ca_file", "PEM file of the authorities that may sign its certificate; by default the system's"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.client_cert_file; }>(
        {"client_cert_file", "PEM file of a client certificate, with `client_key_file`"}),
    source_keys::Text<O, [](auto& o) -> auto& { return o.http.client_key_file; }>(
        {"client_key_file", "PEM file of its key"}),
};
// clang-format on

std::optional<SourceType::Problem> Check(const SourceOptions& options) {
  const auto& o = static_cast<const CoordinatorOptions&>(options);
  const bool has_scheme = o.url.starts_with("http://") || o.url.starts_with("https://");
  if (!o.url.empty() && (!has_scheme || o.url.find('@') != std::string::npos)) {
    return SourceType::Problem{"url", "'url' must begin with http:// or https:// and hold no password"};
  }
  for (const auto& [theirs, ours] : o.states) {
    if (ours == "idle" || ours == "busy" || ours == "draining" || ours == "offline") continue;
    return SourceType::Problem{
        "states",
        fmt::format("the state '{}' must become idle, busy, draining or offline, not '{}'", theirs, ours)};
  }
  if (o.http.username.empty() != o.http.password_file.empty()) {
    return SourceType::Problem{"username", "'username' and 'password_file' go together"};
  }
  if (o.http.client_cert_file.empty() != o.http.client_key_file.empty()) {
    return SourceType::Problem{"client_cert_file", "'client_cert_file' and 'client_key_file' go together"};
  }
  return std::nullopt;
}

HttpClientOptions HttpOf(const CoordinatorOptions& options) {
  HttpClientOptions http = options.http;
  http.max_body_bytes = static_cast<std::size_t>(options.max_body_bytes);
  return http;
}

class Coordinator final : public Source {
 public:
  explicit Coordinator(const CoordinatorOptions& options) : options_(options), client_(HttpOf(options)) {
    const Preset& preset = *FindPreset(options.preset);
    for (const auto& [field, paths] : preset.fields) mapping_.fields[std::string(field)] = std::string(paths);
    for (const auto& [field, paths] : options.fields) mapping_.fields[field] = paths;
    mapping_.states = options.states;
    while (options_.url.ends_with('/')) options_.url.pop_back();
    if (options_.runners_path.empty()) options_.runners_path = std::string(preset.path);
    if (options_.health_path != "none") paths_.push_back(options_.health_path);
    if (options_.runners_path != "none") paths_.push_back(options_.runners_path);
  }

  Result<void> Read(const SourceRun& run) override {
    is_well_ = false;
    std::vector<std::string> urls;
    for (const std::string& path : paths_) urls.push_back(options_.url + path);
    const std::vector<HttpGot> answers = client_.Get(urls, run.deadline);
    const UnixMillis now = run.clock.Now();
    if (options_.health_path != "none" && answers.front().error.empty()) ReportUp(run.facts, now);
    Result<void> listed;
    if (options_.runners_path != "none" && answers.back().error.empty()) {
      listed = ReadRunners(answers.back(), now, run.facts);
      if (listed && options_.health_path == "none") ReportUp(run.facts, now);
    }
    for (std::size_t i = 0; i < answers.size(); ++i) {
      if (!answers[i].error.empty()) return Fail(fmt::format("GET {}: {}", paths_[i], answers[i].error));
    }
    if (!listed) return tl::make_unexpected(listed.error().Within("GET " + options_.runners_path));
    return {};
  }

  // A coordinator that is well and only does not list its runners is not down.
  void ReportDown(FactSink& facts, UnixMillis now) const override {
    if (is_well_) return;
    const Fact down =
        Fact("component.state", now).Text(Field::kComponent, options_.component).Bool(Field::kUp, false);
    facts.Report(down);
  }

 private:
  void ReportUp(FactSink& facts, UnixMillis now) {
    is_well_ = true;
    facts.Report(
        Fact("component.state", now).Text(Field::kComponent, options_.component).Bool(Field::kUp, true));
  }

  Result<void> ReadRunners(const HttpGot& answer, UnixMillis now, FactSink& facts) {
    const auto list = parser_.Parse(answer.body, mapping_, static_cast<std::size_t>(options_.max_runners));
    if (!list) return tl::make_unexpected(list.error());
    facts.Unusable(list->unusable, list->example);
    skew_.Learn(now, answer.date);
    std::set<std::string, std::less<>> listed;
    for (const ListedRunner& runner : list->runners) {
      ReportRunner(runner, now, facts);
      listed.insert(runner.id);
    }
    if (!list->complete) return Fail(fmt::format("more than {} runners are listed", options_.max_runners));
    for (const std::string& id : known_) {
      if (!listed.contains(id)) facts.Report(Fact("runner.offline", now).Text(Field::kRunnerId, id));
    }
    known_ = std::move(listed);
    return {};
  }

  // Without a heartbeat of its own a runner that is online is heard of now, and one that is not is
  // introduced once.
  void ReportRunner(const ListedRunner& runner, UnixMillis now, FactSink& facts) const {
    if (!runner.heartbeat && runner.state == "offline" && known_.contains(runner.id)) {
      facts.Report(Fact("runner.offline", now).Text(Field::kRunnerId, runner.id));
      return;
    }
    const UnixMillis at = runner.heartbeat ? std::min(now, skew_.ToOurs(*runner.heartbeat)) : now;
    facts.Report(Fact("runner.heartbeat", at)
                     .Text(Field::kRunnerId, runner.id)
                     .Text(Field::kPool, runner.pool.empty() ? options_.pool : runner.pool)
                     .Text(Field::kState, runner.state)
                     .Number(Field::kSlots, runner.slots)
                     .Number(Field::kSlotsUsed, runner.slots_used)
                     .Number(Field::kActiveRuns, runner.active_runs)
                     .Text(Field::kVersion, runner.version)
                     .Text(Field::kOs, runner.os));
  }

  CoordinatorOptions options_;
  std::vector<std::string> paths_;
  HttpClient client_;
  RunnerMapping mapping_;
  RunnerListParser parser_;
  ClockSkew skew_;
  std::atomic<bool> is_well_ = false;         // in the read that runs or ran last
  std::set<std::string, std::less<>> known_;  // runners of the last complete list
};

constexpr char kNotes[] =
    R"(`fields` says where things stand: `list` (the array; `.` is the document itself), `id`, `pool`, `state`, `busy`,
`heartbeat`, `slots`, `slots_used`, `active_runs`, `version` and `os`. A value is a path of member names
(`host.os`), or several separated by blanks, of which the first that is there counts. Heartbeats are RFC 3339
(without an offset: UTC) or unix seconds, milliseconds or microseconds; where the clock of the coordinator is
wrong by its `Date` header, they are corrected. A runner that is no longer listed is offline.

```yaml
sources:
  - type: coordinator
    url: https://coordinator.example.org
    bearer_token_file: /etc/fleet/coordinator-token
    fields: {list: data.runners, id: uuid, heartbeat: seen_at}
    states: {sleeping: idle}
```)";

}  // namespace

const SourceType kCoordinatorSource = {
    .name = "coordinator",
    .summary =
        "Asks a coordinator for its health (`fleet_component_up`) and its runners (`fleet_runners`, "
        "`fleet_runner_*`). Redirects are not followed, and no proxy of the environment is used.",
    .notes = kNotes,
    .keys = kKeys,
    .interval = {},
    .defaults = []() -> std::unique_ptr<SourceOptions> { return std::make_unique<CoordinatorOptions>(); },
    .check = Check,
    .make = [](const SourceOptions& options, const std::string&) -> std::unique_ptr<Source> {
      return std::make_unique<Coordinator>(static_cast<const CoordinatorOptions&>(options));
    },
};

}  // namespace fleet
