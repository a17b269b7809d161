// The parts of `--format json` that commands share. docs/cli.md lists the keys of every command.
#pragma once

#include "db/Trial.h"
#include "space/Bound.h"
#include "space/Rules.h"
#include "space/Verdict.h"

#include <nlohmann/json_fwd.hpp>

namespace ptotune::cli {

// With sorted keys, as the database has them.
nlohmann::ordered_json problemJson(const Problem& problem);
nlohmann::ordered_json pointJson(const Point& point);

// rule, text, operands, object, limit, details, advice
nlohmann::ordered_json findingJson(const Finding& finding);
// seconds, held_back_by
nlohmann::ordered_json boundJson(const Bound& bound);
// raw, legal, rejected (by rule)
nlohmann::ordered_json enumerationJson(const Enumeration& enumeration);
// point, point_text, status, seconds (median, or null), samples, costs, source_hash, program_hash
nlohmann::ordered_json trialJson(const Trial& trial);

// On stdout, indented, with a newline. Text that is not UTF-8 is replaced.
void printJson(const nlohmann::ordered_json& json);

} // namespace ptotune::cli
