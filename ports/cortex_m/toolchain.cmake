# SPDX-License-Identifier: Apache-2.0
#
# Debian's Arm compiler for the emulated boards; SOUNDPOST_CPU is cortex-m4 (with FPU) or cortex-m3.

set(CMAKE_SYSTEM_NAME Generic)
set(CMAKE_SYSTEM_PROCESSOR arm)
set(CMAKE_C_COMPILER arm-none-eabi-gcc)
set(CMAKE_CXX_COMPILER arm-none-eabi-g++)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES SOUNDPOST_CPU)

set(SOUNDPOST_CPU cortex-m4 CACHE STRING "cortex-m4 or cortex-m3")
set(SOUNDPOST_CPU_FLAGS "-mcpu=${SOUNDPOST_CPU} -mthumb")
if(SOUNDPOST_CPU STREQUAL "cortex-m4")
  string(APPEND SOUNDPOST_CPU_FLAGS " -mfloat-abi=hard -mfpu=fpv4-sp-d16")
endif()
set(CMAKE_C_FLAGS_INIT "${SOUNDPOST_CPU_FLAGS}")
set(CMAKE_CXX_FLAGS_INIT "${SOUNDPOST_CPU_FLAGS}")
set(CMAKE_ASM_FLAGS_INIT "${SOUNDPOST_CPU_FLAGS}")
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-nostartfiles --specs=rdimon.specs -Wl,--gc-sections -T ${CMAKE_CURRENT_LIST_DIR}/link.ld")
