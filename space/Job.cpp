#include "space/Job.h"

#include "space/Toml.h"

#include <algorithm>
#include <filesystem>
#include <limits>

namespace ptotune {
namespace {

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

} // namespace

Result<Job> loadJob(const std::string& path) {
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
  if (auto status = root.status(); !status)
    return status.error();

  const auto folder = std::filesystem::path(path).parent_path();
  auto loadedSoc = loadSoc((folder / soc).lexically_normal().string());
  if (!loadedSoc)
    return loadedSoc.error();
  job.soc = *std::move(loadedSoc);
  auto loadedSpace = loadSpace((folder / space).lexically_normal().string());
  if (!loadedSpace)
    return loadedSpace.error();
  job.space = *std::move(loadedSpace);
  return job;
}

} // namespace ptotune
