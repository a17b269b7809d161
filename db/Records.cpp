#include "db/Records.h"

#include "db/Champion.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>
#include <unordered_map>
#include <unordered_set>

namespace ptotune {
namespace {

Error missing(const char* who, const char* key, const Hash& id) {
  return Error{
      .message = fmt::format("{} names an unknown {}", who, key),
      .key = key,
      .value = id.hex(),
      .expected = fmt::format("the id of {} {} of the same file", key[0] == 'e' ? "an" : "a", key)};
}

} // namespace

std::optional<TrialStatus> statusOf(std::string_view text) {
  for (std::size_t i = 0; i < kTrialStatusCount; ++i)
    if (text == name(static_cast<TrialStatus>(i)))
      return static_cast<TrialStatus>(i);
  return std::nullopt;
}

std::string statusNames() {
  std::string names;
  for (std::size_t i = 0; i < kTrialStatusCount; ++i)
    names += (i == 0 ? "" : ", ") + std::string(name(static_cast<TrialStatus>(i)));
  return names;
}

Hash TrialRecord::id() const {
  return contentId({environment, trial.problem.hash(), trial.point.hash()}, trial);
}

void sortByContent(Records& records) {
  std::ranges::sort(records.environments, {},
                    [](const Environment& environment) { return environment.hash(); });
  std::ranges::sort(records.sessions, {},
                    [](const SessionIdentity& session) { return contentId(session); });
  using Key = std::tuple<Hash, std::string, std::string, Hash>;
  std::vector<std::pair<Key, std::size_t>> order;
  order.reserve(records.trials.size());
  for (std::size_t i = 0; i < records.trials.size(); ++i) {
    const TrialRecord& record = records.trials[i];
    order.emplace_back(Key{record.environment, record.trial.problem.json(),
                           record.trial.point.json(), record.id()},
                       i);
  }
  std::ranges::sort(order);
  std::vector<TrialRecord> sorted;
  sorted.reserve(order.size());
  for (const auto& [key, index] : order)
    sorted.push_back(std::move(records.trials[index]));
  records.trials = std::move(sorted);
}

std::optional<std::string> trialFault(const Trial& trial) {
  for (const double sample : trial.seconds)
    if (!std::isfinite(sample) || sample <= 0)
      return fmt::format("a sample of {} s; a sample is a positive time", sample);
  for (const double spent : {trial.prepareSeconds, trial.measureSeconds})
    if (!std::isfinite(spent) || spent < 0)
      return fmt::format("{} s spent; a time spent is zero or more", spent);
  const bool correct = trial.status == TrialStatus::correct;
  if (correct && trial.seconds.empty())
    return "the status correct and no samples";
  if (!correct && !trial.seconds.empty())
    return fmt::format("samples and the status {}; only correct trials have samples",
                       name(trial.status));
  return std::nullopt;
}

Status checkReferences(const Records& records) {
  std::unordered_set<Hash> environments;
  for (const Environment& environment : records.environments)
    environments.insert(environment.hash());
  std::unordered_map<Hash, Hash> sessions; // -> environment
  for (const SessionIdentity& session : records.sessions) {
    if (!environments.contains(session.environment))
      return missing("a session", "environment", session.environment);
    sessions.emplace(contentId(session), session.environment);
  }
  for (const TrialRecord& record : records.trials) {
    if (!environments.contains(record.environment))
      return missing("a trial", "environment", record.environment);
    const auto session = sessions.find(record.session);
    if (session == sessions.end())
      return missing("a trial", "session", record.session);
    if (session->second != record.environment)
      return Error{.message = "a trial's session ran in another environment",
                   .key = "session",
                   .value = record.session.hex(),
                   .expected = fmt::format("a session in {}", record.environment.hex())};
  }
  return {};
}

} // namespace ptotune
