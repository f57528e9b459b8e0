# SPDX-License-Identifier: Apache-2.0
"""pytest_test: a file of Python tests, run on what it declares."""

def pytest_test(name, srcs = None, data = [], deps = [], place = {}, **kwargs):
    """Run pytest on srcs in a copy of the declared files.

    Args:
      name: of the target.
      srcs: test files; by default NAME.py.
      data: files that the tests read, and conftest.py files.
      deps: py_library targets.
      place: files by label, and where in the copy they shall be found.
      **kwargs: of py_test.
    """
    srcs = srcs or [name + ".py"]
    native.py_test(
        name = name,
        srcs = srcs + ["//tools/bazel:run_pytest.py"],
        args = ["--place=$(rootpath %s)=%s" % (label, path) for label, path in place.items()] +
               ["$(rootpath %s)" % source for source in srcs],
        data = data + place.keys() + [
            "//:conftest.py",
            "//:pyproject.toml",
        ],
        main = "//tools/bazel:run_pytest.py",
        python_version = "PY3",
        target_compatible_with = ["@platforms//os:linux"],
        deps = deps + ["@venv//:packages"],
        **kwargs
    )
