# SPDX-License-Identifier: Apache-2.0
"""Steps that run tests on this machine, from unit to codec."""

import re
from collections import Counter

from soundpost_ci.step import Context, Counts, FaultError, Step, UnavailableError
from soundpost_ci.steps.firmware import WATCHES, environment

QUICK_TESTS = ("core", "tests/ci", "tests/models")
"""Tests of a part alone, which take seconds."""

LAYERING = "tests/bazel/test_layering.py"
"""Tests that call Bazel, and so belong to its step."""

SIMULATED = ("tests/scenarios", "tests/firmware", "tests/lorawan/test_stack.py")
"""Tests that build firmware for simulators, which takes a Zephyr workspace and minutes; what takes
longest goes first."""

TRAINING_PYTHON = ".venv-train/bin/python"
TRAINING = (
    "tests/training",
    "tests/zoo",
    "tests/cli/test_demo_bench.py",
    "tests/evaluation/test_command.py",
    "tests/evaluation/test_scorers.py",
    "tests/docs/test_own_dataset.py",
)
"""Tests some of which need TensorFlow or Ray, and which `unit` skips without them."""

FUZZER = "tests/compiler/fuzz.py"

CROSS_PLATFORMS = ("//platforms:cortex_m4f", "//platforms:cortex_m3")

_SUMMARY = re.compile(r"(\d+) (passed|failed|error|skipped)")
_SKIPPED = re.compile(r"^SKIPPED \[(\d+)\] .*?:(?:\d+:)? (.*)$", re.M)
# "100% tests passed out of 6", "83% tests passed, 1 tests failed out of 6"
_CTEST = re.compile(r"tests passed(?:, (\d+) tests failed)? out of (\d+)")
# "Executed 2 out of 5 tests: 3 tests pass, 1 fails locally and 1 was skipped."
_BAZEL = re.compile(r"^Executed \d+ out of \d+ tests?: (.*)", re.M)
_BAZEL_OUTCOME = re.compile(r"(\d+) (?:tests? )?(pass|fail|was skipped|were skipped)")


def count_pytest(output: str) -> Counts:
    """Tests by outcome, from the last line of pytest."""
    last = output.rstrip().rpartition("\n")[2]
    found: Counter[str] = Counter()
    for number, outcome in _SUMMARY.findall(last):
        found[outcome] += int(number)
    return Counts(found["passed"], found["failed"] + found["error"], found["skipped"])


def skip_reasons(output: str) -> Counter[str]:
    """How many tests were skipped for which reason, from what pytest -ra says."""
    reasons: Counter[str] = Counter()
    for number, reason in _SKIPPED.findall(output):
        reasons[reason] += int(number)
    return reasons


def _pytest(
    context: Context, *tests: str, pytest: tuple[str, ...] = ("pytest",), dist: str = "loadgroup"
) -> None:
    try:
        output = context.call(*pytest, "-q", "-n", "auto", "--dist", dist, *tests)
    except FaultError as fault:
        context.counts = count_pytest(str(fault).rpartition("\nexit code")[0])
        raise
    context.counts = count_pytest(output)
    reasons = "; ".join(f"{n} × {reason}" for reason, n in skip_reasons(output).most_common())
    counts = context.counts
    context.note = f"{counts.passed} passed, {counts.skipped} skipped"
    if reasons:
        context.note += f": {reasons}"


def _unit(context: Context) -> None:
    others = (f"--ignore={path}" for path in (LAYERING, *SIMULATED))
    _pytest(context, *(QUICK_TESTS if context.quick else others))


def _training(context: Context) -> None:
    python = context.root / TRAINING_PYTHON
    if not python.exists():
        raise UnavailableError("no TensorFlow and Ray: make setup-full")
    _pytest(context, *TRAINING, pytest=(str(python), "-m", "pytest"))


def _simulators(context: Context) -> None:
    environment(context.root)
    # a file has its firmware and its recordings in common
    _pytest(context, *SIMULATED, dist="loadfile")


