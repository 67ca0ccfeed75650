#include "exporter/web/api_routes.h"

#include <algorithm>

#include "exporter/web/api_json.h"
#include "exporter/web/list_query.h"
#include "exporter/web/status_page.h"

namespace fleet {
namespace {

constexpr std::string_view kWorkerStates[] = {"healthy", "stale", "down", "stopped"};
constexpr std::string_view kRunnerStates[] = {"idle", "busy", "draining", "offline"};
constexpr std::string_view kSandboxStates[] = {"provisioning", "running", "stopped",
                                               "terminating",  "zombie",  "orphaned"};

HttpResponse ApiAnswer(int status, std::string body) {
  HttpResponse response = HttpResponse::Json(status, std::move(body));
  response.headers.push_back({"Cache-Control", "no-store"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  return response;
}

// A list: the query is parsed, `answer(query, now)` makes the JSON of it.
template <typename Answer>
Route ListRoute(std::string_view path, const ListParameters& parameters, const Clock* clock, Answer answer) {
  return {"GET", std::string(path), "api", [=](HttpRequest& request, const PathValues&) {
            const auto query = ParseListQuery(request.query, parameters);
            if (!query) return ApiAnswer(400, ErrorJson(query.error().message));
            return ApiAnswer(200, answer(*query, clock->Now()));
          }};
}

Listed<QueueStatus> PageOf(const std::vector<QueueStatus>& queues, const ListQuery& query) {
  Listed<QueueStatus> page;
  page.total = queues.size();
  for (const QueueStatus& queue : queues) {  // sorted by name
    if (queue.queue <= query.after) continue;
    if (page.items.size() == query.limit) {
      page.next = page.items.back().queue;
      break;
    }
    page.items.push_back(queue);
  }
  return page;
}

// What the page shows of a list.
ListQuery Few(std::string_view state) {
  ListQuery query;
  query.state = std::string(state);
  query.limit = kShownOnPage;
  return query;
}

StatusPageData Gather(const ApiSources& sources) {
  StatusPageData data;
  const Fleet& fleet = *sources.fleet;
  data.now = sources.clock->Now();
  data.status = ReadStatus(*sources.collect(), sources.metric_namespace);
  for (const std::string_view state : {"down", "stale"}) {
    auto page = fleet.Workers(data.now, Few(state));
    data.silent_workers_total += page.total;
    std::ranges::move(page.items, std::back_inserter(data.silent_workers));
  }
  data.zombies = fleet.Sandboxes(data.now, Few("zombie"));
  data.orphans = fleet.Sandboxes(data.now, Few("orphaned"));
  data.tasks = fleet.Tasks(data.now, Few(""));
  data.telemetry_path = sources.telemetry_path;
  data.ingest_address = sources.ingest_address;
  return data;
}

HttpResponse Page(const ApiSources& sources, HttpRequest& request) {
  StatusPageData data = Gather(sources);
  data.refresh = request.query != "refresh=0";
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.headers.push_back(
      {"Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:"});
  response.headers.push_back({"X-Content-Type-Options", "nosniff"});
  response.headers.push_back({"Referrer-Policy", "no-referrer"});
  response.headers.push_back({"Cache-Control", "no-store"});
  response.body = RenderStatusPage(data);
  return response;
}

}  // namespace

std::vector<Route> ApiRoutes(const ApiSources& sources) {
  const Fleet* const fleet = sources.fleet;
  const Clock* const clock = sources.clock;
  std::vector<Route> routes;
  routes.push_back(ListRoute(
      "/api/v1/workers", {kWorkerStates, "worker_type", true}, clock,
      [=](const ListQuery& query, UnixMillis now) { return WorkersJson(fleet->Workers(now, query), now); }));
  routes.push_back(ListRoute(
      "/api/v1/runners", {kRunnerStates, "pool", true}, clock,
      [=](const ListQuery& query, UnixMillis now) { return RunnersJson(fleet->Runners(now, query), now); }));
  routes.push_back(ListRoute("/api/v1/sandboxes", {kSandboxStates, "sandbox_type", true}, clock,
                             [=](const ListQuery& query, UnixMillis now) {
                               return SandboxesJson(fleet->Sandboxes(now, query), now);
                             }));
  routes.push_back(ListRoute("/api/v1/tasks/summary", {}, clock, [=](const ListQuery& query, UnixMillis now) {
    return TaskSummaryJson(fleet->Tasks(now, query), now);
  }));
  routes.push_back(ListRoute("/api/v1/queues", {}, clock, [=](const ListQuery& query, UnixMillis now) {
    const FleetStatus status = ReadStatus(*sources.collect(), sources.metric_namespace);
    return QueuesJson(PageOf(status.queues, query), now);
  }));
  routes.push_back({"GET", "/api/v1/status", "api", [=](HttpRequest& request, const PathValues&) {
                      if (!request.query.empty()) {
                        return ApiAnswer(400, ErrorJson("the status takes no parameters"));
                      }
                      return ApiAnswer(
                          200,
                          StatusJson(ReadStatus(*sources.collect(), sources.metric_namespace), clock->Now()));
                    }});
  if (sources.telemetry_path != "/") {
    routes.push_back({"GET", "/", "landing",
                      [=](HttpRequest& request, const PathValues&) { return Page(sources, request); }});
  }
  return routes;
}

}  // namespace fleet
