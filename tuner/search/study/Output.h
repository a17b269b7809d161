// What a study leaves behind: traces for other scorers, and a picture.
#pragma once

#include "tuner/search/study/Study.h"

#include <string>

namespace ptotune::search {

// OUT/<searcher>/<kernel>__<device>.csv for every entry, with the columns run, cfg (the
// configuration's place in the recorded results, from 0) and wall (the searcher's own seconds since
// the run began). The runs must have been kept.
Status writeTraces(const std::string& folder, std::span<const Recording> recordings,
                   const StudyResult& result);

// An SVG document: P over time, a panel for each space and a line for each strategy. Zero is random
// search, one the optimum.
std::string drawStudy(std::span<const Recording> recordings, const StudyResult& result);

} // namespace ptotune::search
