# SPDX-License-Identifier: Apache-2.0

# Where the toolchain has no picolibc, as Debian's has none, Zephyr compiles all of it in each build:
# 950 files, of which an application links 20. This leaves those folders out that none of ours calls
# into; one that does fails to link, and takes its folder off the list. Called after find_package().
function(soundpost_trim_picolibc)
  if(NOT CONFIG_PICOLIBC_USE_MODULE)
    return()
  endif()
  set(libc argz ctype iconv locale misc posix search signal ssp time xdr)
  set(libm common complex fenv ld)
  list(JOIN libc "|" libc)
  list(JOIN libm "|" libm)
  get_property(sources TARGET c PROPERTY SOURCES)
  list(FILTER sources EXCLUDE REGEX "(^|/)(libc/(${libc})|libm/(${libm}))/")
  set_property(TARGET c PROPERTY SOURCES ${sources})
endfunction()
