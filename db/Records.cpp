#include "db/Records.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
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

using Sessions = std::unordered_map<Hash, Hash>; // -> environment

Status checkAsks(const Records& records, const Sessions& sessions) {
  if (records.asks.empty())
    return {};
  std::unordered_map<Hash, Hash> trials; // -> environment
  for (const TrialRecord& record : records.trials)
    trials.emplace(record.id(), record.environment);
  for (const AskRecord& ask : records.asks) {
    const auto session = sessions.find(ask.session);
    if (session == sessions.end())
      return missing("an ask", "session", ask.session);
    const auto trial = trials.find(ask.trial);
    if (trial == trials.end())
      return missing("an ask", "trial", ask.trial);
    if (trial->second != session->second)
      return Error{.message = "a session asked for a trial of another environment",
                   .key = "trial",
                   .value = ask.trial.hex(),
                   .expected = fmt::format("a trial in {}", session->second.hex())};
  }
  return {};
}

} // namespace

std::optional<TrialStatus> statusOf(std::string_view text) {
  for (std::size_t i = 0; i < kTrialStatusCount; ++i)
    if (text == name(static_cast<TrialStatus>(i)))
      return static_cast<TrialStatus>(i);
  return std::nullopt;
}

bool isUtf8(const std::string& text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

std::string statusNames() {
  std::string names;
  for (std::size_t i = 0; i < kTrialStatusCount; ++i)
    names += (i == 0 ? "" : ", ") + std::string(name(static_cast<TrialStatus>(i)));
  return names;
}

std::optional<NoteSubject> noteSubjectOf(std::string_view text) {
  for (std::size_t i = 0; i < kNoteSubjectCount; ++i)
    if (text == name(static_cast<NoteSubject>(i)))
      return static_cast<NoteSubject>(i);
  return std::nullopt;
}

void append(Records& all, Records more) {
  const auto move = [](auto& from, auto& to) { std::ranges::move(from, std::back_inserter(to)); };
  move(more.environments, all.environments);
  move(more.sessions, all.sessions);
  move(more.trials, all.trials);
  move(more.asks, all.asks);
  move(more.rejections, all.rejections);
  move(more.proofs, all.proofs);
  move(more.notes, all.notes);
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
  std::ranges::sort(records.asks, {}, [](const AskRecord& ask) {
    return std::tuple(ask.session, ask.ordinal, ask.trial);
  });
  std::ranges::sort(records.rejections, {}, [](const RejectionRecord& one) {
    return std::tuple(one.session, one.problem.json(), one.rule, one.points);
  });
  std::ranges::sort(records.proofs, {}, [](const ProofRecord& one) {
    return std::tuple(one.session, one.problem.json(), one.proof.space, one.proof.bound);
  });
  std::ranges::sort(records.notes, {}, [](const Note& note) { return contentId(note); });
}

std::optional<std::string> trialFault(const Trial& trial) {
  for (const double sample : trial.seconds)
    if (!std::isfinite(sample) || sample <= 0)
      return fmt::format("a sample of {} s; a sample is a positive time", sample);
  if (!std::isfinite(trial.boundSeconds) || trial.boundSeconds < 0)
    return fmt::format("a bound of {} s; a bound is zero or more", trial.boundSeconds);
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

std::optional<std::string> noteFault(const Note& note) {
  if (note.text.empty())
    return "no text";
  if (!isUtf8(note.text) || !isUtf8(note.author))
    return "text that is not UTF-8";
  return std::nullopt;
}

std::optional<std::string> proofFault(const SpaceProof& proof) {
  if (!std::isfinite(proof.bound) || proof.bound <= 0)
    return fmt::format("a bound of {} s; a bound is a positive time", proof.bound);
  if (proof.points < 0)
    return fmt::format("a space of {} points", proof.points);
  if (proof.space.empty())
    return "no space";
  return std::nullopt;
}

Status checkReferences(const Records& records) {
  std::unordered_set<Hash> environments;
  for (const Environment& environment : records.environments)
    environments.insert(environment.hash());
  Sessions sessions;
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
  if (auto sound = checkAsks(records, sessions); !sound)
    return sound;
  for (const RejectionRecord& record : records.rejections)
    if (!sessions.contains(record.session))
      return missing("a count of rejected points", "session", record.session);
  for (const ProofRecord& record : records.proofs)
    if (!sessions.contains(record.session))
      return missing("a proof", "session", record.session);
  return {};
}

} // namespace ptotune
