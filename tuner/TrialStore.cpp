#include "tuner/TrialStore.h"

#include <algorithm>
#include <utility>

namespace ptotune {

Result<std::vector<Trial>> DatabaseStore::load(const Environment& environment,
                                               const Problem& problem) {
  return database_.trials(environment.hash(), problem);
}

Status DatabaseStore::ensureSession(const Environment& environment) {
  if (environment_ == environment)
    return {};
  SessionDetails details;
  details.searcher = search_.searcher;
  details.seed = static_cast<std::int64_t>(search_.seed);
  details.options = search_.options;
  const auto session = database_.beginSession(environment, command_, details);
  if (!session)
    return session.error();
  session_ = *session;
  environment_ = environment;
  return {};
}

Status DatabaseStore::record(const Environment& environment, std::span<const Trial> trials) {
  if (auto begun = ensureSession(environment); !begun)
    return begun;
  return database_.record(session_, trials);
}

Status DatabaseStore::recordProof(const Environment& environment, const Problem& problem,
                                  const SpaceProof& proof) {
  const auto known = database_.proofs(environment.hash(), problem);
  if (!known)
    return known.error();
  const auto same = std::ranges::find(*known, proof.space, &SpaceProof::space);
  if (same != known->end() && same->bound >= proof.bound)
    return {};
  if (auto begun = ensureSession(environment); !begun)
    return begun;
  return database_.recordProof(session_, problem, proof);
}

Status DatabaseStore::recordRejections(const Problem& problem, const Enumeration& enumeration) {
  return environment_ ? database_.recordRejections(session_, problem, enumeration) : Status();
}

void DatabaseStore::beginSearch(const SearchKey& key) {
  search_ = key;
  environment_.reset();
}

Result<std::vector<StoredSearch>> DatabaseStore::searches(const Environment& environment,
                                                          const Problem& problem) {
  const auto sessions = database_.sessions(environment.hash());
  if (!sessions)
    return sessions.error();
  std::vector<StoredSearch> found;
  for (const StoredSession& one : *sessions) {
    if (one.session.searcher.empty())
      continue;
    const SearchKey key{one.session.searcher, static_cast<std::uint64_t>(one.session.seed),
                        one.session.options};
    auto asks = database_.sessionTrials(one.id, problem);
    if (!asks)
      return asks.error();
    if (asks->empty())
      continue;
    auto search = std::ranges::find(found, key, &StoredSearch::key);
    if (search == found.end())
      search = found.insert(found.end(), {.key = key, .trials = {}});
    for (Ask& ask : *asks)
      search->trials.push_back(std::move(ask.trial));
  }
  return found;
}

Result<std::vector<StoredProblem>> DatabaseStore::problems() {
  const auto champions = database_.champions();
  if (!champions)
    return champions.error();
  std::vector<StoredProblem> found;
  found.reserve(champions->size());
  for (const Champion& one : *champions)
    found.push_back({one.environment, one.problem});
  return found;
}

Result<std::vector<WarmStart>> DatabaseStore::warmStarts(const Environment& environment,
                                                         const Problem& problem, std::size_t most) {
  return ptotune::warmStarts(database_, environment, problem, most);
}

} // namespace ptotune
