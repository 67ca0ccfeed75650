// Parsed once for each of the larger libraries: what nearly every file includes, from outside the tree only.
// A file still includes what it uses: clang-tidy in the gate, and any build with
// CMAKE_DISABLE_PRECOMPILE_HEADERS, do without this one.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>
