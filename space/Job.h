// A tuning job: which problems, on which target, over which space. Loaded from configs/jobs/*.toml.
#pragma once

#include "space/Problem.h"
#include "space/Soc.h"
#include "space/Space.h"

#include <string>
#include <vector>

namespace ptotune {

struct Job {
  std::string path;
  std::string name;
  SocProfile soc;
  Space space;
  std::vector<Problem> problems;
  Point seed; // measured first; the default point unless the job gives its own
};

// Paths inside the job file are relative to the job file. `configs` is a folder with soc/ and
// spaces/: their files go by their stem ("ascend910b2") or the `name` inside ("Ascend910B2") as
// well, where no file beside the job has this name. Empty: nothing goes by a name.
Result<Job> loadJob(const std::string& path, const std::string& configs = {});

} // namespace ptotune
