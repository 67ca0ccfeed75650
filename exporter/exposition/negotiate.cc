#include "exporter/exposition/negotiate.h"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string>
#include <system_error>
#include <tuple>

#include "lib/base/text.h"

namespace fleet {
namespace {

struct Offer {
  std::string_view type;
  std::string_view subtype;
  std::string_view version;
  PageType page;
};

// Between equals the first wins.
constexpr Offer kOffers[] = {
    {"text", "plain", "0.0.4", {PageFormat::kText, "text/plain; version=0.0.4; charset=utf-8"}},
    {"application",
     "openmetrics-text",
     "1.0.0",
     {PageFormat::kOpenMetrics, "application/openmetrics-text; version=1.0.0; charset=utf-8"}},
    {"application",
     "openmetrics-text",
     "0.0.1",
     {PageFormat::kOpenMetrics, "application/openmetrics-text; version=0.0.1; charset=utf-8"}},
};

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Cuts the next element off `rest`, at a separator outside of quotes.
std::string_view NextElement(std::string_view& rest, char separator) {
  bool quoted = false;
  std::size_t i = 0;
  for (; i < rest.size() && (quoted || rest[i] != separator); ++i) {
    if (rest[i] == '"') quoted = !quoted;
    if (quoted && rest[i] == '\\') ++i;
  }
  i = std::min(i, rest.size());
  const std::string_view element = TrimBlanks(rest.substr(0, i));
  rest.remove_prefix(std::min(i + 1, rest.size()));
  return element;
}

// A weight that makes no sense counts as 1, as if it were not there (so does Go's negotiation).
double ParseWeight(std::string_view text) {
  double q = 1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), q);
  if (error != std::errc() || end != text.data() + text.size() || !(q >= 0)) return 1;
  return std::min(q, 1.0);
}

// One element of a header: `text/plain;version=0.0.4;q=0.5`. Unknown parameters are skipped.
struct Choice {
  std::string_view name;
  std::string_view version;
  double q = 1;
};

Choice ParseChoice(std::string_view element) {
  Choice choice;
  choice.name = NextElement(element, ';');
  while (!element.empty()) {
    const std::string_view parameter = NextElement(element, ';');
    const std::size_t equals = parameter.find('=');
    if (equals == std::string_view::npos) continue;
    const std::string_view name = TrimBlanks(parameter.substr(0, equals));
    std::string_view value = TrimBlanks(parameter.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    if (EqualsIgnoringCase(name, "q")) choice.q = ParseWeight(value);
    if (EqualsIgnoringCase(name, "version")) choice.version = value;
  }
  return choice;
}

// How exactly the choice names the offer: 0 for */*, 1 text/*, 2 the type, 3 with its version.
std::optional<int> Exactness(const Choice& choice, const Offer& offer) {
  const std::size_t slash = choice.name.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::string_view type = choice.name.substr(0, slash);
  const std::string_view subtype = choice.name.substr(slash + 1);
  if (type == "*" && subtype == "*") return 0;
  if (!EqualsIgnoringCase(type, offer.type)) return std::nullopt;
  if (subtype == "*") return 1;
  if (!EqualsIgnoringCase(subtype, offer.subtype)) return std::nullopt;
  if (choice.version.empty()) return 2;
  if (choice.version != offer.version) return std::nullopt;
  return 3;
}

struct Rank {
  double q = 0;
  int exactness = -1;
  int place = 0;  // negated: earlier is better

  friend bool operator<(const Rank& a, const Rank& b) {
    return std::tie(a.q, a.exactness, a.place) < std::tie(b.q, b.exactness, b.place);
  }
};

// What the header says about one offer: the most exact of the elements that name it decides.
Rank RankOf(const Offer& offer, std::string_view accept) {
  Rank rank;
  for (int place = 0; !accept.empty(); --place) {
    const Choice choice = ParseChoice(NextElement(accept, ','));
    const std::optional<int> exactness = Exactness(choice, offer);
    if (exactness && *exactness > rank.exactness) rank = {choice.q, *exactness, place};
  }
  return rank;
}

}  // namespace

PageType NegotiateType(std::string_view accept) {
  const Offer* best = &kOffers[0];
  Rank best_rank = RankOf(*best, accept);
  for (const Offer& offer : kOffers) {
    const Rank rank = RankOf(offer, accept);
    if (rank.q > 0 && best_rank < rank) {
      best = &offer;
      best_rank = rank;
    }
  }
  return best->page;
}

bool NegotiateGzip(std::string_view accept_encoding) {
  std::optional<double> gzip, identity, any;
  while (!accept_encoding.empty()) {
    const Choice choice = ParseChoice(NextElement(accept_encoding, ','));
    if (EqualsIgnoringCase(choice.name, "gzip") || EqualsIgnoringCase(choice.name, "x-gzip")) {
      gzip = choice.q;
    } else if (EqualsIgnoringCase(choice.name, "identity")) {
      identity = choice.q;
    } else if (choice.name == "*") {
      any = choice.q;
    }
  }
  const double q = gzip.value_or(any.value_or(0));
  return q > 0 && q >= identity.value_or(0);
}

}  // namespace fleet
