#include "rulegen/emit/dashboard_diff.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

using Json = nlohmann::ordered_json;
using Strings = std::vector<std::string>;

constexpr std::size_t kMostNames = 5;  // in one sentence

// What is there, else null: files may have been edited by hand.
const Json& At(const Json& json, const char* key) {
  static const Json kNull;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() ? *found : kNull;
}

std::string TextAt(const Json& json, const char* key) {
  const Json& text = At(json, key);
  return text.is_string() ? text.get<std::string>() : std::string();
}

// One text of each query of a panel: "expr".
Strings EachTarget(const Json& panel, const char* key) {
  Strings texts;
  for (const Json& target : At(panel, "targets")) texts.push_back(TextAt(target, key));
  return texts;
}

struct Shown {
  std::string title;
  std::string row;
  const Json* json = nullptr;
};

struct Page {
  Strings rows;
  std::vector<Shown> panels;
};

// A row holds its panels while it is collapsed, and is followed by them while it is not.
Page PageOf(const Json& dashboard) {
  Page page;
  std::string row;
  for (const Json& panel : At(dashboard, "panels")) {
    if (At(panel, "type") != "row") {
      page.panels.push_back({TextAt(panel, "title"), row, &panel});
      continue;
    }
    row = TextAt(panel, "title");
    page.rows.push_back(row);
    for (const Json& inner : At(panel, "panels"))
      page.panels.push_back({TextAt(inner, "title"), row, &inner});
  }
  return page;
}

// "a, b and c", or the first few and how many more.
std::string Listed(Strings names) {
  if (names.size() > kMostNames + 1) {
    const std::size_t more = names.size() - kMostNames;
    names.resize(kMostNames);
    names.push_back(fmt::format("{} more", more));
  }
  if (names.size() < 2) return Join(names, "");
  const std::string last = std::move(names.back());
  names.pop_back();
  return Join(names, ", ") + " and " + last;
}

std::string Named(std::string_view what, const Strings& names) {
  Strings quoted;
  for (const std::string& name : names) quoted.push_back("'" + name + "'");
  return fmt::format("{}{} {}", what, names.size() == 1 ? "" : "s", Listed(std::move(quoted)));
}

std::string IsOrAre(const Strings& names) { return names.size() == 1 ? "is" : "are"; }

void DescribeComing(std::string_view what, const Strings& added, const Strings& gone, Strings& sentences) {
  if (!added.empty()) sentences.push_back(Named(what, added) + " " + IsOrAre(added) + " new");
  if (!gone.empty()) sentences.push_back(Named(what, gone) + " " + IsOrAre(gone) + " gone");
}

void DescribeNames(std::string_view what, const Strings& before, const Strings& after, Strings& sentences) {
  const auto only_in = [](const Strings& some, const Strings& others) {
    Strings names;
    for (const std::string& name : some) {
      if (std::count(others.begin(), others.end(), name) == 0) names.push_back(name);
    }
    return names;
  };
  DescribeComing(what, only_in(after, before), only_in(before, after), sentences);
}

// The panels of two versions that are one and the same: by row and title, then by title, then by what they
// ask.
class Pairs {
 public:
  Pairs(const Page& before, const Page& after)
      : before_(before), after_(after), old_of_(after.panels.size()), is_taken_(before.panels.size()) {
    Match([](const Shown& a, const Shown& b) { return a.title == b.title && a.row == b.row; });
    Match([](const Shown& a, const Shown& b) { return a.title == b.title; });
    Match([](const Shown& a, const Shown& b) {
      const Strings queries = EachTarget(*a.json, "expr");
      return !queries.empty() && queries == EachTarget(*b.json, "expr");
    });
  }

  const Shown* OldOf(std::size_t panel) const { return old_of_[panel]; }

  Strings New() const {
    Strings titles;
    for (std::size_t i = 0; i < old_of_.size(); ++i) {
      if (old_of_[i] == nullptr) titles.push_back(after_.panels[i].title);
    }
    return titles;
  }

  Strings Gone() const {
    Strings titles;
    for (std::size_t i = 0; i < is_taken_.size(); ++i) {
      if (!is_taken_[i]) titles.push_back(before_.panels[i].title);
    }
    return titles;
  }

