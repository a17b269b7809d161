# The direction of dependencies between the top-level folders. The table below is the architecture:
# configuring fails on any edge that is not in it, be it a link or an #include.

set(PTO_TUNE_MAY_USE_space "")
set(PTO_TUNE_MAY_USE_db space)
set(PTO_TUNE_MAY_USE_lookup space db)                # db/lookup: libptotune
set(PTO_TUNE_MAY_USE_codegen space program)
set(PTO_TUNE_MAY_USE_program space)                  # codegen/program: no MLIR
set(PTO_TUNE_MAY_USE_sim space db program)           # runners/sim: knows no compiler
set(PTO_TUNE_MAY_USE_worker space db)                # runners/worker: knows no runner
set(PTO_TUNE_MAY_USE_replay space db)                # runners/replay
set(PTO_TUNE_MAY_USE_ascend space db program sim worker) # runners/ascend: knows no compiler
set(PTO_TUNE_MAY_USE_runners space db codegen program sim worker replay ascend)
set(PTO_TUNE_MAY_USE_search space db)                # tuner/search: no compiler, no runner
set(PTO_TUNE_MAY_USE_tuner space db codegen program runners sim worker replay ascend search)

set(PTO_TUNE_PACKAGES_space Boost::boost tomlplusplus nlohmann_json::nlohmann_json xxhash fmt::fmt)
set(PTO_TUNE_PACKAGES_db SQLite::SQLite3 Boost::boost nlohmann_json::nlohmann_json
    tomlplusplus fmt::fmt)
set(PTO_TUNE_PACKAGES_lookup "")
set(PTO_TUNE_PACKAGES_codegen MLIR LLVM fmt::fmt)
set(PTO_TUNE_PACKAGES_program fmt::fmt)
set(PTO_TUNE_PACKAGES_sim fmt::fmt nlohmann_json::nlohmann_json)
set(PTO_TUNE_PACKAGES_worker Threads::Threads fmt::fmt nlohmann_json::nlohmann_json)
set(PTO_TUNE_PACKAGES_replay fmt::fmt)
set(PTO_TUNE_PACKAGES_ascend Threads::Threads fmt::fmt nlohmann_json::nlohmann_json)
set(PTO_TUNE_PACKAGES_runners Boost::boost Threads::Threads fmt::fmt nlohmann_json::nlohmann_json)
set(PTO_TUNE_PACKAGES_search TBB::tbb ZLIB::ZLIB fmt::fmt nlohmann_json::nlohmann_json)
set(PTO_TUNE_PACKAGES_tuner TBB::tbb cli11 spdlog::spdlog fmt::fmt nlohmann_json::nlohmann_json
    NLopt::nlopt)

