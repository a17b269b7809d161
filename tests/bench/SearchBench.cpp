// What searching itself costs, for each strategy, on the 108,960 configurations of fa_small with a
// value that is computed.
//
//   search_run/<strategy>    asks and tells one at a time, from the first to the 500th evaluation
//   search_late/<strategy>   the same from the 2,000th to the 2,400th: what is known grows, and
//                            with it the cost of models
//
// The time is that of one run; the counter `per_evaluation` is seconds for one ask and tell.

#include "space/engine/T1.h"
#include "tests/support/Paths.h"
#include "tuner/search/LegalSpace.h"
#include "tuner/search/Searchers.h"

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace ptotune::search;
namespace engine = ptotune::engine;

constexpr std::size_t kEarly = 500;
constexpr std::size_t kLate = 2000;
constexpr std::size_t kLateCount = 400;

std::shared_ptr<const SearchSpace> space() {
  static const auto kept = [] {
    auto model = engine::readT1(ptotune::test::data("spaces/fa_small.json"));
    auto set = engine::LegalSet::build(std::make_shared<const engine::Model>(std::move(*model)));
    return *LegalSpace::make(std::move(*set));
  }();
  return kept;
}

// A bowl over levels with some ruggedness; every sixteenth configuration fails.
Outcome outcomeOf(const SearchSpace& space, Index index) {
  std::vector<Level> levels(space.dimensions().size());
  space.at(index, levels);
  double value = 1;
  std::size_t mixed = 7;
  for (std::size_t d = 0; d < levels.size(); ++d) {
    const double off = levels[d] - 0.4 * static_cast<double>(space.dimensions()[d].levels);
    value += 0.1 * off * off;
    mixed = mixed * 31 + levels[d];
  }
  if (mixed % 16 == 0)
    return {.value = std::nullopt, .cost = 1};
  return {.value = value + 0.02 * static_cast<double>(mixed % 11), .cost = 1 + 0.1 * value};
}

void evaluate(Searcher& searcher, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i)
    for (const Index index : searcher.ask(1))
      searcher.tell(index, outcomeOf(searcher.space(), index));
}

void run(benchmark::State& state, const SearcherInfo& info, std::size_t before, std::size_t count) {
  std::uint64_t seed = 0;
  for (auto _ : state) {
    state.PauseTiming();
    auto searcher = info.make(space(), ++seed);
    evaluate(*searcher, before);
    state.ResumeTiming();
    evaluate(*searcher, count);
  }
  state.counters["per_evaluation"] =
      benchmark::Counter(static_cast<double>(count), benchmark::Counter::kIsIterationInvariantRate |
                                                         benchmark::Counter::kInvert);
}

const bool kRegistered = [] {
  for (const SearcherInfo& info : allSearchers()) {
    const std::string early = "search_run/" + std::string(info.name);
    const std::string late = "search_late/" + std::string(info.name);
    const auto runEarly = [&info](benchmark::State& state) { run(state, info, 0, kEarly); };
    const auto runLate = [&info](benchmark::State& state) { run(state, info, kLate, kLateCount); };
    benchmark::RegisterBenchmark(early.c_str(), runEarly)->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(late.c_str(), runLate)
        ->Unit(benchmark::kMillisecond)
        ->Iterations(3);
  }
  return true;
}();

} // namespace
