# SPDX-License-Identifier: Apache-2.0
"""Debian's gcc-arm-none-eabi as a C toolchain; the flags are those of toolchain.cmake."""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load(
    "@bazel_tools//tools/cpp:cc_toolchain_config_lib.bzl",
    "feature",
    "flag_group",
    "flag_set",
    "tool_path",
)

_TOOLS = ["ar", "cpp", "gcc", "gcov", "ld", "nm", "objcopy", "objdump", "strip"]
_COMPILE = [ACTION_NAMES.assemble, ACTION_NAMES.preprocess_assemble, ACTION_NAMES.c_compile]
_LINK = [ACTION_NAMES.cpp_link_executable]

def _feature(name, actions, flags):
    return feature(
        name = name,
        enabled = True,
        flag_sets = [flag_set(actions = actions, flag_groups = [flag_group(flags = flags)])],
    )

def _config_impl(ctx):
    return cc_common.create_cc_toolchain_config_info(
        ctx = ctx,
        toolchain_identifier = ctx.label.name,
        host_system_name = "local",
        target_system_name = "arm-none-eabi",
        target_cpu = ctx.label.name,
        target_libc = "newlib",
        compiler = "gcc",
        abi_version = "eabi",
        abi_libc_version = "newlib",
        tool_paths = [
            tool_path(name = tool, path = "/usr/bin/arm-none-eabi-" + tool)
            for tool in _TOOLS
        ],
        cxx_builtin_include_directories = [
            "/usr/include/newlib",
            "/usr/lib/arm-none-eabi/include",
            "/usr/lib/gcc/arm-none-eabi",
        ],
        features = [
            _feature("cpu", _COMPILE + _LINK, ctx.attr.cpu_flags),
            _feature("bare_metal", _LINK, [
                "-nostartfiles",
                "--specs=rdimon.specs",
                "-Wl,--gc-sections",
            ]),
        ],
    )

_config = rule(
    implementation = _config_impl,
    attrs = {"cpu_flags": attr.string_list(mandatory = True)},
    provides = [CcToolchainConfigInfo],
)

def arm_toolchain(name, core, cpu_flags):
    """A C toolchain of one core.

    Args:
      name: of the toolchain.
      core: constraint value of //platforms that it compiles for.
      cpu_flags: for compiler and linker.
    """
    _config(
        name = name + "_config",
        cpu_flags = cpu_flags,
    )
    native.filegroup(name = name + "_files")
    native.cc_toolchain(
        name = name + "_cc",
        all_files = name + "_files",
        compiler_files = name + "_files",
        dwp_files = name + "_files",
        linker_files = name + "_files",
        objcopy_files = name + "_files",
        strip_files = name + "_files",
        supports_param_files = 0,
        toolchain_config = name + "_config",
    )
    native.toolchain(
        name = name,
        exec_compatible_with = ["@platforms//os:linux"],
        target_compatible_with = [core],
        toolchain = name + "_cc",
        toolchain_type = "@bazel_tools//tools/cpp:toolchain_type",
    )
