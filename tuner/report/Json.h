// A report as JSON: for scripts, and for the page.
#pragma once

#include "tuner/report/Report.h"

#include <nlohmann/json_fwd.hpp>

namespace ptotune::report {

// Everything but samples and timelines. docs/cli.md lists the keys.
nlohmann::ordered_json summaryJson(const Report& report);

// The summary with what the page shows besides: under "rows" of each shape its samples by column,
// under "timeline" the picture. Levels of a column are one character each, from kLevelDigits, so
// that ten thousands of rows stay small.
nlohmann::ordered_json pageJson(const Report& report);

inline constexpr const char* kLevelDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

} // namespace ptotune::report