def _sanitize(context: Context) -> None:
    options = ("-DSOUNDPOST_TESTS=ON", "-DSOUNDPOST_SANITIZE=address,undefined")
    context.call("cmake", "-S", ".", "-B", "build/c-test", "-G", "Ninja", *options)
    context.call("cmake", "--build", "build/c-test")
    try:
        output = context.call("ctest", "--test-dir", "build/c-test", "--output-on-failure")
    except FaultError as fault:
        context.counts = count_ctest(str(fault))
        raise
    context.counts = count_ctest(output)
    context.note = f"{context.counts.passed} programs passed"


def count_ctest(output: str) -> Counts:
    """Test programs by outcome, from what ctest says at its end."""
    found = _CTEST.search(output)
    if found is None:
        return Counts(failed=1)
    failed = int(found.group(1) or 0)
    return Counts(int(found.group(2)) - failed, failed)


def count_bazel(output: str) -> Counts:
    """Test targets by outcome, from what Bazel says at its end, or one that failed."""
    said = _BAZEL.search(output)
    found: Counter[str] = Counter()
    for number, outcome in _BAZEL_OUTCOME.findall(said.group(1) if said else "1 fail"):
        found[outcome.split()[-1]] += int(number)
    return Counts(found["pass"], found["fail"], found["skipped"])


def _fuzz(context: Context) -> None:
    output = context.call("python", FUZZER)
    context.note = output.rstrip().rpartition("\n")[2]


def _bazel(context: Context) -> None:
    context.need("bazel", "make setup-full")
    try:
        targets = count_bazel(context.call("bazel", "test", "//..."))
    except FaultError as fault:
        context.counts = count_bazel(str(fault))
        raise
    for platform in CROSS_PLATFORMS:
        context.call("bazel", "build", f"--platforms={platform}", "//core/...", "//ports/...")
    forbidden = count_pytest(context.call("pytest", "-q", LAYERING))
    context.counts = Counts(targets.passed + forbidden.passed, 0, targets.skipped)
    context.note = (
        f"{targets.passed} test targets, {len(CROSS_PLATFORMS)} cross builds, "
        f"{forbidden.passed} tests of the layering"
    )


def _codec(context: Context) -> None:
    tests = context.root.glob("codec/**/*.test.js")
    names = sorted(str(path.relative_to(context.root)) for path in tests)
    if not names:
        raise UnavailableError("there is no codec/")
    context.need("node", "apt-get install nodejs")
    context.call("node", "--test", *names)
    context.note = f"{len(names)} files"


_PYTHON = ("*.py", "pyproject.toml", "constraints.txt", "tests/*")
_C = ("core/*", "ports/*", "models/*", "CMakeLists.txt", "cmake/*")

STEPS = (
    Step(
        "unit", "pytest", ("*.py", "*.toml", "setup.py", "constraints.txt", *_C, "tests/*"), _unit
    ),
    Step(
        "training",
        "pytest of what needs TensorFlow and Ray",
        (
            "python/soundpost/*",
            "tests/training/*",
            "tests/zoo/*",
            "tests/cli/*",
            "tests/evaluation/*",
            "tests/docs/*",
            "docs/*",
            "*.toml",
            "models/*",
            "constraints.txt",
            "Makefile",
        ),
        _training,
    ),
    Step(
        "simulators",
        "pytest of the firmware on simulators",
        (
            *(*WATCHES, "python/*", "ports/*"),
            *("tests/firmware/*", "tests/lorawan/*", "tests/scenarios/*"),
        ),
        _simulators,
    ),
    Step("sanitize", "C tests with address and undefined-behaviour sanitizers", _C, _sanitize),
    Step(
        "fuzz",
        "200,000 hostile .tflite files through the compiler",
        ("python/soundpost/compiler/*", "core/nn/*", "tests/compiler/*", "constraints.txt"),
        _fuzz,
    ),
    Step("bazel", "bazel test //..., for Cortex-M too, and its layering", ("*",), _bazel),
    Step("codec", "JavaScript payload codec", ("codec/*", "core/uplink/*"), _codec),
)
