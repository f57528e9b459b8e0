# SPDX-License-Identifier: Apache-2.0
"""The repository @venv: the Python of `make setup`, with its headers and a list of what it holds.

The packages themselves are too many to be inputs; the list of their versions is one, so that a
test runs again when a version changes (after `bazel sync --configure`, or when pyproject.toml or
constraints.txt change).
"""

_PROBE = """
import importlib.metadata, sysconfig
print(sysconfig.get_path("include"))
print(*sorted({
    f"{d.metadata['Name'].lower()}=={d.version}" for d in importlib.metadata.distributions()
    if d.metadata["Name"] != "soundpost"
}), sep="\\n")
"""

_BUILD = """
package(default_visibility = ["//visibility:public"])

load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")

cc_library(
    name = "headers",
    hdrs = glob(["include/**/*.h"]),
    includes = ["include"],
)

py_library(
    name = "packages",
    data = ["packages.txt"],
)

py_runtime(
    name = "python",
    interpreter_path = "{python}",
    stub_shebang = "#!{python}",
    python_version = "PY3",
)

py_runtime_pair(
    name = "runtimes",
    py3_runtime = ":python",
)
"""

def _venv_impl(ctx):
    root = ctx.path(Label("//:WORKSPACE")).dirname
    for name in ["pyproject.toml", "constraints.txt"]:
        ctx.path(Label("//:" + name))
    python = ctx.os.environ.get("SOUNDPOST_PYTHON") or str(root) + "/.venv/bin/python"
    probe = ctx.execute([python, "-c", _PROBE])
    if probe.return_code != 0:
        fail("%s does not run: make setup, or name another in SOUNDPOST_PYTHON" % python)
    include, _, packages = probe.stdout.partition("\n")
    ctx.symlink(include, "include")
    ctx.file("packages.txt", packages)
    ctx.file("BUILD.bazel", _BUILD.format(python = python))

venv = repository_rule(
    implementation = _venv_impl,
    configure = True,
    environ = ["SOUNDPOST_PYTHON"],
    local = True,
)
