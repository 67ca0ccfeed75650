#include "rulegen/emit/grafana/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "lib/base/text.h"
#include "rulegen/emit/grafana/check_panel.h"
#include "rulegen/emit/grafana/expr_scan.h"
#include "rulegen/emit/grafana/layout.h"

namespace fleet::rulegen::grafana {
namespace {

using Problems = std::vector<std::string>;

constexpr std::size_t kMaxOpenPanels = 20;
constexpr std::size_t kMaxUid = 40;
constexpr Duration kFastestRules = std::chrono::seconds(30);

bool IsUid(std::string_view uid) {
  const auto ok = [](char c) { return IsLetter(c) || IsDigit(c) || c == '-' || c == '_'; };
  return !uid.empty() && uid.size() <= kMaxUid && std::ranges::all_of(uid, ok);
}

void CheckIdentity(const Dashboard& d, Problems& problems) {
  if (!IsUid(d.uid)) problems.push_back(fmt::format("uid '{}': 1 to 40 of A-Z a-z 0-9 - _", d.uid));
  if (d.title.empty()) problems.emplace_back("no title");
  if (d.description.empty()) problems.emplace_back("no description");
  if (std::ranges::find(d.tags, "rulegen") == d.tags.end()) problems.emplace_back("no tag 'rulegen'");
  if (d.refresh < kFastestRules) {
    problems.push_back(fmt::format("refresh {} is faster than rules are evaluated ({})",
                                   PrintDuration(d.refresh), PrintDuration(kFastestRules)));
  }
  for (const DashboardLink& link : d.links) {
    if (link.title.empty() || !link.tag.empty() + !link.uid.empty() + !link.url.empty() != 1) {
      problems.emplace_back("dashboard link without title, or without one of tag, uid and url");
    }
  }
}

// Knows the variables and notes which were used.
class Variables {
 public:
  Variables(const Dashboard& d, Problems& problems) : problems_(problems) {
    for (const Variable& v : d.variables) {
      if (v.name == kDatasource || !multi_.emplace(v.name, v.multi).second) {
        problems_.push_back(fmt::format("variable '{}': declared twice", v.name));
      }
    }
  }

  // `known` are the names that may be used here; null means all.
  void Use(const std::string& where, std::string_view text, const std::set<std::string>* known = nullptr) {
    for (const std::string& name : ScanVariables(text)) {
      if (name == kDatasource) continue;
      used_.insert(name);
      if (!multi_.contains(name)) {
        problems_.push_back(fmt::format("{}: there is no variable '{}'", where, name));
      } else if (known != nullptr && !known->contains(name)) {
        problems_.push_back(fmt::format("{}: uses '{}', which comes after it", where, name));
      }
    }
    for (const std::string& name : ScanEqualityVariables(text)) {
      const auto it = multi_.find(name);
      if (it != multi_.end() && it->second) {
        problems_.push_back(fmt::format("{}: '{}' can have several values and needs =~", where, name));
      }
    }
  }

  void ReportUnused() {
    for (const auto& [name, multi] : multi_) {
      if (!used_.contains(name)) problems_.push_back(fmt::format("variable '{}': never used", name));
    }
  }

