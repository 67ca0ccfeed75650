// Shares of errors as people write them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "lib/base/decimal.h"
#include "lib/base/text.h"

namespace fleet::rulegen {

// "2%" or "0.02" is 0.02; above 0 and at most 1.
inline std::optional<Decimal> ParseShare(std::string_view text) {
  const bool is_percent = text.ends_with('%');
  if (is_percent) text.remove_suffix(1);
  const auto number = Decimal::Parse(text);
  if (!number || number->scale() > 7) return std::nullopt;
  const Decimal share = is_percent ? number->ShiftedRight(2) : *number;
  if (share <= Decimal() || share > Decimal(1, 0)) return std::nullopt;
  return share;
}

// "100%,10%"; nothing when one of them is wrong.
inline std::optional<std::vector<Decimal>> ParseShares(std::string_view text) {
  std::vector<Decimal> shares;
  for (const std::string_view part : Split(text, ',')) {
    const auto share = ParseShare(Trim(part));
    if (!share) return std::nullopt;
    shares.push_back(*share);
  }
  return shares;
}

}  // namespace fleet::rulegen
