// What a built kernel was lowered from, as its shim says.
#pragma once

#include "codegen/Lowering.h"
#include "runners/ascend/LaunchShim.h"

#include <nlohmann/json.hpp>

#include <string>

namespace ptotune::test {

struct Origin {
  KernelSpec spec;
  Point point;
  nlohmann::json pointJson;
};

// From the JSON object behind ascend::kOriginComment.
inline Result<Origin> originOf(const std::string& text) {
  try {
    const auto all = nlohmann::json::parse(text);
    Origin origin;
    origin.spec.head = all.at("head").get<std::int64_t>();
    origin.spec.causal = all.at("causal").get<bool>();
    origin.spec.dtype = all.at("dtype").get<std::string>();
    origin.pointJson = all.at("point");
    auto point = Point::fromJson(origin.pointJson.dump());
    if (!point)
      return point.error();
    origin.point = *point;
    return origin;
  } catch (const nlohmann::json::exception& wrong) {
    return Error{.message = std::string("a kernel's origin is not understood: ") + wrong.what()};
  }
}

} // namespace ptotune::test
