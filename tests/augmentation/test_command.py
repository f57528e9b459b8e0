# SPDX-License-Identifier: Apache-2.0
"""`soundpost augment` as it is typed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import yaml
from matplotlib import image
from typer.testing import CliRunner

from soundpost.audio import write_wav
from soundpost.augmentation.examples import SHOWN, Example, examples
from soundpost.cli import app
from soundpost.errors import UserError
from soundpost.frontend import FrontendConfig

RECIPE = Path(__file__).resolve().parents[2] / "models/stride_ds_24/recipe.yaml"


def run(*arguments: str | Path) -> str:
    done = CliRunner().invoke(app, ["augment", *map(str, arguments)], catch_exceptions=False)
    assert done.exit_code == 0, done.stderr
    return done.stderr


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    """Six seconds, of which the first five are shown."""
    random = np.random.default_rng(0)
    path = tmp_path / "clip.wav"
    write_wav(path, (3000 * random.standard_normal(96000)).astype(np.int16))
    return path


def shown(count: int = 16000, config: Any = SHOWN) -> list[Example]:
    random = np.random.default_rng(0)
    sound, other = (0.1 * random.standard_normal(n).astype(np.float32) for n in (count, 8000))
    return list(examples(sound, other, FrontendConfig(hop=320, bands=64), config, 1))


def test_each_augmentation_is_shown_once() -> None:
    made = shown()
    titles = [example.title for example in made]
    assert len(set(titles)) == len(titles) == 21
    plain = made[0].columns
    for example in made[1:]:
        assert example.columns.shape != plain.shape or (example.columns != plain).any()
    assert [a.columns.tobytes() for a in shown()] == [a.columns.tobytes() for a in made]


@pytest.mark.parametrize("count", [1, 500, 20000])
def test_a_clip_of_any_length_can_be_shown(count: int) -> None:
    assert all(len(example.columns) >= 1 for example in shown(count))


def test_a_picture_and_sounds(tmp_path: Path, clip: Path) -> None:
    plot, sounds = tmp_path / "out" / "a.png", tmp_path / "sounds"
    told = run(clip, "--plot", plot, "--sounds", sounds)
    picture = image.imread(plot)
    # before and after of two in a row, nine rows
    assert picture.shape[0] > 1000
    assert picture[..., :3].std() > 0.1
    waves = sorted(sounds.iterdir())
    assert len(waves) == 12
    assert f"wrote {waves[-1]}".replace("\n", "") in told.replace("\n", "")
    samples, rate = soundfile.read(waves[0])
    assert (rate, len(samples)) == (16000, 80000)


def test_a_recipe_says_what_is_shown(tmp_path: Path, clip: Path) -> None:
    sounds = tmp_path / "sounds"
    run(clip, "--plot", tmp_path / "a.png", "--recipe", RECIPE, "--sounds", sounds)
    assert [path.name for path in sorted(sounds.iterdir())] == [
        "00_as_it_is.wav",
        "01_speed_1.12.wav",
        "02_gain_-30_db.wav",
        "03_gain_+6_db.wav",
    ]


def test_a_recipe_without_any_is_told(tmp_path: Path, clip: Path) -> None:
    values = yaml.safe_load(RECIPE.read_text())
    none = dict.fromkeys(("speed", "equalisation_db", "masked_columns", "masked_bands", "mixup"), 0)
    values["training"]["augmentation"] |= {"gain_db": [0, 0], **none}
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(values))
    with pytest.raises(UserError, match="leave --recipe out"):
        run(clip, "--plot", tmp_path / "a.png", "--recipe", tmp_path / "recipe.yaml")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--plot", "a.txt"], "no picture's name"),
        (["--other", "nothing.wav"], r"nothing\.wav"),
        (["--plot", "clip.png/a.png"], "--plot"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clip: Path, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("clip.png").write_text("no folder")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(UserError, match=says):
        run(clip, *arguments)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_clip_is_not_written_over(tmp_path: Path, clip: Path) -> None:
    (tmp_path / "a.png").symlink_to(clip)
    with pytest.raises(UserError, match="the input"):
        run(clip, "--plot", tmp_path / "a.png")
