// PTO_TUNE_LONG=1 in the environment asks for the long mode of the tests that have one: more
// points, larger shapes, whole spaces. Minutes instead of seconds.
#pragma once

#include <cstdlib>
#include <string_view>

namespace ptotune::test {

inline bool longMode() {
  const char* asked = std::getenv("PTO_TUNE_LONG");
  return asked != nullptr && std::string_view(asked) == "1";
}

} // namespace ptotune::test
