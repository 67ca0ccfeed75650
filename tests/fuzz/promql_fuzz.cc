// Expressions: what is taken prints as something that reads back as the same tree.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "lib/promql/parser.h"
#include "lib/promql/print.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fleet::promql::Parsed parsed =
      fleet::promql::Parse(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!parsed.ok()) return 0;
  const std::string printed = fleet::promql::Print(parsed.tree);
  const fleet::promql::Parsed again = fleet::promql::Parse(printed);
  if (!again.ok() || fleet::promql::Print(again.tree) != printed) std::abort();
  if (!fleet::promql::SameExpression(parsed.tree, again.tree)) std::abort();
  return 0;
}
