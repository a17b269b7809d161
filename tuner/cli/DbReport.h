// What pto-tune db prints.
#pragma once

#include "db/Database.h"
#include "db/maintain/Maintain.h"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <span>
#include <string>

namespace ptotune::cli {

// Environments, then the newest sessions, in lines of at most `width` columns.
std::string infoText(const std::string& path, const DatabaseInfo& info, std::size_t width);
// Points that rules reject, for each environment and problem; empty where nothing was counted.
std::string rejectionsText(std::span<const Rejections> all, std::size_t width);
// The notes, oldest first; empty where there are none.
std::string notesText(std::span<const Note> notes, std::size_t width);
std::string infoJson(const DatabaseInfo& info, std::span<const Rejections> rejections,
                     std::span<const Note> notes);

// subject, about, author, written, text of each.
nlohmann::ordered_json notesJson(std::span<const Note> notes);
// New rows by kind, and `known` ones.
nlohmann::ordered_json takenJson(const Taken& taken);
// Rows by kind.
nlohmann::ordered_json prunedJson(const Pruned& pruned);

// "12 new trials, 1 new session; 3 trials were known"
std::string takenText(const Taken& taken);
// "12 trials with 36 samples, 1 session, ..."
std::string prunedText(const Pruned& pruned);

} // namespace ptotune::cli
