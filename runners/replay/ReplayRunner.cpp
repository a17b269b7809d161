#include "runners/replay/ReplayRunner.h"

#include "db/Database.h"

#include <fmt/format.h>

namespace ptotune {
namespace {

class ReplayArtifact : public Artifact {
public:
  ReplayArtifact(Hash source, Hash program) : source_(source), program_(program) {}
  Hash sourceHash() const override { return source_; }
  Hash programHash() const override { return program_; }

private:
  Hash source_;
  Hash program_;
};

Result<Records> readAll(const ReplayOptions& options) {
  if (const auto format = formatOfFile(options.path))
    return readRecords(options.path, *format, options.defaults);
  const auto database = Database::open(options.path, OpenMode::readOnly);
  if (!database)
    return database.error();
  return database->records();
}

std::string describe(const Environment& environment) {
  return fmt::format("{} {} by {} {}", environment.hash().hex(), environment.soc,
                     environment.runner, environment.runnerVersion);
}

// The one environment of the recording that the options leave.
Result<Environment> choose(const ReplayOptions& options, const Records& records) {
  std::vector<Environment> left;
  for (const Environment& one : records.environments)
    if ((options.soc.empty() || one.soc == options.soc) &&
        one.hash().hex().starts_with(options.environment))
      left.push_back(one);
  if (left.size() == 1)
    return left.front();
  std::string found;
  for (const Environment& one : left.empty() ? records.environments : left)
    found += "\n  " + describe(one);
  const std::string soc = options.soc.empty() ? "" : " on " + options.soc;
  if (left.empty())
    return Error{.message = "the recording has no trials" + soc + " that could be replayed",
                 .file = options.path,
                 .value = options.environment,
                 .expected = found.empty() ? "trials" : "trials of one of these:" + found};
  return Error{.message = "the recording has trials of several environments" + soc,
               .file = options.path,
               .expected = "one of these:" + found,
               .advice = "choose one with --recorded-by"};
}

} // namespace

Result<std::unique_ptr<ReplayRunner>> ReplayRunner::load(const ReplayOptions& options) {
  auto records = readAll(options);
  if (!records)
    return records.error();
  const auto environment = choose(options, *records);
  if (!environment)
    return environment.error();
  const Hash chosen = environment->hash();
  std::erase_if(records->trials,
                [&](const TrialRecord& record) { return record.environment != chosen; });
  return std::unique_ptr<ReplayRunner>(new ReplayRunner(*environment, *records));
}

ReplayRunner::ReplayRunner(const Environment& recorded, const Records& records) {
  std::string content;
  for (const TrialRecord& record : records.trials)
    content += record.id().hex();
  environment_ = {.soc = recorded.soc,
                  .socHash = recorded.socHash,
                  .runner = kName,
                  .runnerVersion = Hash::of(content).hex(),
                  .toolchain = describe(recorded),
                  .toolVersion = PTO_TUNE_VERSION};
  // Trials with samples first: what answers for a point must not depend on which one came first.
  for (const bool correct : {true, false})
    for (const TrialRecord& record : records.trials)
      if ((record.trial.status == TrialStatus::correct) == correct)
        add(record.trial);
}

void ReplayRunner::add(const Trial& trial) {
  const Hash problem = trial.problem.hash();
  const Place place{problem, trial.point};
  if (!trial.programHash.empty()) {
    kernels_.try_emplace({KernelSpec::of(trial.problem), trial.point}, trial.sourceHash,
                         trial.programHash);
    if (trial.status != TrialStatus::pruned)
      programs_.try_emplace({problem, trial.programHash}, place);
  }
  if (trial.status == TrialStatus::pruned || trial.status == TrialStatus::constraints)
    return;
  const auto [entry, fresh] = trials_.try_emplace(place, trial);
  if (fresh || trial.status != TrialStatus::correct)
    return;
  Trial& all = entry->second;
  all.seconds.insert(all.seconds.end(), trial.seconds.begin(), trial.seconds.end());
  all.prepareSeconds += trial.prepareSeconds;
  all.measureSeconds += trial.measureSeconds;
  all.calibrated = all.calibrated && trial.calibrated;
}

Result<std::shared_ptr<const Artifact>> ReplayRunner::prepare(const Candidate& candidate) {
  const auto kernel = kernels_.find({KernelSpec::of(candidate.problem), candidate.point});
  const auto [source, program] =
      kernel != kernels_.end()
          ? kernel->second
          : std::pair(Hash(), Hash::of("not recorded " + candidate.point.json()));
  return std::shared_ptr<const Artifact>(std::make_shared<ReplayArtifact>(source, program));
}

Trial ReplayRunner::measure(const Candidate& candidate, const Artifact& artifact,
                            const Budget& /*budget*/) {
  const Hash problem = candidate.problem.hash();
  auto found = trials_.find({problem, candidate.point});
  if (found == trials_.end()) {
    const auto program = programs_.find({problem, artifact.programHash()});
    if (program != programs_.end())
      found = trials_.find(program->second);
  }
  Trial trial{.problem = candidate.problem,
              .point = candidate.point,
              .status = TrialStatus::constraints,
              .detail = "the recording has no trial of this point",
              .sourceHash = artifact.sourceHash(),
              .programHash = artifact.programHash()};
  if (found == trials_.end())
    return trial;
  trial = found->second;
  trial.point = candidate.point;
  trial.sourceHash = artifact.sourceHash();
  trial.programHash = artifact.programHash();
  return trial;
}

} // namespace ptotune
