// What each stage of the flash-attention kernel must execute, as durations in cycles: the nodes of
// the timed event graph. Shapes and orders are those of codegen/kernels.
#pragma once

#include "space/Bound.h"
#include "space/Op.h"
#include "space/Point.h"
#include "space/Problem.h"
#include "space/Soc.h"

#include <cstdint>
#include <vector>

namespace ptotune::fa {

// Cycles of one instruction each, with every active core on the memory.
struct Work {
  std::int64_t factor = 1;  // subtiles and row slices of a tile
  std::int64_t stepsQK = 1; // L0 steps of one subtile
  std::int64_t stepsPV = 1;

  double loadQ = 0, loadK = 0, loadV = 0, loadP = 0;
  double leftQK = 0, rightQK = 0, leftPV = 0, rightPV = 0; // an L0 step's operands
  double multiplyQK = 0, multiplyPV = 0;                   // an L0 step
  double storeQK = 0, storePV = 0;

  double loadS = 0;   // a row slice of scores
  double softmax = 0; // of a row slice, up to its exponentials
  double convert = 0; // to probabilities
  double sum = 0;     // of its rows, the last that reads the scores
  double addSum = 0;
  double storeP = 0;         // a row slice of probabilities
  double loadPart = 0;       // a subtile of a row slice, where tiles are popped
  double gather = 0;         // its way to the others
  std::int64_t outParts = 1; // parts in which the product of a tile is taken
  double loadO = 0;          // the product of a tile
  double move = 0;           // o = product, of tile 0
  double rescale = 0;        // o *= factor; not of tile 0
  double add = 0;            // o += product
  double resetSums = 0;      // maximum and sum, at the start of a work unit
  double reset = 0;          // the output, where a work unit may have no tile
  double first = 0;          // o = product of tile 0
  double normalise = 0;      // at its end
  double storeO = 0;

  double combine = 0; // a second launch, where KV_SPLIT divides the keys

  double issue = 0, flag = 0, cross = 0; // scalar issue; latencies of event and FFTS flags
};

Work work(const Problem& problem, const SocProfile& soc, const Point& point);

// How the problem lies on the device, for the core that is looked at.
struct Layout {
  std::int64_t active = 1;         // cores at work
  std::vector<std::int64_t> tiles; // key tiles of each work unit of the core, one after the other
};
Layout layout(const Problem& problem, const SocProfile& soc, const Point& point);

// Cycles of the longest path through the timed event graph of all work units of the core, without
// the launch that combines; infinite where it stands still.
double longestPath(const Problem& problem, const SocProfile& soc, const Point& point,
                   Depths depths);

} // namespace ptotune::fa