  bool HaveOtherOrder() const {
    const Shown* last = nullptr;
    for (const Shown* old : old_of_) {
      if (old == nullptr) continue;
      if (last != nullptr && old < last) return true;
      last = old;
    }
    return false;
  }

 private:
  template <typename IsSame>
  void Match(IsSame is_same) {
    for (std::size_t i = 0; i < old_of_.size(); ++i) {
      for (std::size_t k = 0; old_of_[i] == nullptr && k < is_taken_.size(); ++k) {
        if (is_taken_[k] || !is_same(before_.panels[k], after_.panels[i])) continue;
        old_of_[i] = &before_.panels[k];
        is_taken_[k] = true;
      }
    }
  }

  const Page& before_;
  const Page& after_;
  std::vector<const Shown*> old_of_;  // of each panel after
  std::vector<bool> is_taken_;        // of each panel before
};

std::string FromTo(const char* what, const std::string& before, const std::string& after) {
  if (before.empty() || after.empty()) return what;
  return fmt::format("{} from {} to {}", what, before, after);
}

// All but what has a word of its own or follows from it, and what follows from other panels.
Json LookOf(Json panel) {
  if (!panel.is_object()) return panel;
  for (const char* key : {"id", "gridPos", "title", "type", "targets", "description", "links"})
    panel.erase(key);
  if (!At(At(panel, "fieldConfig"), "defaults").is_object()) return panel;
  Json& defaults = panel["fieldConfig"]["defaults"];
  for (const char* key : {"unit", "thresholds", "min", "max"}) defaults.erase(key);
  if (!At(defaults, "custom").is_object()) return panel;
  for (const char* key : {"axisSoftMin", "axisSoftMax"}) defaults["custom"].erase(key);
  return panel;
}

// What of a panel is another: "query", "unit from ms to s".
std::string AspectsOf(const Json& before, const Json& after, bool with_size) {
  Strings aspects;
  const auto texts = [&](const char* what, const std::string& old, const std::string& now) {
    if (old != now) aspects.push_back(FromTo(what, old, now));
  };
  if (EachTarget(before, "expr") != EachTarget(after, "expr")) aspects.emplace_back("query");
  if (EachTarget(before, "legendFormat") != EachTarget(after, "legendFormat")) aspects.emplace_back("legend");
  texts("kind", TextAt(before, "type"), TextAt(after, "type"));
  const Json& old_defaults = At(At(before, "fieldConfig"), "defaults");
  const Json& new_defaults = At(At(after, "fieldConfig"), "defaults");
  texts("unit", TextAt(old_defaults, "unit"), TextAt(new_defaults, "unit"));
  if (At(old_defaults, "thresholds") != At(new_defaults, "thresholds")) aspects.emplace_back("bounds");
  if (At(before, "description") != At(after, "description")) aspects.emplace_back("description");
  if (At(before, "links") != At(after, "links")) aspects.emplace_back("links");
  // Another kind looks different in all ways.
  const bool is_same_kind = At(before, "type") == At(after, "type");
  if (is_same_kind && LookOf(before) != LookOf(after)) aspects.emplace_back("look");
  const auto is_as_large = [&](const char* side) {
    return At(At(before, "gridPos"), side) == At(At(after, "gridPos"), side);
  };
  if (with_size && !(is_as_large("w") && is_as_large("h"))) aspects.emplace_back("size");
  return Listed(std::move(aspects));
}

