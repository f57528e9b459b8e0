# SPDX-License-Identifier: Apache-2.0
"""`soundpost compare`, as a user runs it."""

import copy
import io
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from soundpost.cli import app
from soundpost.datasets import Dataset
from soundpost.errors import UserError
from soundpost.evaluation import Verdict
from soundpost.evaluation.candidate import Candidate
from soundpost.evaluation.comparison import compare as compare_outcomes
from soundpost.evaluation.comparison import render_table
from soundpost.evaluation.document import describe
from soundpost.evaluation.outcome import read_outcomes
from soundpost.evaluation.plan import make_plan, seeds_of
from soundpost.zoo.thesis import PUBLISHED

CheckSchema = Callable[[str, dict[str, Any]], None]


@pytest.fixture(scope="module")
def documents(urban: Dataset) -> list[dict[str, Any]]:
    """Two evaluations on the same clips by two seeds each: chance, and chance that is right half
    of the time.
    """
    candidate = Candidate.find("stride_ds_24")
    parts = make_plan([candidate, replace(candidate, seed=2)], urban)
    random, found = np.random.default_rng(2), []
    clips = [clip for part in parts for clip in part.clips]
    scores = random.dirichlet(np.ones(10), len(clips))
    for overlap, right in ((50, 0.0), (0, 1.0)):
        better = scores + right * np.eye(10)[[clip.label for clip in clips]]
        verdict = Verdict.by_scores(clips, better / (1 + right), seeds_of(parts))
        found.append(describe(parts, urban, "sensor", {overlap: verdict}))
    return found


@pytest.fixture
def files(tmp_path: Path, documents: list[dict[str, Any]]) -> list[Path]:
    paths = [tmp_path / "one.json", tmp_path / "two.json"]
    for path, document in zip(paths, documents, strict=True):
        path.write_text(json.dumps(document))
    return paths


