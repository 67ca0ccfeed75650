#include "rulegen/proof/exposition.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <optional>

#include "lib/base/text.h"

namespace fleet::rulegen {
namespace {

using LabelMap = std::map<std::string, std::string>;

// "value" with \\, \" and \n; `at` stands on the opening quote, and behind the closing one afterwards.
std::optional<std::string> ReadQuoted(std::string_view line, std::size_t& at) {
  if (at >= line.size() || line[at] != '"') return std::nullopt;
  std::string value;
  for (++at; at < line.size(); ++at) {
    if (line[at] == '"') {
      ++at;
      return value;
    }
    if (line[at] == '\\' && at + 1 < line.size()) {
      ++at;
      value += line[at] == 'n' ? '\n' : line[at];
    } else {
      value += line[at];
    }
  }
  return std::nullopt;
}

std::optional<LabelMap> ReadLabels(std::string_view line, std::size_t& at) {
  LabelMap labels;
  for (++at; at < line.size();) {
    if (line[at] == '}') {
      ++at;
      return labels;
    }
    const std::size_t equals = line.find('=', at);
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string name(Trim(line.substr(at, equals - at)));
    at = equals + 1;
    auto value = ReadQuoted(line, at);
    if (!value) return std::nullopt;
    labels[name] = *std::move(value);
    if (at < line.size() && line[at] == ',') ++at;
  }
  return std::nullopt;
}

// name{labels} value [timestamp] [# exemplar]
bool AddSample(std::string_view line, Exposition& exposition) {
  std::size_t at = line.find_first_of("{ ");
  if (at == std::string_view::npos || at == 0) return false;
  const std::string name(line.substr(0, at));
  LabelMap labels;
  if (line[at] == '{') {
    auto read = ReadLabels(line, at);
    if (!read) return false;
    labels = *std::move(read);
  }
  const std::string rest(Trim(line.substr(at)));
  char* end = nullptr;
  const double value = std::strtod(rest.c_str(), &end);
  if (end == rest.c_str()) return false;
  ExposedSeries& series = exposition.series[name];
  ++series.count;
  series.has_bad_number |= !std::isfinite(value);
  for (const auto& [label, text] : labels) series.labels[label].insert(text);
  return true;
}

void AddType(std::string_view line, Exposition& exposition) {
  const auto words = Split(line, ' ');  // # TYPE name type
  if (words.size() < 4 || words[1] != "TYPE") return;
  exposition.types[std::string(words[2])] = std::string(Trim(words[3]));
}

}  // namespace

Result<Exposition> ParseExposition(std::string_view text) {
  Exposition exposition;
  std::size_t number = 0;
  for (const std::string_view raw : Split(text, '\n')) {
    ++number;
    const std::string_view line = Trim(raw);
    if (line.empty()) continue;
    if (line.front() == '#') {
      AddType(line, exposition);
    } else if (!AddSample(line, exposition)) {
      return Fail(fmt::format("line {} is no sample: {:.60}", number, Printable(line)));
    }
  }
  return exposition;
}

}  // namespace fleet::rulegen
