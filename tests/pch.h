// Parsed once for each binary of unit tests.
#pragma once

#include <catch2/catch.hpp>

#include "lib/pch.h"
