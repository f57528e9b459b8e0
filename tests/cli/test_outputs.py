# SPDX-License-Identifier: Apache-2.0
"""What is written where: links, pipes, devices, folders, and files that are in use."""

import os
import threading
from pathlib import Path

import pytest

from soundpost.errors import UserError
from soundpost.files import check_outputs, whole_file, write_text


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    link = tmp_path / "link.txt"
    link.symlink_to("there/target.txt")
    write_text(link, "words")
    assert link.is_symlink()
    assert (tmp_path / "there" / "target.txt").read_text() == "words"


def test_a_pipe_is_written_into_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
    reader.start()
    write_text(pipe, "words")
    reader.join(10)
    assert found == ["words"]
    assert pipe.is_fifo()
    assert list(tmp_path.iterdir()) == [pipe]


def test_a_device_is_written_into_and_stays_a_device(tmp_path: Path) -> None:
    # a link of our own, so that no fault of ours can replace the device itself
    null = tmp_path / "null"
    null.symlink_to("/dev/null")
    write_text(null, "words")
    assert null.is_symlink()
    assert Path("/dev/null").is_char_device()


def test_what_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")

    def fail() -> None:
        with whole_file(path) as temporary:
            temporary.write_text("new")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["folder", "", "file/in/it.txt"])
def test_where_nothing_can_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match=name or "folder"):
        write_text(Path(name), "words")
    with pytest.raises(UserError, match=f"--report.*{name}"):
        check_outputs({"--report": Path(name)})
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_full_disk_is_a_users_mistake() -> None:
    with pytest.raises(UserError, match="/dev/full"):
        write_text(Path("/dev/full"), "words")


def test_an_output_may_not_be_the_input_or_another_output(tmp_path: Path) -> None:
    own = tmp_path / "own.wav"
    own.write_bytes(b"sound")
    link = tmp_path / "link.wav"
    link.symlink_to(own)
    hard = tmp_path / "hard.wav"
    hard.hardlink_to(own)
    for output in (own, link, hard, tmp_path / "x" / ".." / "own.wav"):
        with pytest.raises(UserError, match="--jsonl"):
            check_outputs({"--jsonl": output}, [own])
    new = tmp_path / "new"
    with pytest.raises(UserError, match=r"--report.*--jsonl"):
        check_outputs({"--jsonl": new, "--report": tmp_path / "." / "new"})
    check_outputs({"--jsonl": Path("/dev/null"), "--report": Path("/dev/null")}, [own])
    assert not new.exists()
