# SPDX-License-Identifier: Apache-2.0

# soundpost_part(NAME SOURCES file… [DEPENDS part…] [TESTS file…])
#
# One part of core/: a static library sp_NAME which sees the public headers and its own folder, and,
# with SOUNDPOST_TESTS, one test program a file in TESTS.
function(soundpost_part NAME)
  cmake_parse_arguments(PART "" "" "SOURCES;DEPENDS;TESTS" ${ARGN})
  list(TRANSFORM PART_DEPENDS PREPEND sp_)

  add_library(sp_${NAME} STATIC ${PART_SOURCES})
  target_include_directories(sp_${NAME} PUBLIC ${PROJECT_SOURCE_DIR}/core/include)
  target_link_libraries(sp_${NAME} PUBLIC ${PART_DEPENDS})

  if(SOUNDPOST_TESTS)
    foreach(TEST_SOURCE ${PART_TESTS})
      get_filename_component(TEST_NAME ${TEST_SOURCE} NAME_WE)
      add_executable(${TEST_NAME} ${TEST_SOURCE})
      target_link_libraries(${TEST_NAME} PRIVATE sp_${NAME} cmocka m)
      add_test(NAME ${TEST_NAME} COMMAND ${TEST_NAME})
    endforeach()
  endif()
endfunction()
