// A space of which every configuration was measured before, as others publish them: the space as
// T1, the results as T4 (https://github.com/odgaard/TuningSchema).
#pragma once

#include "tuner/search/LegalSpace.h"
#include "tuner/search/Searcher.h"

#include <string>
#include <string_view>
#include <vector>

namespace ptotune::search {

struct Recording {
  static constexpr std::size_t kNowhere = static_cast<std::size_t>(-1);

  std::string name; // "convolution/A100"
  std::shared_ptr<const SearchSpace> space;
  // By configuration. One that the results leave out failed and cost nothing: nobody could build
  // it. Cost is compilation, all runs, validation and the framework's own time, in seconds.
  std::vector<Outcome> outcomes;
  std::vector<std::size_t> positions; // in the results' order; kNowhere for what they leave out
  std::size_t results = 0;            // of configurations of the space
};

// `text` is T4. Fails where a result is of no configuration of the space, or where two are of one.
Result<Recording> readRecording(std::string name, const std::shared_ptr<const LegalSpace>& space,
                                std::string_view text, const std::string& file);

// Every space below a folder: DIR/<kernel>/T1.json with DIR/<kernel>/<device>_T4.json or .json.gz
// beside it; DIR may be one kernel's folder too. By name, and only those that contain `filter`.
Result<std::vector<Recording>> readRecordings(const std::string& folder,
                                              const std::string& filter = {});

} // namespace ptotune::search
