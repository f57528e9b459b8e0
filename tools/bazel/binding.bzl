# SPDX-License-Identifier: Apache-2.0
"""The Python binding soundpost._core, whole or of some parts of core/."""

load(":flags.bzl", "COPTS")

def binding(name, parts, headers = [], deps = [], visibility = ["//visibility:public"]):
    """NAME/_core.abi3.so, the extension module that cffi makes of public headers.

    A test of one part takes a binding of that part, so that a change elsewhere leaves it alone.

    Args:
      name: of the target, and of the folder of its file.
      parts: names of parts of core/.
      headers: further headers.
      deps: further libraries.
      visibility: of the target.
    """
    host = ["@platforms//os:linux"]
    source = name + "/_core.c"
    module = name + "/_core.abi3.so"
    native.genrule(
        name = name + "_c",
        srcs = [
            "//core/include:soundpost/%s.h" % part
            for part in ["types"] + parts
        ] + headers + ["binding.py"],
        outs = [source],
        cmd = "$(location //tools/bazel:emit_binding) $@ $(SRCS)",
        target_compatible_with = host,
        tools = ["//tools/bazel:emit_binding"],
    )
    native.cc_binary(
        name = module,
        srcs = [source],
        # cffi's C includes the headers by name alone, and is not as strict as ours
        copts = COPTS + ["-Icore/include/soundpost", "-w"],
        linkopts = ["-lm"],
        linkshared = True,
        target_compatible_with = host,
        deps = ["//core/" + part for part in parts] + deps + [
            "//core/include:types",
            "@venv//:headers",
        ],
    )
    native.alias(
        name = name,
        actual = module,
        visibility = visibility,
    )
