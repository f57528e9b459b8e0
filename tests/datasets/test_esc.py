# SPDX-License-Identifier: Apache-2.0
"""ESC-50's layout, and what official layouts have in common."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from soundpost.datasets import Direction, check_disjoint, open_dataset, split_by_fold
from soundpost.datasets.esc import ESC10_CLASSES, ESC50_CLASSES
from soundpost.datasets.splits import recordings_in_several_folds
from soundpost.errors import UserError

Record = Callable[..., Path]

HEADER = "filename,fold,target,category,esc10,src_file,take\n"
ROWS = (
    "1-100-A-0.wav,1,0,dog,True,100,A",
    "1-100-B-10.wav,1,10,rain,True,100,B",
    "2-101-A-0.wav,2,0,dog,True,101,A",
    "2-102-A-10.wav,2,10,rain,True,102,A",
    "2-103-A-2.wav,2,2,pig,False,103,A",
)
CLASSES = ("dog", "rain")


def table(folder: Path, *rows: str) -> None:
    (folder / "meta").mkdir(exist_ok=True)
    (folder / "meta" / "esc50.csv").write_text(HEADER + "".join(f"{row}\n" for row in rows))


@pytest.fixture
def small(tmp_path: Path, record: Record) -> Path:
    table(tmp_path, *ROWS)
    for row, ending in zip(ROWS, ("wav", "flac", "ogg", "mp3", "wav"), strict=True):
        record(f"audio/{row.split('.')[0]}.{ending}", 0.5)
    return tmp_path


def test_rows_become_clips(small: Path) -> None:
    dataset = open_dataset("esc10", small, CLASSES)
    assert [(c.name, c.label, c.group, c.fold, c.foreground) for c in dataset.clips] == [
        ("1-100-A-0", 0, "100", 1, None),
        ("1-100-B-10", 1, "100", 1, None),
        ("2-101-A-0", 0, "101", 2, None),
        ("2-102-A-10", 1, "102", 2, None),
    ]
    assert dataset.notes == ("4 of the 400 clips of ESC-10, without fold 3, 4, 5",)
    assert len(open_dataset("esc50", small, (*CLASSES, "pig")).clips) == 5


def test_classes_are_the_official_ones() -> None:
    assert len(set(ESC50_CLASSES)) == 50
    assert ESC50_CLASSES[37:43] == (
        "clock_alarm",
        "clock_tick",
        "glass_breaking",
        "helicopter",
        "chainsaw",
        "siren",
    )
    assert list(ESC10_CLASSES) == [
        *("dog", "rooster", "rain", "sea_waves", "crackling_fire"),
        *("crying_baby", "sneezing", "clock_tick", "helicopter", "chainsaw"),
    ]


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("1-1-A-0.wav,6,0,dog,True,1,A", "line 7: fold '6' is none of 1 to 5"),
        ("1-1-A-0.wav,-1,0,dog,True,1,A", "line 7: fold '-1' is none of 1 to 5"),
        ("1-1-A-0.wav,²,0,dog,True,1,A", "line 7: fold '²' is none of 1 to 5"),
        ("1-1-A-0.wav,1,0,cow,True,1,A", "line 7: class 'cow' is none of dog, rain"),
        ("1-1-A-0.wav,1,0,dog,yes,1,A", "line 7: esc10 'yes' is neither True nor False"),
        ("1-1-A-0.wav,1,0,dog,True,1,A", "audio/1-1-A-0.* is missing"),
        ("../../x.wav,1,0,dog,True,1,A", "line 7: '../../x.wav' is no file name"),
        ("..,1,0,dog,True,1,A", "line 7: '..' is no file name"),
        (",1,0,dog,True,1,A", "line 7: '' is no file name"),
        ("1-100-A-0.wav,1,0,dog,True,1,A", "line 7: '1-100-A-0.wav' is listed twice"),
        ("2-9-A-0.wav", "line 7: esc10 '' is neither"),
    ],
)
def test_faults_of_a_row(small: Path, row: str, says: str) -> None:
    table(small, *ROWS, row)
    with pytest.raises(UserError) as error:
        open_dataset("esc10", small, CLASSES)
    assert str(error.value).startswith("1 fault in")
    assert says in str(error.value)


def test_faults_of_the_table(tmp_path: Path) -> None:
    table(tmp_path)
    with pytest.raises(UserError, match=r"esc50\.csv lists no clips"):
        open_dataset("esc10", tmp_path)
    (tmp_path / "meta" / "esc50.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match=r"esc50\.csv cannot be read"):
        open_dataset("esc10", tmp_path)
    (tmp_path / "meta" / "esc50.csv").write_text("filename,fold\n1.wav,1\n")
    with pytest.raises(UserError, match="line 2: column 'esc10' is missing"):
        open_dataset("esc10", tmp_path)


def test_recordings_that_no_row_names(small: Path, record: Record) -> None:
    record("audio/new.wav")
    record("audio/more/1.wav")
    record("audio/2-102-A-10.wav")
    with pytest.raises(UserError) as error:
        open_dataset("esc10", small, CLASSES)
    for said in (
        "audio/new.wav is not in meta/esc50.csv",
        "audio/more/1.wav is not in meta/esc50.csv",
        "audio holds 2-102-A-10.mp3 and 2-102-A-10.wav",
    ):
        assert said in str(error.value)


def test_the_folder_is_named_that_is_meant(small: Path) -> None:
    (small / "up").mkdir()
    (small / "up" / "ESC-50").symlink_to(small)
    with pytest.raises(UserError, match=f"holds no meta/esc50.csv; give {small}/up/ESC-50"):
        open_dataset("esc10", small / "up")
    with pytest.raises(UserError, match="is in the layout esc10 or esc50, not urbansound8k"):
        open_dataset("urbansound8k", small)
    with pytest.raises(UserError, match="unknown dataset esc; there are urbansound8k, esc10"):
        open_dataset("esc", small)


def test_official_folds_that_share_a_recording_are_named(small: Path, record: Record) -> None:
    table(small, *ROWS, "3-101-B-10.wav,3,10,rain,True,101,B")
    record("audio/3-101-B-10.wav")
    clips = open_dataset("esc10", small, CLASSES).clips
    shared = recordings_in_several_folds(clips)
    assert {group: [clip.name for clip in found] for group, found in shared.items()} == {
        "101": ["2-101-A-0", "3-101-B-10"]
    }
    with pytest.raises(UserError, match=r"recording 101 has clips in training \(2-101-A-0\) and"):
        split_by_fold(clips, Direction(train=(1, 2), test=(3,)))


def test_real_folds_are_whole_and_share_no_recording(esc10: Path) -> None:
    dataset = open_dataset("esc10", esc10)
    assert dataset.notes == ()
    assert set(Counter((clip.fold, clip.label) for clip in dataset.clips).values()) == {8}
    assert not recordings_in_several_folds(dataset.clips)
    folds = {f"fold{n}": [c for c in dataset.clips if c.fold == n] for n in range(1, 6)}
    check_disjoint(**folds)
