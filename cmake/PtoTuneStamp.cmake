# cmake -D DATABASE=FILE -D STAMP=FILE -P PtoTuneStamp.cmake
#
# Writes into STAMP what tells one content of the database from another, and leaves it alone while
# that is the same. While others write, new trials stand in the write-ahead log beside the file; an
# empty log says nothing.
if(NOT EXISTS "${DATABASE}")
  message(FATAL_ERROR "pto_tune_header: the database ${DATABASE} does not exist; "
                      "'pto-tune tune JOB --db ${DATABASE}' makes it")
endif()
set(content "")
foreach(file IN ITEMS "${DATABASE}" "${DATABASE}-wal")
  set(size 0)
  if(EXISTS "${file}")
    file(SIZE "${file}" size)
  endif()
  if(size GREATER 0)
    file(TIMESTAMP "${file}" time "%s.%f" UTC)
    string(APPEND content "${size} bytes, ${time}\n")
  else()
    string(APPEND content "absent\n")
  endif()
endforeach()
set(known "")
if(EXISTS "${STAMP}")
  file(READ "${STAMP}" known)
endif()
if(NOT known STREQUAL content)
  file(WRITE "${STAMP}" "${content}")
endif()
