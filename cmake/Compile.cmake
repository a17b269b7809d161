# Compiler flags that every target of the project shares.

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(pto_tune_options INTERFACE)
target_include_directories(pto_tune_options INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR})
target_compile_options(pto_tune_options INTERFACE -Wall -Wextra -Wshadow -Wnon-virtual-dtor
                                                  -Wno-unused-parameter
                                                  -Wno-missing-field-initializers)
target_compile_definitions(pto_tune_options INTERFACE PTO_TUNE_VERSION="${PROJECT_VERSION}")

if(PTO_TUNE_SANITIZER STREQUAL "address")
  target_compile_options(pto_tune_options INTERFACE -fsanitize=address,undefined
                                                    -fno-sanitize-recover=undefined
                                                    -fno-omit-frame-pointer)
  target_link_options(pto_tune_options INTERFACE -fsanitize=address,undefined)
elseif(PTO_TUNE_SANITIZER STREQUAL "thread")
  target_compile_options(pto_tune_options INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(pto_tune_options INTERFACE -fsanitize=thread)
elseif(PTO_TUNE_SANITIZER)
  message(FATAL_ERROR "PTO_TUNE_SANITIZER is '${PTO_TUNE_SANITIZER}'; expected address or thread")
endif()