# Fails when a source of `layer` includes a header of a folder that `layer` may not use.
function(_pto_tune_check_includes layer)
  set(allowed ${layer} ${PTO_TUNE_MAY_USE_${layer}})
  foreach(source IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
    file(STRINGS ${source} includes REGEX "^[ \t]*#[ \t]*include[ \t]*[<\"]")
    foreach(line IN LISTS includes)
      if(NOT line MATCHES "[<\"]((space|db|codegen|runners|tuner|mlir|llvm)/[^>\"]*)[>\"]")
        continue()
      endif()
      set(path ${CMAKE_MATCH_1})
      set(folder ${CMAKE_MATCH_2})
      if(folder MATCHES "^(mlir|llvm)$")
        if(NOT layer STREQUAL "codegen")
          message(FATAL_ERROR "${source} includes ${path}: MLIR and LLVM headers stay in codegen/")
        endif()
        continue()
      endif()
      if(path MATCHES "^db/lookup/")
        set(folder lookup)
      elseif(path MATCHES "^codegen/program/")
        set(folder program)
      elseif(path MATCHES "^runners/sim/")
        set(folder sim)
      elseif(path MATCHES "^runners/(worker|replay|ascend)/")
        set(folder ${CMAKE_MATCH_1})
      elseif(path MATCHES "^tuner/search/")
        set(folder search)
      elseif(path STREQUAL "tuner/Parallel.h" AND layer STREQUAL "search")
        continue() # a header of its own, without anything of the tuner
      elseif(path STREQUAL "runners/Runner.h" AND layer MATCHES "^(sim|worker|replay|ascend)$")
        continue() # the interface that they implement
      elseif(path STREQUAL "runners/TemporaryFolder.h" AND layer STREQUAL "ascend")
        continue() # a header of its own
      endif()
      if(NOT folder IN_LIST allowed)
        message(FATAL_ERROR "${source} includes ${path}: '${layer}' may use '${allowed}' only "
                            "(cmake/Layers.cmake)")
      endif()
    endforeach()
  endforeach()
endfunction()

# pto_tune_library(<layer> [SHARED] [PIC] SOURCES ... [USES <layer>...] [PACKAGES <target>...])
#
# Defines the library `ptotune_<layer>` from the sources of the current folder: static, with PIC to
# become part of a shared one; or SHARED, which keeps what it is made of to itself. USES and PACKAGES
# are checked against the tables above.
function(pto_tune_library layer)
  cmake_parse_arguments(ARG "SHARED;PIC" "" "SOURCES;USES;PACKAGES" ${ARGN})
  if(NOT DEFINED PTO_TUNE_MAY_USE_${layer})
    message(FATAL_ERROR "no layer '${layer}' in cmake/Layers.cmake")
  endif()
  foreach(used IN LISTS ARG_USES)
    if(NOT used IN_LIST PTO_TUNE_MAY_USE_${layer})
      message(FATAL_ERROR "layer '${layer}' may not use '${used}' (cmake/Layers.cmake)")
    endif()
  endforeach()
  foreach(package IN LISTS ARG_PACKAGES)
    if(NOT package IN_LIST PTO_TUNE_PACKAGES_${layer})
      message(FATAL_ERROR "layer '${layer}' may not use package '${package}' (cmake/Layers.cmake)")
    endif()
  endforeach()

  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.h
       ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(layer STREQUAL "db")
    list(FILTER files EXCLUDE REGEX "/db/lookup/")
  elseif(layer STREQUAL "codegen")
    list(FILTER files EXCLUDE REGEX "/codegen/program/")
  elseif(layer STREQUAL "runners")
    list(FILTER files EXCLUDE REGEX "/runners/(sim|worker|replay|ascend)/")
  elseif(layer STREQUAL "tuner")
    list(FILTER files EXCLUDE REGEX "/tuner/search/")
  endif()
  _pto_tune_check_includes(${layer} ${files})

  if(ARG_SHARED)
    add_library(ptotune_${layer} SHARED ${ARG_SOURCES})
    set_target_properties(ptotune_${layer} PROPERTIES CXX_VISIBILITY_PRESET hidden
                                                      VISIBILITY_INLINES_HIDDEN ON)
    target_link_options(ptotune_${layer} PRIVATE LINKER:--exclude-libs,ALL)
    target_link_libraries(ptotune_${layer} PRIVATE pto_tune_options ${ARG_PACKAGES})
    foreach(used IN LISTS ARG_USES)
      target_link_libraries(ptotune_${layer} PRIVATE ptotune_${used})
    endforeach()
    return()
  endif()
  add_library(ptotune_${layer} STATIC ${ARG_SOURCES})
  set_target_properties(ptotune_${layer} PROPERTIES POSITION_INDEPENDENT_CODE ${ARG_PIC})
  target_link_libraries(ptotune_${layer} PUBLIC pto_tune_options)
  foreach(used IN LISTS ARG_USES)
    target_link_libraries(ptotune_${layer} PUBLIC ptotune_${used})
  endforeach()
  target_link_libraries(ptotune_${layer} PRIVATE ${ARG_PACKAGES})
endfunction()
