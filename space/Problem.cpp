#include "space/Problem.h"

#include "space/Text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace ptotune {

double Problem::flops() const {
  return 4.0 * static_cast<double>(s0) * static_cast<double>(s1) * static_cast<double>(head);
}

std::string Problem::text() const {
  return fmt::format("head={},s0={},s1={},causal={},dtype={}", head, s0, s1, causal ? 1 : 0, dtype);
}

std::string Problem::json() const {
  const nlohmann::json object = {{"family", family}, {"head", head},     {"s0", s0},
                                 {"s1", s1},         {"causal", causal}, {"dtype", dtype}};
  return object.dump();
}

Hash Problem::hash() const {
  return Hash::of(json());
}

Result<Problem> Problem::parse(std::string_view text, const Problem& base) {
  auto pairs = splitAssignments(text, "problem");
  if (!pairs)
    return pairs.error();
  Problem problem = base;
  for (const auto& [name, value] : *pairs) {
    if (name == "dtype") {
      if (value != "f16")
        return Error{.message = "unknown element type",
                     .key = "dtype",
                     .value = std::string(value),
                     .expected = "f16"};
      problem.dtype = value;
      continue;
    }
    const auto number = parseInteger(value);
    const bool flag = name == "causal";
    if (!flag && name != "head" && name != "s0" && name != "s1")
      return Error{.message = fmt::format("unknown key '{}' in the problem", name),
                   .expected = "head, s0, s1, causal or dtype"};
    if (!number || (flag ? *number < 0 || *number > 1 : *number <= 0))
      return Error{.message = "bad value in the problem",
                   .key = std::string(name),
                   .value = std::string(value),
                   .expected = flag ? "0 or 1" : "a positive integer"};
    if (flag)
      problem.causal = *number == 1;
    else
      (name == "head" ? problem.head : name == "s0" ? problem.s0 : problem.s1) = *number;
  }
  return problem;
}

} // namespace ptotune
