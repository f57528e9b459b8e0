# SPDX-License-Identifier: Apache-2.0
"""`soundpost listen`, as a user runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from soundpost.audio import write_wav

SOUNDPOST = [sys.executable, "-m", "soundpost.cli"]
USER_ERROR = 2
SECONDS = 3
RNG = np.random.default_rng(7)
NOISE = RNG.normal(0, 0.05, SECONDS * 16000)


def listen(
    *arguments: str | Path, stdin: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    command = [*SOUNDPOST, "listen", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, check=False, timeout=120)


def records(done: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def as_wav(
    path: Path, signal: NDArray[np.float64], rate: int = 16000, subtype: str = "PCM_16"
) -> Path:
    soundfile.write(path, signal, rate, subtype=subtype)
    return path


def laeq(found: list[dict[str, Any]]) -> float:
    return float(next(record["laeq"] for record in found if record["type"] == "summary"))


def test_a_file_and_the_same_as_a_stream_give_the_same_lines(tmp_path: Path) -> None:
    path = as_wav(tmp_path / "noise.wav", NOISE)
    from_file = listen(path, "--jsonl", "-")
    assert {record["type"] for record in records(from_file)} >= {"start", "level", "summary"}
    assert listen("-", "--jsonl", "-", stdin=path.read_bytes()).stdout == from_file.stdout


@pytest.mark.parametrize(
    ("rate", "subtype", "channels"),
    [
        (16000, "PCM_U8", 1),
        (16000, "PCM_24", 1),
        (16000, "PCM_32", 1),
        (16000, "FLOAT", 1),
        (16000, "DOUBLE", 1),
        (48000, "PCM_16", 2),
        (192000, "PCM_24", 1),
        (44100, "PCM_16", 6),
        (8000, "PCM_16", 1),
    ],
)
def test_every_format_reads_the_same_level(
    tmp_path: Path, rate: int, subtype: str, channels: int
) -> None:
    seconds = np.arange(SECONDS * rate) / rate
    tone = 0.1 * np.sin(2 * np.pi * 1000 * seconds)
    path = as_wav(tmp_path / "tone.wav", np.stack([tone] * channels, axis=1), rate, subtype)
    # a sine 20 dB under full scale, which stands for 120 dB
    assert abs(laeq(records(listen(path, "--jsonl", "-"))) - 100) < 0.15


def test_direct_current_is_no_sound(tmp_path: Path) -> None:
    path = as_wav(tmp_path / "dc.wav", np.full(SECONDS * 16000, 0.5) + 1e-3 * NOISE)
    plain = as_wav(tmp_path / "plain.wav", 1e-3 * NOISE)
    # the step of switching on lasts; the last half second is what the offset itself gives
    offset, without = (
        [r["laf"] for r in records(listen(p, "--jsonl", "-")) if r["type"] == "level"][-4:]
        for p in (path, plain)
    )
    assert np.abs(np.subtract(offset, without)).max() < 1


def test_clipping_is_flagged_and_warned_of(tmp_path: Path) -> None:
    path = as_wav(tmp_path / "loud.wav", 40 * NOISE, subtype="FLOAT")
    done = listen(path, "--jsonl", "-")
    assert next(r for r in records(done) if r["type"] == "summary")["overload"] is True
    assert b"warning" in done.stderr
    assert b"clipped" in done.stderr


def bad_files(folder: Path) -> dict[str, Path]:
    whole = as_wav(folder / "whole.wav", NOISE).read_bytes()
    contents = {
        "empty": b"",
        "text": b"not a sound\n" * 100,
        "random": RNG.bytes(5000),
        "header alone": whole[:44],
        "half a header": whole[:30],
    }
    files = {name: folder / f"{name}.wav" for name in contents}
    for name, path in files.items():
        path.write_bytes(contents[name])
    nan = NOISE.copy()
    nan[20000] = np.nan
    files["nan"] = as_wav(folder / "nan.wav", nan, subtype="FLOAT")
    infinite = NOISE.copy()
    infinite[100] = np.inf
    files["infinite"] = as_wav(folder / "infinite.wav", infinite, subtype="FLOAT")
    files["missing"] = folder / "missing.wav"
    files["folder"] = folder
    return files


@pytest.mark.parametrize(
    "name",
    [
        "empty",
        "text",
        "random",
        "header alone",
        "half a header",
        "nan",
        "infinite",
        "missing",
        "folder",
    ],
)
def test_what_is_no_recording_is_one_line_that_names_it(tmp_path: Path, name: str) -> None:
    path = bad_files(tmp_path)[name]
    out = tmp_path / "out.jsonl"
    done = listen(path, "--jsonl", out)
    assert done.returncode == USER_ERROR
    assert str(path).encode() in done.stderr
    assert b"Traceback" not in done.stderr
    assert done.stderr.strip().count(b"\n") == 0
    # nothing is left half-written
    assert not out.exists()


def test_a_truncated_file_is_heard_with_a_warning(tmp_path: Path) -> None:
    whole = as_wav(tmp_path / "whole.wav", NOISE).read_bytes()
    (tmp_path / "cut.wav").write_bytes(whole[: len(whole) // 2])
    done = listen(tmp_path / "cut.wav", "--jsonl", "-")
    assert any(record["type"] == "summary" for record in records(done))
    assert b"truncated" in done.stderr


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--set", "interval_s=1"], "interval_s"),
        (["--set", "nothing=1"], "nothing"),
        (["--set", "interval_s"], "interval_s"),
        (["--region", "MARS"], "MARS"),
        (["--dr", "42"], "42"),
        (["--model", "nowhere"], "nowhere"),
        (["--channel", "9"], "channel"),
        (["--labels", "nowhere.txt"], "nowhere.txt"),
    ],
)
def test_an_option_that_does_not_fit_is_named(
    tmp_path: Path, options: list[str], named: str
) -> None:
    path = as_wav(tmp_path / "noise.wav", NOISE)
    done = listen(path, *options)
    assert done.returncode == USER_ERROR
    assert named.encode() in done.stderr
    assert done.stderr.strip().count(b"\n") == 0


def test_one_source_must_be_given() -> None:
    assert listen().returncode == USER_ERROR
    assert listen("a.wav", "--mic").returncode == USER_ERROR


def test_report_and_labels(tmp_path: Path) -> None:
    path = as_wav(tmp_path / "noise.wav", NOISE)
    (tmp_path / "labels.txt").write_text("0.5\t1.5\tsiren & <horn>\n", encoding="utf-8")
    report = tmp_path / "report.html"
    done = listen(path, "--report", report, "--labels", tmp_path / "labels.txt")
    assert done.returncode == 0, done.stderr
    page = report.read_text(encoding="utf-8")
    assert "siren &amp; &lt;horn&gt;" in page
    assert "noise.wav" in page


def test_a_stream_without_end_needs_no_more_memory_the_longer_it_runs(tmp_path: Path) -> None:
    write_wav(tmp_path / "minute.wav", np.resize((NOISE * 32768).astype(np.int16), 60 * 16000))

    def peak_kib(minutes: int) -> int:
        source = (
            "import resource, subprocess, sys\n"
            "child = subprocess.Popen(sys.argv[2:], stdin=subprocess.PIPE,"
            " stdout=subprocess.DEVNULL)\n"
            f"minute = open(sys.argv[1], 'rb').read()[44:]\n"
            f"[child.stdin.write(minute) for _ in range({minutes})]\n"
            "child.stdin.close()\n"
            "assert child.wait() == 0\n"
            "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
        )
        command = [*SOUNDPOST, "listen", "-", "--raw", "s16le:16000"]
        done = subprocess.run(
            [sys.executable, "-c", source, str(tmp_path / "minute.wav"), *command],
            capture_output=True,
            check=True,
            timeout=300,
        )
        return int(done.stdout)

    assert peak_kib(20) < peak_kib(2) + 8 * 1024


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("source", ["standard input", "pipe"])
def test_a_stream_can_be_followed_and_ended(tmp_path: Path, source: str, kind: int) -> None:
    out, report, pipe = (tmp_path / name for name in ("out.jsonl", "out.html", "pipe"))
    os.mkfifo(pipe)
    out.write_text('{"type":"before"}\n')
    given = "-" if source == "standard input" else str(pipe)
    options = ["--raw", "s16le:16000", "--jsonl", out, "--report", report]
    command = [*SOUNDPOST, "listen", given, *map(str, options)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert child.stdin is not None
    stream = child.stdin if given == "-" else pipe.open("wb")
    with stream, child.stdin:
        stream.write((NOISE * 32768).astype("<i2").tobytes())
        stream.flush()
        give_up = time.monotonic() + 60
        while out.read_bytes().count(b'"level"') < 8 * SECONDS - 1:
            assert child.poll() is None
            assert time.monotonic() < give_up
            time.sleep(0.05)
        child.send_signal(kind)
        assert child.wait(60) == 0
    found = [json.loads(line) for line in out.read_text().splitlines()]
    # what the file held before stays: a sensor that starts again goes on with its log
    assert [record["type"] for record in found[:2]] == ["before", "start"]
    assert any(record["type"] == "summary" for record in found)
    assert "LAFmax" in report.read_text(encoding="utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.html", "out.jsonl", "pipe"]


def test_lines_may_go_into_a_pipe(tmp_path: Path) -> None:
    path, pipe = as_wav(tmp_path / "noise.wav", NOISE), tmp_path / "pipe"
    os.mkfifo(pipe)
    command = [*SOUNDPOST, "listen", str(path), "--jsonl", str(pipe)]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    lines = pipe.read_bytes()
    assert child.wait(60) == 0
    assert lines == listen(path, "--jsonl", "-").stdout
    assert pipe.is_fifo()


def test_a_recording_is_no_place_for_lines(tmp_path: Path) -> None:
    path = as_wav(tmp_path / "own.wav", NOISE)
    before = path.read_bytes()
    assert listen(path, "--jsonl", path).returncode == USER_ERROR
    with path.open("rb") as stdin:
        command = [*SOUNDPOST, "listen", "-", "--report", str(path)]
        assert subprocess.run(command, stdin=stdin, check=False).returncode == USER_ERROR
    assert path.read_bytes() == before
    assert (
        listen(path, "--jsonl", tmp_path / "a", "--report", tmp_path / "a").returncode == USER_ERROR
    )


@pytest.mark.parametrize("option", ["--jsonl", "--report"])
def test_outputs_are_checked_before_listening(tmp_path: Path, option: str) -> None:
    for place in (tmp_path, ""):
        done = listen(tmp_path / "missing.wav", option, place)
        assert done.returncode == USER_ERROR
        assert f"{option}: ".encode() in done.stderr
        assert done.stderr.strip().count(b"\n") == 0


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--mic", "--channel", "1"], b"--channel"),
        (["--mic", "--raw", "s16le:16000"], b"--raw"),
        (["a.wav", "--device", "USB"], b"--mic"),
    ],
)
def test_a_microphone_takes_its_own_options(options: list[str], named: bytes) -> None:
    done = listen(*options)
    assert done.returncode == USER_ERROR
    assert named in done.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "Not calibrated. Full scale = 120.0 dB, by default"),
        (["--set", "full_scale_cdb=11340"], "Not calibrated. Full scale = 113.4 dB, set by the u"),
        (["--calibrated", "--set", "full_scale_cdb=11340"], "Calibrated. Full scale = 113.4 dB"),
    ],
)
def test_report_claims_what_is_so(tmp_path: Path, options: list[str], said: str) -> None:
    done = listen(as_wav(tmp_path / "a.wav", NOISE), "--report", tmp_path / "a.html", *options)
    assert done.returncode == 0
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert said in re.sub(r"<[^>]*>", "", page)
