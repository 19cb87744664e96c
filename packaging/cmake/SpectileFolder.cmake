# What need not be fast itself compiles a third faster with -O1; under sanitizers optimising takes most of the time.
if(SPECTILE_SANITIZE)
  set(SPECTILE_COLD -O0)
elseif(CMAKE_BUILD_TYPE STREQUAL Release)
  set(SPECTILE_COLD -O1)
endif()

# A release build compiles eight files of a folder as one, which shares the reading of LibTorch's, GDAL's and GoogleTest's
# headers: a third of the steps; so does one under sanitizers. Every other build compiles each file alone, so that each
# includes what it uses.
if(CMAKE_BUILD_TYPE STREQUAL Release OR SPECTILE_SANITIZE)
  set(SPECTILE_FILES_AT_ONCE 8)
endif()
function(spectile_together target)
  if(SPECTILE_FILES_AT_ONCE)
    set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE ${SPECTILE_FILES_AT_ONCE})
  endif()
endfunction()

# One target per folder of src/: spectile_folder(plan SOURCES a.cpp b.cpp LINK spectile::core TBB::tbb)
# makes the static library spectile_plan with the alias spectile::plan. What LINK names stays private to the
# folder, so that including a library elsewhere fails for want of an include path; USES names our own folders,
# whose headers the folder's headers may include. COLD folders do nothing pixel by pixel; files
# of APART folders are always compiled alone.
function(spectile_folder name)
  cmake_parse_arguments(arg "COLD;APART" "" "SOURCES;LINK;USES" ${ARGN})
  set(target spectile_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(spectile::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES POSITION_INDEPENDENT_CODE ON CXX_VISIBILITY_PRESET hidden
                                             VISIBILITY_INLINES_HIDDEN ON)
  target_include_directories(${target} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src
                                              ${PROJECT_BINARY_DIR}/include)
  target_link_libraries(${target} PUBLIC ${arg_USES} PRIVATE ${arg_LINK} spectile_warnings)
  if(NOT arg_APART)
    spectile_together(${target})
  endif()
  if(arg_COLD)
    target_compile_options(${target} PRIVATE ${SPECTILE_COLD})
  endif()
endfunction()

# spectile_test(plan SOURCES a_test.cpp LINK spectile::plan LABEL unit): one test program per folder. APART as above.
# HOT: what is tested is compiled into the test itself, from headers, and takes most of its time; under sanitizers, where it takes
# forty times as long, properties are tried on fewer cases.
function(spectile_test name)
  cmake_parse_arguments(arg "APART;HOT" "LABEL;TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT arg_LABEL)
    set(arg_LABEL unit)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  if(SPECTILE_SANITIZE)
    math(EXPR arg_TIMEOUT "4 * ${arg_TIMEOUT}")
  endif()
  if(SPECTILE_SANITIZE AND arg_HOT)
    set(fewer_cases RC_PARAMS=max_success=20)
  endif()
  set(target test_${name})
  add_executable(${target} ${arg_SOURCES})
  target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests)
  target_link_libraries(${target} PRIVATE ${arg_LINK} GTest::gmock GTest::gtest_main spectile_warnings)
  target_compile_definitions(${target} PRIVATE SPECTILE_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
                                               SPECTILE_BINARY_DIR="${PROJECT_BINARY_DIR}")
  if(NOT arg_APART)
    spectile_together(${target})
  endif()
  if(NOT arg_HOT)
    target_compile_options(${target} PRIVATE ${SPECTILE_COLD})
  endif()
  set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  gtest_discover_tests(${target} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}." WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
    PROPERTIES LABELS "${arg_LABEL}" TIMEOUT ${arg_TIMEOUT}
               ENVIRONMENT "OMP_NUM_THREADS=1;OPENBLAS_NUM_THREADS=1;OMP_WAIT_POLICY=passive;${fewer_cases}")
endfunction()
