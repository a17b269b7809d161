# What `cmake --install` puts where. Components: tool (pto-tune, its configurations, man page, shell
# completion), lib (libptotune and its headers), docs. The CMake package is of both of the first.
include(CMakePackageConfigHelpers)

set(PTO_TUNE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/PtoTune)
set(PTO_TUNE_CONFIGS_DIR ${CMAKE_INSTALL_DATADIR}/pto-tune/configs)

# The build tree looks like an install tree to the programs in it: configurations lie in ../share.
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/share/pto-tune)
file(CREATE_LINK ${CMAKE_SOURCE_DIR}/configs ${CMAKE_BINARY_DIR}/share/pto-tune/configs SYMBOLIC)

install(DIRECTORY configs/ DESTINATION ${PTO_TUNE_CONFIGS_DIR} COMPONENT tool
        FILES_MATCHING PATTERN "*.toml")
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT docs)
install(FILES README.md LICENSE db/FORMAT.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT docs)

install(TARGETS ptotune_lookup EXPORT PtoTuneLibTargets COMPONENT lib)
install(DIRECTORY db/lookup/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT lib)

configure_package_config_file(cmake/PtoTuneConfig.cmake.in ${CMAKE_BINARY_DIR}/PtoTuneConfig.cmake
  INSTALL_DESTINATION ${PTO_TUNE_CMAKE_DIR} PATH_VARS PTO_TUNE_CONFIGS_DIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/PtoTuneConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
foreach(component IN ITEMS tool lib)
  install(FILES ${CMAKE_BINARY_DIR}/PtoTuneConfig.cmake ${CMAKE_BINARY_DIR}/PtoTuneConfigVersion.cmake
                cmake/PtoTuneHeader.cmake cmake/PtoTuneStamp.cmake
          DESTINATION ${PTO_TUNE_CMAKE_DIR} COMPONENT ${component})
endforeach()
install(EXPORT PtoTuneLibTargets NAMESPACE PtoTune:: DESTINATION ${PTO_TUNE_CMAKE_DIR} COMPONENT lib)

if(NOT TARGET pto-tune)
  return()
endif()
install(TARGETS pto-tune EXPORT PtoTuneToolTargets COMPONENT tool)
install(EXPORT PtoTuneToolTargets NAMESPACE PtoTune:: DESTINATION ${PTO_TUNE_CMAKE_DIR}
        COMPONENT tool)
set_target_properties(pto-tune PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)

# pto-tune describes itself, so that these never say anything else than --help.
set(share ${CMAKE_BINARY_DIR}/share)
set(described "")
function(_pto_tune_described file folder)
  add_custom_command(OUTPUT ${share}/${file}
    COMMAND pto-tune ${ARGN} > ${share}/${file}
    DEPENDS pto-tune COMMENT "Writing ${file}" VERBATIM)
  set(described ${described} ${share}/${file} PARENT_SCOPE)
  install(FILES ${share}/${file} DESTINATION ${folder} COMPONENT tool OPTIONAL)
endfunction()
_pto_tune_described(pto-tune.1 ${CMAKE_INSTALL_MANDIR}/man1 man-page)
_pto_tune_described(_pto-tune ${CMAKE_INSTALL_DATADIR}/zsh/site-functions completion zsh)
# bash-completion looks for the name of the command.
add_custom_command(OUTPUT ${share}/bash/pto-tune
  COMMAND ${CMAKE_COMMAND} -E make_directory ${share}/bash
  COMMAND pto-tune completion bash > ${share}/bash/pto-tune
  DEPENDS pto-tune COMMENT "Writing bash/pto-tune" VERBATIM)
install(FILES ${share}/bash/pto-tune DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        COMPONENT tool OPTIONAL)
add_custom_target(pto-tune-share ALL DEPENDS ${described} ${share}/bash/pto-tune)
