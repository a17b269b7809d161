// Parameters of the flash-attention family and one assignment of them.
#pragma once

#include "space/Hash.h"
#include "space/Result.h"

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace ptotune {

// Order of declaration is the order of canonical text and of enumeration.
enum class Param : std::uint8_t {
  tileS1,    // FIFO slot width in key columns
  cubeS1,    // cube matmul subtile width
  cubeS0,    // query rows of a block
  qkPreload, // QK/P tiles started before the steady loop
  slotNumQK, // ring depths in global memory
  slotNumP,
  slotNumPV,
  localSlotNum, // consumer's local buffers when tiles are popped
  unitFlag,     // M -> FIX handshake in hardware instead of event flags
  pipeModel,
  expRing, // ring of softmax rescale factors
  vecOrder,
  kvSplit,
};
inline constexpr std::size_t kParamCount = 13;

enum class PipeModel : std::int64_t { tile = 0, tileOffset = 1, slot = 2 };
enum class VecOrder : std::int64_t { pFirst = 0, guFirst = 1 };

// Static facts about one parameter. A categorical parameter has names; its values index them.
struct ParamInfo {
  Param id;
  std::string_view name; // as in space files, the command line and headers
  std::string_view meaning;
  std::span<const std::string_view> names;
};

std::span<const ParamInfo> allParams();
const ParamInfo& info(Param param);
// The parameter of this name, if any. "SlotNum" is not one: see PointText in Point.cpp.
const ParamInfo* findParam(std::string_view name);

// One full assignment. Plain values, cheap to copy; categorical values are stored as their index.
class Point {
public:
  // The default point: upstream's manual kernel
  // (pto-isa kernels/manual/common/flash_atten, at 3186c381).
  Point();

  std::int64_t operator[](Param param) const { return values_[static_cast<std::size_t>(param)]; }
  void set(Param param, std::int64_t value) { values_[static_cast<std::size_t>(param)] = value; }

  std::int64_t tileS1() const { return (*this)[Param::tileS1]; }
  std::int64_t cubeS1() const { return (*this)[Param::cubeS1]; }
  std::int64_t cubeS0() const { return (*this)[Param::cubeS0]; }
  std::int64_t qkPreload() const { return (*this)[Param::qkPreload]; }
  std::int64_t slotNumQK() const { return (*this)[Param::slotNumQK]; }
  std::int64_t slotNumP() const { return (*this)[Param::slotNumP]; }
  std::int64_t slotNumPV() const { return (*this)[Param::slotNumPV]; }
  std::int64_t localSlotNum() const { return (*this)[Param::localSlotNum]; }
  bool unitFlag() const { return (*this)[Param::unitFlag] != 0; }
  PipeModel pipeModel() const { return static_cast<PipeModel>((*this)[Param::pipeModel]); }
  std::int64_t expRing() const { return (*this)[Param::expRing]; }
  VecOrder vecOrder() const { return static_cast<VecOrder>((*this)[Param::vecOrder]); }
  std::int64_t kvSplit() const { return (*this)[Param::kvSplit]; }
  // Derived. Only meaningful where CUBE_S1 divides TILE_S1.
  std::int64_t kTileFactor() const { return tileS1() / cubeS1(); }

  auto operator<=>(const Point&) const = default;

  // "TILE_S1=256,CUBE_S1=128,CUBE_S0=128,QK_PRELOAD=4,SlotNum=8,...,kTileFactor=2". The three
  // depths print as SlotNum when they are equal; fixed and derived parameters are included.
  std::string text() const;
  // A JSON object with sorted keys and all three depths; hash() is taken over it.
  std::string json() const;
  Hash hash() const;

  // Parses text(): "NAME=value" separated by commas. "SlotNum" sets all three depths and, unless
  // EXP_RING is given as well, EXP_RING too. kTileFactor is accepted where it agrees. What is left
  // out keeps its value in `base`.
  static Result<Point> parse(std::string_view text, const Point& base);
  static Result<Point> fromJson(std::string_view json);

private:
  std::array<std::int64_t, kParamCount> values_;
};

// A value as users write it: the category's name, or the number.
std::string valueText(Param param, std::int64_t value);
Result<std::int64_t> parseValue(Param param, std::string_view text);

} // namespace ptotune
