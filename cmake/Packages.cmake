# Third-party packages, all from Debian 12. `./dev deps` installs them.

find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Threads REQUIRED)
find_package(TBB REQUIRED)
find_package(ZLIB REQUIRED)
find_package(NLopt REQUIRED)

find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
find_path(XXHASH_INCLUDE xxhash.h REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)

# D3, which pto-tune writes into its reports, with its licence (node-d3).
find_file(D3_JS d3.min.js PATHS /usr/share/nodejs/d3/dist NO_DEFAULT_PATH REQUIRED)
find_file(D3_LICENCE copyright PATHS /usr/share/doc/node-d3 NO_DEFAULT_PATH REQUIRED)

# Header-only packages without a CMake configuration of their own.
foreach(package IN ITEMS TOMLPLUSPLUS XXHASH CLI11)
  string(TOLOWER ${package} target)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${${package}_INCLUDE})
endforeach()
target_compile_definitions(xxhash INTERFACE XXH_INLINE_ALL)

if(PTO_TUNE_CODEGEN)
  if(NOT MLIR_DIR)
    set(MLIR_DIR /usr/lib/llvm-19/lib/cmake/mlir)
  endif()
  find_package(MLIR 19.1 REQUIRED CONFIG)
  list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
  include(TableGen)
  include(AddLLVM)
  include(AddMLIR)
endif()