 private:
  std::map<std::string, bool> multi_;
  std::set<std::string> used_;
  Problems& problems_;
};

void CheckVariables(const Dashboard& d, Problems& problems) {
  Variables variables(d, problems);
  std::set<std::string> before;
  for (const Variable& v : d.variables) {
    if (v.label.empty()) problems.push_back(fmt::format("variable '{}': no label", v.name));
    variables.Use(fmt::format("variable '{}'", v.name), v.selector, &before);
    before.insert(v.name);
  }
  for (const Annotation& a : d.annotations) variables.Use(fmt::format("annotation '{}'", a.name), a.expr);
  for (const Section& s : d.layout) variables.Use(fmt::format("section '{}'", s.title), s.title);
  for (const Panel& p : d.panels) {
    const std::string where = fmt::format("panel '{}'", p.title);
    variables.Use(where, p.title);
    variables.Use(where, p.description);
    for (const Target& t : p.targets) {
      variables.Use(where, t.expr);
      variables.Use(where, t.legend);
    }
    for (const Link& link : p.links) variables.Use(where, link.url);
    if (const auto* text = std::get_if<Text>(&p.view)) variables.Use(where, text->markdown);
    if (const auto* table = std::get_if<Table>(&p.view)) {
      for (const Column& column : table->columns) {
        for (const Link& link : column.links) variables.Use(where, link.url);
      }
    }
  }
  variables.ReportUnused();
}

// Without a matcher of the service, the alerts of a whole company are drawn, and the page freezes.
void CheckAnnotations(const Dashboard& d, Problems& problems) {
  for (const Annotation& a : d.annotations) {
    if (a.step <= Duration::zero()) problems.push_back(fmt::format("annotation '{}': no step", a.name));
    const std::size_t alerts = a.expr.find("ALERTS");
    if (alerts == std::string::npos) continue;
    const std::string matchers = a.expr.substr(alerts, a.expr.find('}', alerts) - alerts);
    const auto count = std::ranges::count(matchers, '=');
    if (count < 2) problems.push_back(fmt::format("annotation '{}': draws alerts of every service", a.name));
  }
}

void CheckLayout(const Dashboard& d, Problems& problems) {
  std::vector<int> placed(d.panels.size(), 0);
  std::size_t open = 0;
  for (const Section& section : d.layout) {
    if (section.title.empty()) problems.emplace_back("section without a title");
    for (std::size_t i = 0; i < section.lines.size(); ++i) {
      const Line& line = section.lines[i];
      const std::string where = fmt::format("section '{}' line {}", section.title, i + 1);
      int width = 0;
      for (const Slot& slot : line.slots) {
        width += slot.width;
        if (slot.width <= 0) problems.push_back(fmt::format("{}: a panel without width", where));
        if (slot.panel >= d.panels.size()) {
          problems.push_back(fmt::format("{}: there is no panel {}", where, slot.panel + 1));
        } else {
          ++placed[slot.panel];
        }
      }
      if (line.height <= 0) problems.push_back(fmt::format("{}: no height", where));
      if (width != kGridColumns) {
        problems.push_back(fmt::format("{}: widths add up to {}, not {}", where, width, kGridColumns));
      }
      if (!section.collapsed) open += line.slots.size();
    }
  }
  for (std::size_t i = 0; i < placed.size(); ++i) {
    if (placed[i] != 1) {
      problems.push_back(fmt::format("panel '{}': placed {} times", d.panels[i].title, placed[i]));
    }
  }
  if (open > kMaxOpenPanels) {
    problems.push_back(fmt::format("{} open panels, at most {}", open, kMaxOpenPanels));
  }
}

void CheckPanels(const Dashboard& d, Problems& problems) {
  for (const Section& section : d.layout) {
    for (const Line& line : section.lines) {
      for (const Slot& slot : line.slots) {
        if (slot.panel >= d.panels.size()) continue;
        CheckPanel(d.panels[slot.panel], slot.width, line.height, problems);
      }
    }
  }
}

}  // namespace

std::vector<std::string> CheckDashboard(const Dashboard& dashboard) {
  Problems problems;
  CheckIdentity(dashboard, problems);
  CheckVariables(dashboard, problems);
  CheckAnnotations(dashboard, problems);
  CheckLayout(dashboard, problems);
  CheckPanels(dashboard, problems);
  return problems;
}

std::vector<std::string> CheckDashboards(std::span<const Dashboard> dashboards) {
  Problems problems;
  std::set<std::string> uids;
  std::set<std::string> titles;
  for (const Dashboard& d : dashboards) {
    for (const std::string& problem : CheckDashboard(d)) problems.push_back(d.uid + ": " + problem);
    if (!uids.insert(d.uid).second) problems.push_back(fmt::format("{}: uid used twice", d.uid));
    if (!titles.insert(d.title).second)
      problems.push_back(fmt::format("{}: title '{}' used twice", d.uid, d.title));
  }
  return problems;
}

}  // namespace fleet::rulegen::grafana
