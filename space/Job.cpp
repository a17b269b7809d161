#include "space/Job.h"

#include "space/Toml.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace ptotune {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kMostRows = std::int64_t{1} << 24;

void readProblems(TomlTable& root, Job& job) {
  for (TomlTable& table : root.tables("problems")) {
    Problem problem;
    problem.head = table.integer("head", 1, 1 << 12);
    problem.causal = table.boolean("causal", false);
    problem.dtype = table.oneOf("dtype", {"f16"});
    std::vector<std::pair<std::int64_t, std::int64_t>> shapes;
    if (table.has("s0_s1")) {
      for (const std::int64_t size : table.integers("s0_s1", 1))
        shapes.emplace_back(size, size);
    } else {
      const std::int64_t s0 = table.integer("s0", 1, kMostRows);
      shapes.emplace_back(s0, table.integer("s1", 1, kMostRows));
    }
    table.finish();
    for (const auto& [s0, s1] : shapes) {
      problem.s0 = s0;
      problem.s1 = s1;
      if (std::ranges::find(job.problems, problem) != job.problems.end())
        table.fail(table.has("s0_s1") ? "s0_s1" : "s1", "the same problem twice", problem.text(),
                   "each problem once");
      job.problems.push_back(problem);
    }
  }
  if (job.problems.empty())
    root.fail("problems", "the job has no problem", "", "at least one [[problems]] table");
}

// A file that a job may name without a path.
struct NamedFile {
  fs::path path;
  std::string name; // the `name` inside, else the stem
};

// The TOML files of a folder in the order of their paths; none where it cannot be read.
std::vector<NamedFile> namedFiles(const fs::path& folder) {
  std::vector<NamedFile> files;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed))
    if (entry->path().extension() == ".toml")
      files.push_back({entry->path(), entry->path().stem().string()});
  std::ranges::sort(files, {}, &NamedFile::path);
  for (NamedFile& file : files)
    if (auto opened = TomlTable::openDerived(file.path.string()))
      file.name = opened->text("name", file.name);
  return files;
}

// The file that `key` of a job means by `value`: one beside the job, or one of the folder `known`
// by its name. Empty after a complaint in `root`.
std::string fileOf(TomlTable& root, const char* key, const std::string& value,
                   const fs::path& known) {
  const fs::path beside = (fs::path(root.file()).parent_path() / value).lexically_normal();
  std::error_code missing;
  if (value.find('/') != std::string::npos || fs::is_regular_file(beside, missing))
    return beside.string();
  const std::vector<NamedFile> files = namedFiles(known);
  std::vector<std::string> names;
  std::vector<const NamedFile*> found;
  for (const NamedFile& file : files) {
    if (file.path.stem() == value || file.path.filename() == value)
      return file.path.string();
    if (file.name == value)
      found.push_back(&file);
    names.push_back(file.name);
  }
  if (found.size() == 1)
    return found.front()->path.string();
  if (found.size() > 1) {
    names.clear();
    for (const NamedFile* file : found)
      names.push_back(file->path.stem().string());
    root.fail(key, "several installed files have this name", value,
              fmt::format("one of {}", fmt::join(names, ", ")));
    return {};
  }
  if (files.empty() || fs::path(value).extension() == ".toml")
    return beside.string();
  root.fail(key, "no installed file has this name", value,
            fmt::format("a path relative to the job file, or one of {}", fmt::join(names, ", ")));
  return {};
}

} // namespace

Result<Job> loadJob(const std::string& path, const std::string& configs) {
  auto opened = TomlTable::open(path);
  if (!opened)
    return opened.error();
  TomlTable& root = *opened;
  Job job;
  job.path = path;
  job.name = root.text("name");
  const std::string soc = root.text("soc");
  const std::string space = root.text("space");
  const std::string seed = root.text("seed", "");
  readProblems(root, job);
  auto parsed = Point::parse(seed, Point());
  if (parsed)
    job.seed = *parsed;
  else
    root.fail("seed", parsed.error().message, parsed.error().value, parsed.error().expected);
  root.finish();
  const auto known = [&](const char* folder) {
    return configs.empty() ? fs::path() : fs::path(configs) / folder;
  };
  const std::string socFile = fileOf(root, "soc", soc, known("soc"));
  const std::string spaceFile = fileOf(root, "space", space, known("spaces"));
  if (auto status = root.status(); !status)
    return status.error();

  auto loadedSoc = loadSoc(socFile);
  if (!loadedSoc)
    return loadedSoc.error();
  job.soc = *std::move(loadedSoc);
  auto loadedSpace = loadSpace(spaceFile);
  if (!loadedSpace)
    return loadedSpace.error();
  job.space = *std::move(loadedSpace);
  return job;
}

} // namespace ptotune
