#include "exporter/simulate/ingest_answer.h"

#include <simdjson.h>

#include <algorithm>

namespace fleet::simulate {
namespace {

std::string TextOf(const simdjson::dom::element& object, std::string_view key) {
  std::string_view text;
  if (object[key].get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

std::uint64_t NumberOf(const simdjson::dom::element& object, std::string_view key) {
  std::uint64_t number = 0;
  if (object[key].get(number) != simdjson::SUCCESS) return 0;
  return number;
}

}  // namespace

IngestAnswer ParseIngestAnswer(std::string_view body) {
  IngestAnswer answer;
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(body.data(), body.size()).get(root) != simdjson::SUCCESS) return answer;
  answer.accepted = NumberOf(root, "accepted");
  answer.duplicates = NumberOf(root, "duplicates");
  answer.error = TextOf(root, "error");
  simdjson::dom::array rejected;
  if (root["rejected"].get(rejected) != simdjson::SUCCESS) return answer;
  for (const simdjson::dom::element entry : rejected) answer.rejected.push_back(TextOf(entry, "reason"));
  answer.rejected_total = std::max<std::uint64_t>(answer.rejected.size(), NumberOf(root, "rejected_total"));
  return answer;
}

}  // namespace fleet::simulate
