// Where tests find the repository's files.
#pragma once

#include <string>

namespace ptotune::test {

inline std::string sourceDir() {
  return PTO_TUNE_SOURCE_DIR;
}
inline std::string binaryDir() {
  return PTO_TUNE_BINARY_DIR;
}
inline std::string config(const std::string& path) {
  return sourceDir() + "/configs/" + path;
}
inline std::string data(const std::string& path) {
  return sourceDir() + "/tests/data/" + path;
}

} // namespace ptotune::test
