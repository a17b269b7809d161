#include "space/fa/Buffers.h"
#include "space/fa/FaRules.h"

#include <fmt/format.h>

namespace ptotune::fa {
namespace {

using Operands = std::vector<std::pair<std::string, std::int64_t>>;

constexpr std::int64_t kF32 = 4;

void say(Explanation& explanation, bool holds, Finding finding) {
  (holds ? explanation.facts : explanation.rejections).push_back(std::move(finding));
}

bool formSupported(const RuleContext& c) {
  return c.problem.dtype == "f16";
}

void explainForm(const RuleContext& c, Explanation& explanation) {
  const bool holds = formSupported(c);
  say(explanation, holds,
      {.rule = "kernel.form",
       .text = fmt::format("dtype={}: {}", c.problem.dtype,
                           holds ? "a form that the kernel builder has"
                                 : "the kernel builder has no such form"),
       .advice = holds ? "" : "use dtype=f16"});
}

// numerator % denominator == 0, told with both names.
void explainDivides(Explanation& explanation, std::string_view rule, std::string_view numeratorName,
                    std::int64_t numerator, std::string_view denominatorName,
                    std::int64_t denominator, std::string advice) {
  const std::int64_t rest = denominator > 0 ? numerator % denominator : numerator;
  const bool holds = denominator > 0 && rest == 0 && numerator > 0;
  say(explanation, holds,
      {.rule = std::string(rule),
       .text = holds ? fmt::format("{} = {} is {} x {} ({})", numeratorName, numerator,
                                   numerator / denominator, denominator, denominatorName)
                     : fmt::format("{} = {} is not a multiple of {} = {} (rest {})", numeratorName,
                                   numerator, denominatorName, denominator, rest),
       .operands = {{std::string(numeratorName), numerator},
                    {std::string(denominatorName), denominator}},
       .advice = holds ? std::string() : std::move(advice)});
}

bool tileHolds(const RuleContext& c) {
  return c.point.tileS1() >= c.point.cubeS1() && c.point.tileS1() % c.point.cubeS1() == 0;
}

void explainTile(const RuleContext& c, Explanation& explanation) {
  explainDivides(explanation, "shape.tile", "TILE_S1", c.point.tileS1(), "CUBE_S1",
                 c.point.cubeS1(), "choose CUBE_S1 from the divisors of TILE_S1");
}

// A tile is one transaction, of one matmul's columns.
bool wholeTileHolds(const RuleContext& c) {
  return c.point.pipeModel() != PipeModel::tile || c.point.tileS1() == c.point.cubeS1();
}

void explainWholeTile(const RuleContext& c, Explanation& explanation) {
  const bool holds = wholeTileHolds(c);
  const bool applies = c.point.pipeModel() == PipeModel::tile;
  say(explanation, holds,
      {.rule = "shape.whole_tile",
       .text = applies ? fmt::format("PIPE_MODEL=tile moves a slot as one tile: TILE_S1 = {} and "
                                     "CUBE_S1 = {} {}",
                                     c.point.tileS1(), c.point.cubeS1(),
                                     holds ? "are equal" : "must be equal")
                       : fmt::format("PIPE_MODEL={} fills a slot in kTileFactor = {} parts",
                                     valueText(Param::pipeModel, c.point[Param::pipeModel]),
                                     c.point.kTileFactor()),
       .operands = {{"TILE_S1", c.point.tileS1()}, {"CUBE_S1", c.point.cubeS1()}},
       .advice = holds ? "" : "choose TILE_S1 = CUBE_S1, or PIPE_MODEL=tile_offset or slot"});
}

// The shallowest ring bounds the landing buffers, which have one depth.
std::int64_t fewestSlots(const Point& point) {
  return std::min({point.slotNumQK(), point.slotNumP(), point.slotNumPV()});
}

bool localSlotsHold(const RuleContext& c) {
  return c.point.pipeModel() == PipeModel::slot || c.point.localSlotNum() <= fewestSlots(c.point);
}

void explainLocalSlots(const RuleContext& c, Explanation& explanation) {
  const bool holds = localSlotsHold(c);
  const bool applies = c.point.pipeModel() != PipeModel::slot;
  say(explanation, holds,
      {.rule = "shape.local_slots",
       .text = applies ? fmt::format("tiles land in LocalSlotNum = {} places of at most {}, the "
                                     "slots of the shallowest ring",
                                     c.point.localSlotNum(), fewestSlots(c.point))
                       : fmt::format("no tile is popped: LocalSlotNum = {} is not read",
                                     c.point.localSlotNum()),
       .operands = {{"LocalSlotNum", c.point.localSlotNum()}},
       .limit = fewestSlots(c.point),
       .advice = holds ? "" : "lower LocalSlotNum or raise SlotNum"});
}

bool rowsHold(const RuleContext& c) {
  return c.problem.s0 % c.point.cubeS0() == 0;
}

void explainRows(const RuleContext& c, Explanation& explanation) {
  explainDivides(explanation, "shape.s0", "s0", c.problem.s0, "CUBE_S0", c.point.cubeS0(),
                 fmt::format("choose a CUBE_S0 that divides s0, or pad s0 to {}",
                             (c.problem.s0 / c.point.cubeS0() + 1) * c.point.cubeS0()));
}

std::int64_t keyStep(const RuleContext& c) {
  return c.point.tileS1() * c.point.kvSplit();
}

bool keysHold(const RuleContext& c) {
  return c.problem.s1 % keyStep(c) == 0;
}

void explainKeys(const RuleContext& c, Explanation& explanation) {
  const bool split = c.point.kvSplit() > 1;
  explainDivides(explanation, "shape.s1", "s1", c.problem.s1,
                 split ? "TILE_S1 * KV_SPLIT" : "TILE_S1", keyStep(c),
                 split ? "choose a TILE_S1 whose multiple by KV_SPLIT divides s1, or lower KV_SPLIT"
                       : "choose a TILE_S1 that divides s1");
}

bool fractalHolds(const RuleContext& c) {
  const std::int64_t f = c.soc.fractal;
  return c.point.cubeS0() % f == 0 && c.point.cubeS1() % f == 0 && c.problem.head % f == 0;
}

void explainFractal(const RuleContext& c, Explanation& explanation) {
  const bool holds = fractalHolds(c);
  say(explanation, holds,
      {.rule = "shape.fractal",
       .text = fmt::format("CUBE_S0 = {}, CUBE_S1 = {}, head = {} {} multiples of the fractal, {}",
                           c.point.cubeS0(), c.point.cubeS1(), c.problem.head,
                           holds ? "are" : "are not all", c.soc.fractal),
       .operands = {{"CUBE_S0", c.point.cubeS0()},
                    {"CUBE_S1", c.point.cubeS1()},
                    {"head", c.problem.head}},
       .limit = c.soc.fractal,
       .advice = holds ? "" : "choose tile sizes that are multiples of the fractal"});
}

// Every row slice is a column-major reduce slice of whole 32-byte groups.
std::int64_t sliceDivisor(const RuleContext& c) {
  return c.soc.vectorPerCube * c.point.kTileFactor();
}

bool sliceHolds(const RuleContext& c) {
  const std::int64_t divisor = sliceDivisor(c);
  if (divisor <= 0 || c.point.cubeS0() % divisor != 0)
    return false;
  return c.point.cubeS0() / divisor * kF32 % c.soc.reduceSliceBytes == 0;
}

void explainSlice(const RuleContext& c, Explanation& explanation) {
  const bool holds = sliceHolds(c);
  const std::int64_t divisor = sliceDivisor(c);
  const std::int64_t rows = c.point.cubeS0() / divisor;
  const std::int64_t least = c.soc.reduceSliceBytes / kF32;
  const bool whole = c.point.cubeS0() % divisor == 0;
  const std::string has =
      whole ? fmt::format("{} rows", rows)
            : fmt::format("no whole number of rows ({}/{})", c.point.cubeS0(), divisor);
  say(explanation, holds,
      {.rule = "shape.row_slice",
       .text = fmt::format("a row slice, CUBE_S0/{}/kTileFactor = {}/{}/{}, has {}; {} a multiple "
                           "of {} rows ({} B of fp32)",
                           c.soc.vectorPerCube, c.point.cubeS0(), c.soc.vectorPerCube,
                           c.point.kTileFactor(), has, holds ? "it is" : "it must be", least,
                           c.soc.reduceSliceBytes),
       .operands = {{"rows", rows}, {"kTileFactor", c.point.kTileFactor()}},
       .limit = least,
       .advice = holds ? ""
                       : fmt::format("kTileFactor must be at most {}: lower TILE_S1 or raise "
                                     "CUBE_S1 or CUBE_S0",
                                     c.point.cubeS0() / c.soc.vectorPerCube / least)});
}

bool accHolds(const RuleContext& c) {
  return std::max(c.point.cubeS1(), c.problem.head) <= c.soc.accMaxCols;
}

void explainAcc(const RuleContext& c, Explanation& explanation) {
  const std::int64_t cols = std::max(c.point.cubeS1(), c.problem.head);
  say(explanation, accHolds(c),
      {.rule = "shape.acc_cols",
       .text =
           fmt::format("an accumulator store has {} columns of at most {}", cols, c.soc.accMaxCols),
       .operands = {{"columns", cols}},
       .limit = c.soc.accMaxCols,
       .advice = accHolds(c) ? "" : "lower CUBE_S1"});
}

} // namespace

std::span<const Rule> shapeRules() {
  using enum LimitOf;
  static const Rule table[] = {
      {"kernel.form",
       "the kernel builder has this form",
       "codegen/kernels",
       kernel,
       {},
       formSupported,
       explainForm},
      {"shape.tile",
       "CUBE_S1 divides TILE_S1",
       "a slot is filled by whole subtiles",
       kernel,
       {Param::tileS1, Param::cubeS1},
       tileHolds,
       explainTile},
      {"shape.whole_tile",
       "a tile is a whole slot where PIPE_MODEL is tile",
       "a tile is one transaction",
       kernel,
       {Param::tileS1, Param::cubeS1, Param::pipeModel},
       wholeTileHolds,
       explainWholeTile},
      {"shape.local_slots",
       "local slots are not more than slots",
       "PTOAS lib/PTO/IR/PTO.cpp:18544-18670 (e32488c9)",
       library,
       {Param::pipeModel, Param::localSlotNum, Param::slotNumQK, Param::slotNumP, Param::slotNumPV},
       localSlotsHold,
       explainLocalSlots},
      {"shape.s1",
       "TILE_S1 divides s1",
       "the key loop runs over whole tiles",
       kernel,
       {Param::tileS1, Param::kvSplit},
       keysHold,
       explainKeys},
      {"shape.s0",
       "CUBE_S0 divides s0",
       "a block has CUBE_S0 query rows",
       kernel,
       {Param::cubeS0},
       rowsHold,
       explainRows},
      {"shape.fractal",
       "tiles are whole fractals",
       "PTOAS lib/PTO/IR/PTO.cpp:1959 (e32488c9)",
       hardware,
       {Param::cubeS1, Param::cubeS0},
       fractalHolds,
       explainFractal},
      {"shape.row_slice",
       "row slices are whole reduce slices",
       "pto-isa Tile constructor: column-major reduce slices of 32 B",
       library,
       {Param::tileS1, Param::cubeS1, Param::cubeS0},
       sliceHolds,
       explainSlice},
      {"shape.acc_cols",
       "accumulator stores fit the column count",
       "PTOAS lib/PTO/IR/PTO.cpp:4363 (e32488c9)",
       hardware,
       {Param::cubeS1},
       accHolds,
       explainAcc},
  };
  return table;
}

} // namespace ptotune::fa