def compare(*arguments: object) -> str:
    command = ["compare", *map(str, arguments)]
    result = CliRunner().invoke(app, command, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_document_is_the_one_described(
    files: list[Path], documents: list[dict[str, Any]], check_schema: CheckSchema
) -> None:
    found = json.loads(compare(*files, "--json"))
    check_schema("compare", found)
    for network, document in zip(found["networks"], documents, strict=True):
        assert network["accuracy"] == document["test"]["accuracy"]
        assert network["interval_95"] == document["test"]["interval_95"]
        assert network["by_group"] == document["by_group"]
        assert network["by_salience"] == document["by_salience"]
    (pair,) = found["pairs"]
    one, two = (document["test"]["accuracy"] for document in documents)
    assert pair["difference"] == pytest.approx(two - one)
    assert two > one
    assert [row["seed"] for row in pair["by_seed"]] == [1, 2]
    for row in pair["by_seed"]:
        ends = [part["by_seed"]["seeds"][row["seed"] - 1]["accuracy"] for part in documents]
        assert row["difference"] == pytest.approx(ends[1] - ends[0])
    assert np.mean([row["difference"] for row in pair["by_seed"]]) == pytest.approx(two - one)


def test_one_seed_is_compared_with_the_mean_of_two(files: list[Path]) -> None:
    document = json.loads(files[0].read_text())
    document["clips"] = [row | {"seed": None} for row in document["clips"] if row["seed"] == 1]
    files[0].write_text(json.dumps(document))
    found = json.loads(compare(*files, "--json"))
    (pair,), (one, two) = found["pairs"], found["networks"]
    assert (one["by_seed"], pair["by_seed"]) == (None, [])
    assert pair["difference"] == pytest.approx(two["accuracy"] - one["accuracy"], abs=1e-4)


def test_the_thesis_is_there_beside_its_own_dataset_only(files: list[Path], tmp_path: Path) -> None:
    references = json.loads(compare(*files, "--json"))["references"]
    assert [row["label"] for row in references] == [row.title for row in PUBLISHED.values()]
    baseline = references[0]
    # 31 columns of 512 samples at 22,050 Hz, without overlap
    assert baseline["macs_per_second"] == pytest.approx(10185806 / (31 * 512 / 22050), rel=1e-3)
    for path in files:
        document = json.loads(path.read_text())
        document["dataset"] |= {"layout": "esc10", "title": "ESC-10"}
        path.write_text(json.dumps(document))
    assert json.loads(compare(*files, "--json"))["references"] == []


def test_each_network_gets_a_label_of_its_own(files: list[Path], tmp_path: Path) -> None:
    assert [o.label for o in read_outcomes(files[:1])] == ["stride_ds_24"]
    assert [o.label for o in read_outcomes(files)] == [
        "stride_ds_24, sensor, 50 %",
        "stride_ds_24, sensor, 0 %",
    ]
    twin = tmp_path / "twin.json"
    twin.write_text(files[0].read_text())
    assert [o.label for o in read_outcomes([files[0], twin])] == ["one", "twin"]
    with pytest.raises(UserError, match="given twice"):
        read_outcomes([files[0], files[0]])


def test_page_and_picture(files: list[Path], tmp_path: Path) -> None:
    page, picture = tmp_path / "a.html", tmp_path / "a.png"
    text = compare(*files, "--html", page, "--plot", picture)
    assert "stride_ds_24, sensor, 0 %" in text
    assert picture.read_bytes().startswith(b"\x89PNG")
    html = page.read_text(encoding="utf-8")
    assert html.count("<svg") == 1
    for name in ("Stride-DS-24", "Baseline", "stride_ds_24, sensor, 0 %"):
        # in the picture, and in a table
        assert html.count(name) >= 2
    before = page.read_bytes()
    compare(*files, "--html", page)
    assert page.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--plot", "a.doc"], "a.doc is no picture's name"),
        (["--html", "one.json"], "is the input one.json too"),
        (["nothing.json"], "nothing.json cannot be read (No such file or directory)"),
    ],
)
def test_a_mistake_is_named(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(files[0].parent)
    with pytest.raises(UserError, match=re.escape(says)):
        compare("one.json", *arguments)


def test_different_datasets_are_refused(files: list[Path]) -> None:
    document = json.loads(files[1].read_text())
    document["dataset"]["layout"] = "folder"
    files[1].write_text(json.dumps(document))
    with pytest.raises(UserError, match="another dataset"):
        compare(*files)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a document."""
    if at:
        yield at
    inner = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value)
    for key, item in inner:
        yield from places(item, (*at, key))


STRANGE = [None, True, -1, 2**70, 0.5, "", "\x1b[31m", "no such name", "[/b]", [], {}, [[]], 1e999]


@settings(max_examples=300)
@given(st.data())
def test_a_file_that_was_tampered_with_is_read_or_refused(
    documents: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    document = copy.deepcopy(documents[0])
    clips = document["clips"]
    # with two seeds, and with one
    seeded = data.draw(st.booleans())
    chosen = (0, len(clips) // 2) if seeded else (0, 1)
    document["clips"] = [clips[n] | ({} if seeded else {"seed": None}) for n in chosen]
    known = ("format", "name", "scorer", "overlap_pct", "dataset", "classes", "clips", "costs")
    all_places = [place for place in places(document) if place[0] in known]
    *way, last = data.draw(st.sampled_from(all_places))
    at: Any = document
    for key in way:
        at = at[key]
    if data.draw(st.booleans()):
        del at[last]
    else:
        at[last] = data.draw(st.sampled_from(STRANGE))
    path = tmp_path_factory.mktemp("tampered") / "a.json"
    path.write_text(json.dumps(document))
    with suppress(UserError):
        found = render_table(compare_outcomes(read_outcomes([path])))
        Console(file=io.StringIO()).print(found)


def test_a_file_that_is_no_evaluation_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    for content in (b"", b"{}", b"3", b"\xff\xfe", b"[" * 100_000, b'{"format": "other"}'):
        path.write_bytes(content)
        with pytest.raises(UserError, match=r"a\.json .*soundpost evaluate --json"):
            read_outcomes([path])
