#include "tuner/search/study/Recording.h"

#include "space/engine/T1.h"
#include "tuner/search/study/Gzip.h"
#include "tuner/search/study/T4Results.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

namespace ptotune::search {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSpaceFile = "T1.json";
constexpr std::string_view kResultSuffixes[] = {"_T4.json", "_T4.json.gz"};

// The index of a result's configuration.
std::optional<Index> indexOf(const engine::LegalSet& set, const T4Result& result) {
  std::vector<engine::Cell> row(set.width());
  set.at(0, row); // derived parameters are not in a result; they follow from the others
  for (const auto& [name, value] : result.configuration) {
    const auto parameter = set.model().indexOf(name);
    if (!parameter)
      return std::nullopt;
    const auto cell = set.model().cell(*parameter, value);
    if (!cell)
      return std::nullopt;
    row[*parameter] = *cell;
  }
  if (!set.model().derive(row))
    return std::nullopt;
  return set.rank(row);
}

// Of a file name: "A100" for "A100_T4.json.gz"; nothing when it holds no results.
std::optional<std::string> deviceOf(const std::string& file) {
  for (const std::string_view suffix : kResultSuffixes)
    if (file.size() > suffix.size() && file.ends_with(suffix))
      return file.substr(0, file.size() - suffix.size());
  return std::nullopt;
}

struct ResultFile {
  std::string name;
  fs::path path;
};

std::vector<ResultFile> resultFiles(const fs::path& folder, const std::string& filter) {
  std::vector<ResultFile> files;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(folder, ignored)) {
    const auto device = deviceOf(entry.path().filename().string());
    const std::string name = device ? folder.filename().string() + "/" + *device : std::string();
    if (device && name.find(filter) != std::string::npos)
      files.push_back({name, entry.path()});
  }
  std::ranges::sort(files, {}, &ResultFile::name);
  return files;
}

Status readKernel(const fs::path& folder, const std::string& filter,
                  std::vector<Recording>& recordings) {
  const std::vector<ResultFile> files = resultFiles(folder, filter);
  if (files.empty())
    return {};
  auto model = engine::readT1((folder / kSpaceFile).string());
  if (!model)
    return model.error();
  auto set = engine::LegalSet::build(std::make_shared<const engine::Model>(*std::move(model)));
  if (!set)
    return set.error();
  const auto space = LegalSpace::make(*std::move(set));
  if (!space)
    return space.error();
  for (const ResultFile& file : files) {
    const auto text = readMaybeGzip(file.path.string());
    if (!text)
      return text.error();
    auto recording = readRecording(file.name, *space, *text, file.path.string());
    if (!recording)
      return recording.error();
    recordings.push_back(*std::move(recording));
  }
  return {};
}

} // namespace

Result<Recording> readRecording(std::string name, const std::shared_ptr<const LegalSpace>& space,
                                std::string_view text, const std::string& file) {
  const auto results = parseT4Results(text, file);
  if (!results)
    return results.error();
  Recording recording{.name = std::move(name), .space = space, .results = results->size()};
  recording.outcomes.resize(space->size());
  recording.positions.assign(space->size(), Recording::kNowhere);
  for (std::size_t i = 0; i < results->size(); ++i) {
    const T4Result& result = (*results)[i];
    const auto index = indexOf(space->set(), result);
    if (!index || recording.positions[*index] != Recording::kNowhere)
      return Error{.message = index ? "two results are of one configuration"
                                    : "a result is of no configuration of the space",
                   .file = file,
                   .key = fmt::format("results[{}].configuration", i),
                   .expected = fmt::format("the {} legal configurations of {}, each once",
                                           space->size(), kSpaceFile)};
    recording.outcomes[*index] = {result.value, result.cost};
    recording.positions[*index] = i;
  }
  return recording;
}

Result<std::vector<Recording>> readRecordings(const std::string& folder,
                                              const std::string& filter) {
  std::vector<Recording> recordings;
  std::vector<fs::path> kernels;
  std::error_code failed;
  if (fs::exists(fs::path(folder) / kSpaceFile))
    kernels.push_back(fs::canonical(folder, failed));
  for (const auto& entry : fs::directory_iterator(folder, failed))
    if (fs::exists(entry.path() / kSpaceFile))
      kernels.push_back(entry.path());
  if (failed)
    return Error{.message = "the folder cannot be read", .file = folder};
  std::ranges::sort(kernels);
  for (const fs::path& kernel : kernels)
    if (auto read = readKernel(kernel, filter, recordings); !read)
      return read.error();
  if (recordings.empty())
    return Error{.message = "no recorded space is here",
                 .file = folder,
                 .expected = "<kernel>/T1.json with <kernel>/<device>_T4.json[.gz] beside it"};
  return recordings;
}

} // namespace ptotune::search
