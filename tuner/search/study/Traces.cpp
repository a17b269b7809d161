#include "tuner/search/study/Output.h"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>

namespace ptotune::search {
namespace {

// "convolution/A100" is "convolution__A100.csv".
std::string fileName(std::string space) {
  if (const std::size_t slash = space.find('/'); slash != std::string::npos)
    space.replace(slash, 1, "__");
  return space + ".csv";
}

std::string traceText(const StudyEntry& entry, const Recording& recording) {
  std::string text = "run,cfg,wall\n";
  for (std::size_t run = 0; run < entry.runs.size(); ++run)
    for (const ReplayRun::Step& step : entry.runs[run].steps)
      // What the results leave out has no place in them, and cost nothing.
      if (const std::size_t place = recording.positions[step.index]; place != Recording::kNowhere)
        fmt::format_to(std::back_inserter(text), "{},{},{:.6f}\n", run, place, step.ownSeconds);
  return text;
}

} // namespace

Status writeTraces(const std::string& folder, std::span<const Recording> recordings,
                   const StudyResult& result) {
  for (const StudyEntry& entry : result.entries)
    for (const Recording& recording : recordings) {
      if (recording.name != entry.space)
        continue;
      const std::filesystem::path path =
          std::filesystem::path(folder) / entry.searcher / fileName(entry.space);
      std::error_code failed;
      std::filesystem::create_directories(path.parent_path(), failed);
      std::ofstream file(path, std::ios::binary);
      file << traceText(entry, recording);
      if (!file.flush())
        return Error{.message = "the trace cannot be written",
                     .file = path.string(),
                     .advice = "check the folder and the disk"};
    }
  return {};
}

} // namespace ptotune::search
