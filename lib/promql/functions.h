// The functions of Prometheus 3.14, one row each.
#pragma once

#include <span>
#include <string_view>

#include "lib/promql/ast.h"

namespace fleet::promql {

struct Function {
  std::string_view name;
  // Types of the arguments: s scalar, v instant vector, m range vector, t string. `?` behind the last
  // makes it optional, `*` lets it stand any number of times, none included.
  std::string_view args;
  ValueType returns = ValueType::kInstantVector;
  // Needs a flag of the server, so that it is refused here.
  bool is_experimental = false;
  // Prometheus 2.42, the oldest one we write for, does not have it.
  bool is_new = false;

  int least_args() const;
  int most_args() const;  // -1: any number
  // Of argument `i`, from 0.
  ValueType arg_type(int i) const;
};

// Null when there is none. Case matters.
const Function* FindFunction(std::string_view name);

std::span<const Function> Functions();

}  // namespace fleet::promql
