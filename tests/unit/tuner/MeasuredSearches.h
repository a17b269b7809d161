// Searches by measurements on the runners of Fakes.h.
#pragma once

#include "Fakes.h"
#include "tuner/measured/MeasuredSearch.h"

#include <gtest/gtest.h>

#include <string>

namespace ptotune::test {

inline ProvenResult mustSearch(const Job& job, Runner& runner, TrialStore& store,
                               const MeasuredOptions& options) {
  TuneProgress progress;
  auto result = searchMeasured(job, runner, store, options, progress);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().text());
  return result.ok() ? *result : ProvenResult{};
}

inline MeasuredOptions optionsOf(const std::string& search) {
  return {.tune = {.jobs = 2}, .search = search};
}

} // namespace ptotune::test
