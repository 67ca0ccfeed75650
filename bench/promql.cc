// What reading PromQL costs: lexing, parsing and checking, then the canonical print.
//
//   bench_promql generate SEED COUNT   expressions that we take, one a line
//   bench_promql measure FILE          one pass over such lines, on one core, as JSON
#include <fmt/format.h>
#include <time.h>

#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "lib/promql/lexer.h"
#include "lib/promql/parser.h"
#include "lib/promql/print.h"
#include "tests/support/promql_generator.h"

namespace {

using namespace fleet::promql;

// Seconds of this thread's CPU.
double CpuSeconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

int Generate(unsigned seed, int count) {
  fleet::test::PromqlGenerator generator(seed);
  while (count > 0) {
    const std::string text = generator.Next();
    if (!Parse(text).ok()) continue;
    fmt::print("{}\n", text);
    --count;
  }
  return 0;
}

std::size_t CountTokens(std::string_view text) {
  Lexer lexer(text);
  std::size_t tokens = 0;
  while (lexer.Next().kind != TokenKind::kEnd) ++tokens;
  return tokens;
}

int Measure(const char* file) {
  std::vector<std::string> texts;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) texts.push_back(line);
  std::size_t tokens = 0;
  std::size_t bytes = 0;
  for (const std::string& text : texts) {
    const Parsed parsed = Parse(text);  // also warms up
    if (!parsed.ok()) {
      fmt::print(stderr, "not an expression: {}\n", text);
      return 1;
    }
    tokens += CountTokens(text);
    bytes += text.size();
  }
  std::vector<Parsed> trees;
  trees.reserve(texts.size());
  const double begin = CpuSeconds();
  for (const std::string& text : texts) trees.push_back(Parse(text));
  const double parsed_at = CpuSeconds();
  std::size_t printed = 0;
  for (const Parsed& parsed : trees) printed += Print(parsed.tree).size();
  const double printed_at = CpuSeconds();
  fmt::print(
      "{{\"tokens\":{},\"bytes\":{},\"printed_bytes\":{},\"parse_seconds\":{},\"print_seconds\":{}}}\n",
      tokens, bytes, printed, parsed_at - begin, printed_at - parsed_at);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (mode == "generate" && argc == 4) {
    return Generate(static_cast<unsigned>(std::atoi(argv[2])), std::atoi(argv[3]));
  }
  if (mode == "measure" && argc == 3) return Measure(argv[2]);
  fmt::print(stderr, "usage: bench_promql generate SEED COUNT | measure FILE\n");
  return 2;
}
