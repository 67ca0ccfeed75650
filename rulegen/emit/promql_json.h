// PromQL in and out as lines of JSON: the protocol of `rulegen promql` as a filter.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace fleet::rulegen {

// The answer to one line, which should be a JSON string with an expression:
//   {"ok":true,"type":"instant vector","canonical":"up{job=\"a\"}","selectors":[[["__name__","=","up"],...]]}
//   {"ok":false,"error":"expected ')', not the end","start":3,"end":3}
// Places are byte offsets in the expression, not in the line. A line that is no JSON string gets an error
// at 0. Bytes that are no UTF-8 become U+FFFD in the answer. Never throws.
std::string AnswerPromqlLine(std::string_view line);

// One answer line for each line of `in`.
void FilterPromql(std::istream& in, std::ostream& out);

}  // namespace fleet::rulegen
