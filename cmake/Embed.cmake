# Files as data in the program.
#
#   cmake -D "FILES=name=path|name=path" -D OUTPUT=Assets.cpp -P Embed.cmake
#
# writes the C++ source of ptotune::report::asset() (tuner/report/Assets.h). pto_tune_embed() below
# makes that a step of the build.

if(CMAKE_SCRIPT_MODE_FILE)
  string(REPLACE "|" ";" FILES "${FILES}")
  set(arrays "")
  set(cases "")
  set(number 0)
  foreach(file IN LISTS FILES)
    string(FIND "${file}" "=" split)
    string(SUBSTRING "${file}" 0 ${split} name)
    math(EXPR split "${split} + 1")
    string(SUBSTRING "${file}" ${split} -1 path)
    file(READ "${path}" bytes HEX)
    # Lines of sixteen bytes.
    string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "constexpr unsigned char kFile${number}[] = {\n${bytes}0};\n")
    string(APPEND cases "  if (name == \"${name}\")\n    return text(kFile${number}, "
                        "sizeof kFile${number} - 1);\n")
    math(EXPR number "${number} + 1")
  endforeach()
  file(WRITE "${OUTPUT}" "// Made by cmake/Embed.cmake.
#include \"tuner/report/Assets.h\"

#include <cstddef>

namespace ptotune::report {
namespace {

${arrays}
std::string_view text(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

} // namespace

std::string_view asset(std::string_view name) {
${cases}  return {};
}

} // namespace ptotune::report
")
  return()
endif()

set(PTO_TUNE_EMBED_SCRIPT ${CMAKE_CURRENT_LIST_FILE})

# pto_tune_embed(<output.cpp> NAME=PATH...): made again whenever one of the files changes.
function(pto_tune_embed output)
  set(paths "")
  foreach(file IN LISTS ARGN)
    string(REGEX REPLACE "^[^=]*=" "" path "${file}")
    list(APPEND paths "${path}")
  endforeach()
  list(JOIN ARGN "|" files)
  add_custom_command(
    OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -D "FILES=${files}" -D OUTPUT=${output} -P ${PTO_TUNE_EMBED_SCRIPT}
    DEPENDS ${paths} ${PTO_TUNE_EMBED_SCRIPT}
    COMMENT "Embedding the report's page"
    VERBATIM)
endfunction()
