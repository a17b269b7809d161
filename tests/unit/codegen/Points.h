// Points and profiles that the codegen tests share.
#pragma once

#include "codegen/Lowering.h"
#include "space/Rules.h"
#include "tests/support/SpacePoints.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ptotune {

using test::pointOf;
using test::soc910b2;

inline LoweredKernel lowerOrFail(const Point& point, Emit what = Emit::program | Emit::cpp,
                                 const KernelSpec& kernel = {}) {
  auto lowered = lower(kernel, point, soc910b2(), what);
  if (!lowered)
    ADD_FAILURE() << lowered.error().text();
  return lowered ? std::move(*lowered) : LoweredKernel{};
}

// Shapes that the rules accept for head 128 at s1 = 8192; everything else as in the default point.
inline std::vector<Point> legalShapes() {
  std::vector<Point> points;
  Problem problem;
  problem.s0 = 1024;
  problem.s1 = 8192;
  for (const std::int64_t tileS1 : {32, 64, 128, 256, 512, 1024, 2048})
    for (const std::int64_t cubeS1 : {32, 64, 128, 256})
      for (const std::int64_t cubeS0 : {64, 128, 256})
        for (const std::int64_t unitFlag : {0, 1}) {
          Point point;
          point.set(Param::tileS1, tileS1);
          point.set(Param::cubeS1, cubeS1);
          point.set(Param::cubeS0, cubeS0);
          point.set(Param::unitFlag, unitFlag);
          if (legal({problem, soc910b2(), point}))
            points.push_back(point);
        }
  return points;
}

// "T256C128M64U1": a name for tests over points.
inline std::string shapeName(const Point& point) {
  return "T" + std::to_string(point.tileS1()) + "C" + std::to_string(point.cubeS1()) + "M" +
         std::to_string(point.cubeS0()) + "U" + std::to_string(point.unitFlag() ? 1 : 0);
}

} // namespace ptotune
