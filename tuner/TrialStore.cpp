#include "tuner/TrialStore.h"

namespace ptotune {

Result<std::vector<Trial>> DatabaseStore::load(const Environment& environment,
                                               const Problem& problem) {
  return database_.trials(environment.hash(), problem);
}

Status DatabaseStore::record(const Environment& environment, std::span<const Trial> trials) {
  if (environment_ != environment) {
    const auto session = database_.beginSession(environment, command_);
    if (!session)
      return session.error();
    session_ = *session;
    environment_ = environment;
  }
  return database_.record(session_, trials);
}

} // namespace ptotune