void DescribePanels(const Page& before, const Page& after, Strings& sentences) {
  const Pairs pairs(before, after);
  const Strings added = pairs.New();
  const Strings gone = pairs.Gone();
  DescribeComing("panel", added, gone, sentences);
  const bool is_reordered = pairs.HaveOtherOrder();
  // Else neighbours of a panel share its place.
  const bool with_sizes = added.empty() && gone.empty() && !is_reordered;
  // Panels by what of them is another, in the order of the first of each.
  std::vector<std::pair<std::string, Strings>> changed;
  for (std::size_t i = 0; i < after.panels.size(); ++i) {
    const Shown* old = pairs.OldOf(i);
    const Shown& now = after.panels[i];
    if (old == nullptr) continue;
    if (old->title != now.title) {
      sentences.push_back(fmt::format("panel '{}' is called '{}' now", old->title, now.title));
    }
    const bool row_stays = std::count(after.rows.begin(), after.rows.end(), old->row) > 0;
    if (old->row != now.row && row_stays) {
      sentences.push_back(fmt::format("panel '{}' moves to the row '{}'", now.title, now.row));
    }
    std::string aspects = AspectsOf(*old->json, *now.json, with_sizes);
    if (aspects.empty()) continue;
    const auto same = std::find_if(changed.begin(), changed.end(),
                                   [&](const auto& entry) { return entry.first == aspects; });
    if (same != changed.end()) {
      same->second.push_back(now.title);
    } else {
      changed.emplace_back(std::move(aspects), Strings{now.title});
    }
  }
  for (const auto& [aspects, titles] : changed) {
    sentences.push_back(Named("panel", titles) + (titles.size() == 1 ? " changes its " : " change their ") +
                        aspects);
  }
  if (is_reordered) sentences.emplace_back("panels stand in another order");
}

Strings FiltersOf(const Json& dashboard) {
  Strings names;
  for (const Json& variable : At(At(dashboard, "templating"), "list")) {
    names.push_back(TextAt(variable, "name"));
  }
  return names;
}

// Without the note where it comes from.
std::string DescriptionOf(const Json& dashboard) {
  const std::string text = TextAt(dashboard, "description");
  return text.substr(0, text.find(" Generated by rulegen from "));
}

Strings DescribeDashboard(const Json& before, const Json& after) {
  Strings sentences;
  if (TextAt(before, "title") != TextAt(after, "title")) {
    sentences.push_back(
        fmt::format("is called '{}' instead of '{}'", TextAt(after, "title"), TextAt(before, "title")));
  }
  Strings aspects;
  if (DescriptionOf(before) != DescriptionOf(after)) aspects.emplace_back("description");
  for (const auto& [key, what] :
       {std::pair{"links", "links"}, {"annotations", "marks"}, {"time", "range"}, {"refresh", "refresh"}}) {
    if (At(before, key) != At(after, key)) aspects.emplace_back(what);
  }
  const Strings old_filters = FiltersOf(before);
  const Strings new_filters = FiltersOf(after);
  if (old_filters == new_filters && At(before, "templating") != At(after, "templating")) {
    aspects.emplace_back("filters");
  }
  if (!aspects.empty()) sentences.push_back("changes its " + Listed(std::move(aspects)));
  DescribeNames("filter", old_filters, new_filters, sentences);
  const Page old_page = PageOf(before);
  const Page new_page = PageOf(after);
  DescribeNames("row", old_page.rows, new_page.rows, sentences);
  DescribePanels(old_page, new_page, sentences);
  return sentences;
}

std::string Summary(const Json& dashboard) {
  const std::size_t panels = PageOf(dashboard).panels.size();
  return fmt::format("'{}' with {} panel{}", TextAt(dashboard, "title"), panels, panels == 1 ? "" : "s");
}

Strings DescribeChange(const Change& change) {
  const Json before = Json::parse(change.before, nullptr, false);
  const Json after = Json::parse(change.after, nullptr, false);
  const bool was_classic = At(before, "panels").is_array();
  const bool is_classic = At(after, "panels").is_array();
  if (change.kind == Change::Kind::kNew && is_classic) return {"is new: " + Summary(after)};
  if (change.kind == Change::Kind::kStale && was_classic) return {"is gone; it was " + Summary(before)};
  return was_classic && is_classic ? DescribeDashboard(before, after) : Strings{};
}

}  // namespace

std::vector<DescribedChange> DescribeDashboardChanges(const std::vector<Change>& changes) {
  constexpr std::string_view kFolder = "dashboards/";
  constexpr std::string_view kExtension = ".json";
  std::vector<DescribedChange> described;
  for (const Change& change : changes) {
    if (!change.path.starts_with(kFolder)) continue;
    const std::string uid =
        change.path.substr(kFolder.size(), change.path.size() - kFolder.size() - kExtension.size());
    for (std::string& text : DescribeChange(change))
      described.push_back({"dashboard " + uid, std::move(text)});
  }
  return described;
}

}  // namespace fleet::rulegen
