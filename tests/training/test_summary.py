# SPDX-License-Identifier: Apache-2.0
"""What runs of one recipe say together, and the card of a network that no test is left for."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundpost.models import Recipe
from soundpost.training.card import render_card
from soundpost.training.summary import cross_validation, pooled_classes

CONFUSION = st.lists(st.lists(st.integers(0, 40), min_size=2, max_size=2), min_size=2, max_size=2)


def run(train: list[int], test: list[int], seed: int, confusion: Any) -> dict[str, Any]:
    right, clips = int(np.trace(confusion)), int(np.sum(confusion))
    return {
        "train_folds": train,
        "test_folds": test,
        "seed": seed,
        "float_accuracy": right / clips,
        "test": {"clips": clips, "accuracy": right / clips, "confusion": confusion},
    }


def untested(seed: int = 1) -> dict[str, Any]:
    return {"train_folds": [1, 2], "test_folds": [], "seed": seed}


@given(st.lists(st.tuples(CONFUSION, CONFUSION), min_size=1, max_size=3))
def test_the_accuracy_is_that_of_all_clips(found: list[tuple[Any, Any]]) -> None:
    # each fold holds a clip
    matrices = [[[[a + 1, b], [c, d]] for (a, b), (c, d) in pair] for pair in found]
    runs = [untested()]
    for seed, (one, two) in enumerate(matrices, start=1):
        runs += [run([2], [1], seed, one), run([1], [2], seed, two)]
    summary = cross_validation(runs)
    assert summary is not None
    wanted = [sum(map(np.trace, pair)) / np.sum(pair) for pair in matrices]
    assert [seed["accuracy"] for seed in summary["seeds"]] == pytest.approx(wanted, abs=5.1e-5)
    assert summary["mean"] == pytest.approx(np.mean(wanted), abs=2e-4)
    if len(wanted) > 1:
        assert summary["deviation"] == pytest.approx(np.std(wanted, ddof=1), abs=2e-4)
    else:
        assert summary["deviation"] is None
    pooled = pooled_classes(runs, ("a", "b"))
    assert pooled["confusion"] == np.sum(matrices, axis=(0, 1)).tolist()
    assert pooled["classes"]["a"]["clips"] == sum(pooled["confusion"][0])


@pytest.mark.parametrize(
    "runs",
    [
        [],
        [untested()],
        [run([2], [1], 1, [[1, 0], [0, 1]])],
        # a seed that lacks a split
        [
            run([2], [1], 1, [[1, 0], [0, 1]]),
            run([1], [2], 1, [[1, 0], [0, 1]]),
            run([2], [1], 2, [[1, 0], [0, 1]]),
        ],
        # a fold tested twice
        [run([2], [1], 1, [[1, 0], [0, 1]]), run([3], [1], 1, [[1, 0], [0, 1]])],
    ],
    ids=["none", "untested", "one split", "incomplete", "twice"],
)
def test_what_is_no_cross_validation_is_not_called_so(runs: list[Any]) -> None:
    assert cross_validation(runs) is None


def test_the_card_of_an_untested_network_quotes_its_recipe_s_tests(folder: Path) -> None:
    recipe = Recipe.from_file(folder / "recipe.yaml")
    results = json.loads((folder / "results.json").read_text())
    shipped = {k: v for k, v in results["runs"][0].items() if k not in ("test", "float_accuracy")}
    shipped |= {"train_folds": [1, 2, 3], "test_folds": []}
    tests = results["runs"]
    card = render_card(recipe, results | {"runs": [shipped, *tests]})
    assert "no clip left to test this very network on" in card
    assert "Trained on folds 1 + 2 + 3 (" in card
    assert "The first row is the network" not in card
    assert f"**mean {100 * results['cross_validation']['mean']:.1f} %**" in card
    row = f"| 2 + 3 | 1 | 1 | {100 * tests[0]['test']['accuracy']:.1f} % |"
    assert row in card
    # every clip of folds 1 and 2, once a seed
    clips = sum(run["test"]["clips"] for run in tests)
    counts = [line.split("|")[2] for line in card.splitlines() if line.startswith("| siren |")]
    wanted = sum(run["test"]["classes"]["siren"]["clips"] for run in tests)
    assert int(counts[0]) == wanted < clips


def test_the_card_tells_which_folds_were_seen_before(make_recipe: Any, folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text())
    path = make_recipe()
    text = (folder / "recipe.yaml").read_text()
    path.write_text(text.replace("validation:", "seen: [1, 4]\n  validation:"))
    before, after = (Recipe.from_file(file) for file in (folder / "recipe.yaml", path))
    # of fold 4 there is no row
    assert "None of fold 1 is quite blind" in render_card(after, results)
    assert "None of fold" not in render_card(before, results)
    # it decides nothing about the network
    assert after.digest == before.digest


def test_the_card_tells_what_the_network_sees(make_recipe: Any, folder: Path) -> None:
    results = json.loads((folder / "results.json").read_text())
    path, text = make_recipe(), (folder / "recipe.yaml").read_text()
    assert "oldest first, less their mean, in 0.5 dB" in (folder / "card.md").read_text()
    path.write_text(text.replace("window:", "normalisation: none\nwindow:"))
    assert "oldest first, as they are, in 0.5 dB" in render_card(Recipe.from_file(path), results)


@pytest.mark.parametrize(
    ("dataset", "says", "never"),
    [
        ("urbansound8k", "non-commercial use only", "CC BY 3.0"),
        ("esc10", "Licensed CC BY 3.0, which", "non-commercial"),
        ("folder", "Recordings of one's own.", "icensed"),
    ],
)
def test_the_card_tells_the_dataset_s_terms(
    make_recipe: Any, folder: Path, dataset: str, says: str, never: str
) -> None:
    results = json.loads((folder / "results.json").read_text())
    text = (folder / "recipe.yaml").read_text().replace("urbansound8k", dataset)
    path = make_recipe()
    path.write_text(text)
    card = render_card(Recipe.from_file(path), results)
    assert says in card
    assert never not in card
