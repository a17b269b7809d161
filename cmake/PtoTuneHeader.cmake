# pto_tune_header(TARGET <target> DATABASE <file>
#                 [JOB <file or name>] [SOC <name>] [RUNNER <name>] [ENVIRONMENT <id>]
#                 [OUTPUT <name.h>] [NAMESPACE <name>])
#
# Gives the target a header with the best configurations that the tuning database knows
# (`pto-tune export`), by default <pto_tune.h> with the namespace pto_tune. The build makes it, and
# makes it again when the database has changed; what includes it is compiled again only when the
# header itself has changed. JOB: only the job's problems on its SoC, and the build fails where one
# of them was never measured. SOC, RUNNER, ENVIRONMENT: as of `pto-tune export`. Files are relative
# to the current source directory, which must be that of the target.
set(_PTO_TUNE_STAMP_SCRIPT "${CMAKE_CURRENT_LIST_DIR}/PtoTuneStamp.cmake")

function(pto_tune_header)
  cmake_parse_arguments(PARSE_ARGV 0 ARG ""
    "TARGET;DATABASE;JOB;SOC;RUNNER;ENVIRONMENT;OUTPUT;NAMESPACE" "")
  if(ARG_UNPARSED_ARGUMENTS OR ARG_KEYWORDS_MISSING_VALUES)
    message(FATAL_ERROR "pto_tune_header: cannot read '${ARG_UNPARSED_ARGUMENTS}"
                        "${ARG_KEYWORDS_MISSING_VALUES}'")
  endif()
  foreach(required IN ITEMS TARGET DATABASE)
    if(NOT ARG_${required})
      message(FATAL_ERROR "pto_tune_header: ${required} is missing")
    endif()
  endforeach()
  if(NOT TARGET ${ARG_TARGET})
    message(FATAL_ERROR "pto_tune_header: '${ARG_TARGET}' is not a target")
  endif()
  if(NOT TARGET PtoTune::pto-tune)
    message(FATAL_ERROR "pto_tune_header: this PtoTune was installed without the program pto-tune")
  endif()
  get_target_property(home ${ARG_TARGET} SOURCE_DIR)
  if(NOT home STREQUAL CMAKE_CURRENT_SOURCE_DIR)
    message(FATAL_ERROR "pto_tune_header: call it in ${home}, where '${ARG_TARGET}' is defined")
  endif()
  if(NOT ARG_OUTPUT)
    set(ARG_OUTPUT pto_tune.h)
  endif()

  get_filename_component(database "${ARG_DATABASE}" ABSOLUTE)
  set(folder "${CMAKE_CURRENT_BINARY_DIR}/pto_tune/${ARG_TARGET}")
  set(header "${folder}/include/${ARG_OUTPUT}")
  set(stamp "${folder}/${ARG_OUTPUT}.stamp")
  foreach(file IN ITEMS "${header}" "${stamp}")
    get_filename_component(parent "${file}" DIRECTORY)
    file(MAKE_DIRECTORY "${parent}")
  endforeach()

  set(arguments export --db "${database}" --output "${header}")
  set(files "${stamp}" "$<TARGET_FILE:PtoTune::pto-tune>")
  if(ARG_JOB)
    get_filename_component(job "${ARG_JOB}" ABSOLUTE)
    if(EXISTS "${job}")
      list(APPEND files "${job}")
    else() # the name of an installed one
      set(job "${ARG_JOB}")
    endif()
    list(APPEND arguments --job "${job}")
  endif()
  foreach(option IN ITEMS SOC RUNNER ENVIRONMENT NAMESPACE)
    if(ARG_${option})
      string(TOLOWER ${option} name)
      list(APPEND arguments --${name} "${ARG_${option}}")
    endif()
  endforeach()

  # Every build looks at the database; the stamp, and with it the header, is as old as its content.
  string(MAKE_C_IDENTIFIER "${ARG_TARGET}_${ARG_OUTPUT}" name)
  add_custom_target(pto_tune_database_${name}
    COMMAND "${CMAKE_COMMAND}" -D "DATABASE=${database}" -D "STAMP=${stamp}"
            -P "${_PTO_TUNE_STAMP_SCRIPT}"
    BYPRODUCTS "${stamp}"
    COMMENT "Looking at ${database}"
    VERBATIM)
  add_custom_command(OUTPUT "${header}"
    COMMAND PtoTune::pto-tune ${arguments}
    DEPENDS ${files}
    COMMENT "Writing ${ARG_OUTPUT} from ${database}"
    VERBATIM)
  add_dependencies(${ARG_TARGET} pto_tune_database_${name})
  target_sources(${ARG_TARGET} PRIVATE "${header}")
  target_include_directories(${ARG_TARGET} PRIVATE "${folder}/include")
endfunction()
