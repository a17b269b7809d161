// The default job, loaded once.
#pragma once

#include "space/Job.h"
#include "tests/support/Paths.h"

#include <cstdio>
#include <cstdlib>

namespace ptotune::bench {

inline const Job& defaultJob() {
  static const Job job = [] {
    auto loaded = loadJob(test::config("jobs/fa_910b2.toml"));
    if (!loaded) {
      std::fprintf(stderr, "%s\n", loaded.error().text().c_str());
      std::exit(2);
    }
    return *std::move(loaded);
  }();
  return job;
}

inline Problem square(std::int64_t size) {
  Problem problem = defaultJob().problems.front();
  problem.s0 = problem.s1 = size;
  return problem;
}

} // namespace ptotune::bench
