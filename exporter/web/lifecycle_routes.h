// What an operator may ask of the running program.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "exporter/web/router.h"

namespace fleet {

// Reads the configuration again; why it was not taken, or nothing.
using ReloadFunction = std::function<std::optional<std::string>()>;

// POST and PUT /-/reload; without a function 403 and what to do about it.
std::vector<Route> LifecycleRoutes(const ReloadFunction& reload);

}  // namespace fleet
