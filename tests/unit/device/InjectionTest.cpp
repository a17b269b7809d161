// A kernel with one fault in its lowered IR is never a champion.
#include "tests/support/device/Injection.h"

#include "DeviceTest.h"
#include "runners/ascend/OutputCheck.h"
#include "runners/sim/Functional.h"
#include "tests/support/LongMode.h"

#include <fmt/format.h>

#include <map>

namespace ptotune {
namespace {

struct Injected {
  std::string what;
  bool changes = false;  // the output, beyond tolerance; also: it does not end well
  bool finishes = false; // it ends well, with whatever numbers
  bool inSource = false; // the emitted C++ has the fault too
};

// What the fault does, found without any of the runner: all rows against attention in fp64.
Injected inject(const Candidate& candidate, std::uint64_t seed) {
  const SocProfile& soc = test::virtualSoc();
  const KernelSpec spec = KernelSpec::of(candidate.problem);
  const auto right = lower(spec, candidate.point, soc, Emit::cpp);
  Injected injected;
  const auto kernel = test::lowerWithFault(spec, candidate.point, soc, seed, injected.what);
  if (!kernel) { // no kernel comes of it
    injected.inSource = true;
    return injected;
  }
  // The names that people read are lost with the text: numbers alone tell a change.
  const auto faultless = lower(spec, candidate.point, soc, Emit::ir);
  const auto again = emitIr(faultless->ir, soc, Emit::cpp);
  injected.inSource = again && again->cpp != kernel->cpp;
  const sim::AttentionInputs inputs = ascend::deviceInputs(candidate.problem, 1);
  const sim::FunctionalCase data{candidate.problem,
                                 1,
                                 {{program::Tensor::q, inputs.q},
                                  {program::Tensor::k, inputs.k},
                                  {program::Tensor::v, inputs.v}},
                                 program::Tensor::out,
                                 sim::attention(candidate.problem, inputs)};
  const auto result = sim::runFunctional(kernel->program, soc, data, {.hazards = false});
  injected.finishes = result.run.outcome == sim::Outcome::finished;
  injected.changes = !result.right();
  return injected;
}

class Injection : public test::DeviceTest {};

TEST_F(Injection, AWrongKernelIsNeverAChampion) {
  const std::uint64_t wanted = test::longMode() ? 200 : 20;
  const Candidate one = candidate(128, 2560);
  Budget budget = shortBudget();
  budget.warmup = 0;
  budget.minRepetitions = budget.maxRepetitions = 1;
  const Trial seed = measure(one, budget);
  ASSERT_EQ(seed.status, TrialStatus::correct) << seed.detail;

  std::map<std::string, int> statuses;
  std::uint64_t changed = 0;
  for (std::uint64_t number = 1; changed < wanted; ++number) {
    ASSERT_LT(number, 10 * wanted) << "most faults change nothing";
    const Injected injected = inject(one, number);
    EXPECT_TRUE(injected.inSource) << injected.what;
    if (!injected.changes)
      continue;
    ++changed;
    // Twice as fast as the right one: a champion, were it taken for right.
    script({{"kernels", {{{"effect", "inject"}, {"seed", number}, {"factor", 0.5}}}}});
    const Trial trial = measure(one, budget);
    EXPECT_NE(trial.status, TrialStatus::correct) << injected.what;
    EXPECT_FALSE(trial.time()) << injected.what;
    EXPECT_FALSE(trial.detail.empty()) << injected.what;
    EXPECT_EQ(trial.status == TrialStatus::correctness, injected.finishes)
        << injected.what << ": " << trial.detail;
    ++statuses[name(trial.status)];
  }
  for (const auto& [status, count] : statuses)
    fmt::print("{}: {} of {}\n", status, count, changed);
  script();
  EXPECT_EQ(measure(one, budget).status, TrialStatus::correct);
}

} // namespace
} // namespace ptotune
