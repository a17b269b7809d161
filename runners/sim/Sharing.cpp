#include "runners/sim/Sharing.h"

namespace ptotune::sim {
namespace {

Result<double> secondsOn(const program::Program& program, const SocProfile& soc,
                         const Problem& problem) {
  const auto code = compile(program, soc);
  if (!code)
    return code.error();
  const SimResult run = simulate(**code, problem);
  if (run.outcome != Outcome::finished)
    return Error{.message = run.detailText()};
  return run.seconds;
}

} // namespace

Result<SharingCost> sharingCost(const program::Program& program, const SocProfile& soc,
                                const Problem& problem, double seconds) {
  SocProfile alone = soc;
  alone.gmSharing = {};
  SocProfile unbounded = soc;
  unbounded.l2Bytes = 0;
  const auto withoutContention = secondsOn(program, alone, problem);
  if (!withoutContention)
    return withoutContention.error();
  const auto withoutCapacity = secondsOn(program, unbounded, problem);
  if (!withoutCapacity)
    return withoutCapacity.error();
  return SharingCost{.contention = seconds - *withoutContention,
                     .capacity = seconds - *withoutCapacity};
}

} // namespace ptotune::sim
