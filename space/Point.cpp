#include "space/Point.h"

#include "space/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace ptotune {
namespace {

using namespace std::string_view_literals;

constexpr std::array<std::string_view, 3> kPipeModels = {"tile"sv, "tile_offset"sv, "slot"sv};
constexpr std::array<std::string_view, 2> kVecOrders = {"p_first"sv, "gu_first"sv};

constexpr std::array<ParamInfo, kParamCount> kParams = {{
    {Param::tileS1, "TILE_S1", "FIFO slot width in key columns", {}},
    {Param::cubeS1, "CUBE_S1", "cube matmul subtile width", {}},
    {Param::cubeS0, "CUBE_S0", "query rows of a block", {}},
    {Param::qkPreload, "QK_PRELOAD", "QK/P tiles started before the steady loop", {}},
    {Param::slotNumQK, "SlotNumQK", "slots of the QK ring in global memory", {}},
    {Param::slotNumP, "SlotNumP", "slots of the P ring in global memory", {}},
    {Param::slotNumPV, "SlotNumPV", "slots of the PV ring in global memory", {}},
    {Param::localSlotNum, "LocalSlotNum", "consumer's local buffers when tiles are popped", {}},
    {Param::unitFlag, "EN_UNIT_FLAG", "M to FIX handshake in hardware", {}},
    {Param::pipeModel, "PIPE_MODEL", "how a FIFO slot is filled", kPipeModels},
    {Param::expRing, "EXP_RING", "ring of softmax rescale factors", {}},
    {Param::vecOrder, "VEC_ORDER", "order of the vector steady loop", kVecOrders},
    {Param::kvSplit, "KV_SPLIT", "key range split over work units", {}},
}};

// One name for the three depths in texts and space files.
constexpr std::string_view kSlotNum = "SlotNum";
constexpr std::string_view kFactorName = "kTileFactor";

Error unknownParameter(std::string_view name) {
  std::string names(kSlotNum);
  for (const ParamInfo& param : kParams)
    names += fmt::format(", {}", param.name);
  return Error{.message = fmt::format("unknown parameter '{}' in the point", name),
               .expected = std::move(names)};
}

} // namespace

std::span<const ParamInfo> allParams() {
  return kParams;
}

const ParamInfo& info(Param param) {
  return kParams[static_cast<std::size_t>(param)];
}

const ParamInfo* findParam(std::string_view name) {
  const auto found = std::ranges::find(kParams, name, &ParamInfo::name);
  return found == kParams.end() ? nullptr : &*found;
}

std::string valueText(Param param, std::int64_t value) {
  const auto names = info(param).names;
  if (value >= 0 && static_cast<std::size_t>(value) < names.size())
    return std::string(names[static_cast<std::size_t>(value)]);
  return std::to_string(value);
}

Result<std::int64_t> parseValue(Param param, std::string_view text) {
  const ParamInfo& parameter = info(param);
  const auto name = std::ranges::find(parameter.names, text);
  if (name != parameter.names.end())
    return static_cast<std::int64_t>(name - parameter.names.begin());
  const auto number = parseInteger(text);
  if (parameter.names.empty() && number)
    return *number;
  return Error{.message = "bad value of a parameter",
               .key = std::string(parameter.name),
               .value = std::string(text),
               .expected = parameter.names.empty()
                               ? "an integer"
                               : fmt::format("{}", fmt::join(parameter.names, ", "))};
}

Point::Point() : values_{} {
  set(Param::tileS1, 256);
  set(Param::cubeS1, 128);
  set(Param::cubeS0, 128);
  set(Param::qkPreload, 4);
  set(Param::slotNumQK, 8);
  set(Param::slotNumP, 8);
  set(Param::slotNumPV, 8);
  set(Param::localSlotNum, 2);
  set(Param::unitFlag, 1);
  set(Param::pipeModel, static_cast<std::int64_t>(PipeModel::slot));
  set(Param::expRing, 8);
  set(Param::vecOrder, static_cast<std::int64_t>(VecOrder::pFirst));
  set(Param::kvSplit, 1);
}

std::string Point::text() const {
  const bool oneDepth = slotNumQK() == slotNumP() && slotNumP() == slotNumPV();
  std::string text;
  for (const ParamInfo& param : kParams) {
    const bool depth = param.id == Param::slotNumP || param.id == Param::slotNumPV;
    if (oneDepth && depth)
      continue;
    const std::string_view name = oneDepth && param.id == Param::slotNumQK ? kSlotNum : param.name;
    text += fmt::format("{}={},", name, valueText(param.id, (*this)[param.id]));
  }
  const std::int64_t subtile = std::max<std::int64_t>(cubeS1(), 1);
  return text + fmt::format("{}={}", kFactorName, tileS1() / subtile);
}

std::string Point::json() const {
  nlohmann::json object;
  for (const ParamInfo& param : kParams) {
    const std::int64_t value = (*this)[param.id];
    if (param.names.empty())
      object[std::string(param.name)] = value;
    else
      object[std::string(param.name)] = valueText(param.id, value);
  }
  return object.dump();
}

Hash Point::hash() const {
  return Hash::of(json());
}

Result<Point> Point::parse(std::string_view text, const Point& base) {
  auto pairs = splitAssignments(text, "point");
  if (!pairs)
    return pairs.error();
  Point point = base;
  const auto given = [&](std::string_view name) {
    return std::ranges::any_of(*pairs, [&](const auto& pair) { return pair.first == name; });
  };
  std::optional<std::int64_t> factor;
  for (const auto& [name, value] : *pairs) {
    if (name == kSlotNum || name == kFactorName) {
      const auto number = parseInteger(value);
      if (!number)
        return Error{.message = "bad value of a parameter",
                     .key = std::string(name),
                     .value = std::string(value),
                     .expected = "an integer"};
      if (name == kFactorName) {
        factor = number;
        continue;
      }
      // A single depth yields to depths given by their own names, whatever the order.
      for (const Param depth : {Param::slotNumQK, Param::slotNumP, Param::slotNumPV})
        if (!given(info(depth).name))
          point.set(depth, *number);
      if (!given(info(Param::expRing).name))
        point.set(Param::expRing, *number);
      continue;
    }
    const ParamInfo* param = findParam(name);
    if (!param)
      return unknownParameter(name);
    auto parsed = parseValue(param->id, value);
    if (!parsed)
      return parsed.error();
    point.set(param->id, *parsed);
  }
  if (factor && (point.cubeS1() <= 0 || *factor * point.cubeS1() != point.tileS1()))
    return Error{.message = "kTileFactor is derived and does not agree",
                 .key = std::string(kFactorName),
                 .value = std::to_string(*factor),
                 .expected = "TILE_S1 / CUBE_S1",
                 .advice = "leave it out, or change TILE_S1 or CUBE_S1"};
  return point;
}

Result<Point> Point::fromJson(std::string_view json) {
  const nlohmann::json object = nlohmann::json::parse(json, nullptr, false);
  if (!object.is_object())
    return Error{.message = "a point is not a JSON object", .value = std::string(json)};
  Point point;
  for (const auto& [name, value] : object.items()) {
    const ParamInfo* param = findParam(name);
    if (!param)
      return unknownParameter(name);
    auto parsed =
        parseValue(param->id, value.is_string() ? value.get<std::string>() : value.dump());
    if (!parsed)
      return parsed.error();
    point.set(param->id, *parsed);
  }
  return point;
}

} // namespace ptotune
