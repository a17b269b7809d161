// Times that were measured on a device, for the constants of its profile.
//
// A file is a table with a header line and one measurement a line:
//   soc, head, s0, s1                 the device and the problem
//   cores                             that worked at once: a check of what the point makes of it
//   cube_s0, cube_s1, tile_s1, qk_preload, slot_num, kv_split, vec_order
//                                     the point; EXP_RING is slot_num in the order p_first, and
//                                     qk_preload in gu_first
//   sync_period                       tiles for each free credit, whatever the profile's policy
//   time_us                           the time with its launch
//   source                            where it was published, "FILE:LINE"
// Further columns are not read.
#pragma once

#include "db/Database.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Result.h"

#include <string>
#include <vector>

namespace ptotune::calibration {

struct Measurement {
  int line = 0; // of a file; 0 from a database
  std::string soc;
  std::int64_t cores = 0; // 0: not told
  Problem problem;
  Point point;
  int syncPeriod = 0; // 0: by the profile's policy
  double seconds = 0;
  std::string source;

  // Rows of one group were measured together: `source` without its line.
  std::string group() const { return source.substr(0, source.rfind(':')); }
};

Result<std::vector<Measurement>> loadMeasurements(const std::string& path);
// What a tuning database knows from devices of this SoC: correct trials of every runner but the
// virtual Ascend, each with the median of its samples. A group is an environment.
Result<std::vector<Measurement>> deviceMeasurements(const Database& database,
                                                    const std::string& soc);

} // namespace ptotune::calibration
