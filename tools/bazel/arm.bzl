# SPDX-License-Identifier: Apache-2.0
"""arm_binary: a bare-metal program, built for its core whatever the platform of the build is."""

def _platform_impl(_settings, attr):
    return {"//command_line_option:platforms": [str(attr.platform)]}

_platform = transition(
    implementation = _platform_impl,
    inputs = [],
    outputs = ["//command_line_option:platforms"],
)

def _arm_binary_impl(ctx):
    program = ctx.attr.program[0][DefaultInfo].files.to_list()[0]
    out = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.symlink(output = out, target_file = program)
    return [DefaultInfo(
        files = depset([out]),
        runfiles = ctx.runfiles([out]),
    )]

arm_binary = rule(
    doc = "NAME, the program as it is built for the platform.",
    implementation = _arm_binary_impl,
    attrs = {
        "platform": attr.label(mandatory = True),
        "program": attr.label(
            cfg = _platform,
            mandatory = True,
        ),
        "_allowlist_function_transition": attr.label(
            default = "@bazel_tools//tools/allowlists/function_transition_allowlist",
        ),
    },
)
