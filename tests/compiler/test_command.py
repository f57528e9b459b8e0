# SPDX-License-Identifier: Apache-2.0
"""soundpost compile."""

import hashlib
import json
from pathlib import Path

import pytest
from streams import shipped_shape
from typer.testing import CliRunner

from soundpost import __version__
from soundpost.cli import app
from soundpost.errors import UserError

THESIS = Path(__file__).parent / "networks" / "stride_ds_24.tflite"


def run(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["compile", *arguments])
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_output_is_reproducible_and_says_what_made_it(tmp_path):
    run(str(THESIS), "-o", str(tmp_path / "a"))
    run(str(THESIS), "-o", str(tmp_path / "b"), "--name", "stride_ds_24")
    digest = hashlib.sha256(THESIS.read_bytes()).hexdigest()
    for suffix in ("c", "h"):
        first = (tmp_path / "a" / f"stride_ds_24.{suffix}").read_text()
        assert first == (tmp_path / "b" / f"stride_ds_24.{suffix}").read_text()
        assert f"soundpost compile {__version__}" in first
        assert digest in first
        assert str(tmp_path) not in first
        assert max(len(line.expandtabs(8)) for line in first.splitlines()) <= 100


def test_header_has_the_sizes(tmp_path):
    run(str(THESIS), "-o", str(tmp_path), "--name", "street")
    header = (tmp_path / "street.h").read_text()
    assert "#define SP_NETWORK_STREET_INPUT_SHAPE 31, 60, 1\n" in header
    assert "#define SP_NETWORK_STREET_INPUT_BYTES 1860\n" in header
    assert "#define SP_NETWORK_STREET_OUTPUT_SHAPE 10\n" in header
    assert "extern const struct sp_nn_network sp_network_street;" in header


def test_table_and_json_tell_the_costs(tmp_path):
    table = run(str(THESIS), "-o", str(tmp_path))
    costs = json.loads(run(str(THESIS), "-o", str(tmp_path), "--json"))
    assert costs["macs"] == 539_920
    assert costs["layers"][0]["kernel"] == "sp_nn_depthwise_pair"
    assert costs["layers"][0]["layer"] == costs["peak_layer"]
    assert sum(layer["weight_bytes"] for layer in costs["layers"]) == costs["weight_bytes"]
    assert sum(layer["instructions"] for layer in costs["layers"]) == costs["instructions"]
    assert max(layer["ram_bytes"] for layer in costs["layers"]) == costs["arena_bytes"]
    for number in (
        costs["instructions"],
        costs["macs"],
        costs["weight_bytes"],
        costs["arena_bytes"],
    ):
        assert f"{number:,}" in table


@pytest.mark.parametrize("name", ["", "Big", "a-b", "1st", "a" * 64, "../x"])
def test_names_that_are_no_c_names_are_refused(tmp_path, name):
    with pytest.raises(UserError, match="no C name"):
        run(str(THESIS), "-o", str(tmp_path), "--name", name)
    assert not list(tmp_path.iterdir())


def test_streaming_form_is_written_and_told(tmp_path):
    model = tmp_path / "hop.tflite"
    model.write_bytes(shipped_shape())
    said = run(str(model), "-o", str(tmp_path), "--streaming")
    costs = json.loads(run(str(model), "-o", str(tmp_path), "--streaming", "--json"))
    header = (tmp_path / "hop.h").read_text()
    assert "extern const struct sp_nn_stream sp_stream_hop;" in header
    assert "#define SP_STREAM_HOP_COLUMNS 16\n" in header
    assert f"#define SP_STREAM_HOP_KEPT_BYTES {costs['kept_bytes']}\n" in header
    assert f"#define SP_STREAM_HOP_ARENA_BYTES {costs['arena_bytes']}\n" in header
    chunks = costs["hop"] // costs["columns"]
    hop = chunks * costs["body"]["instructions"] + costs["head"]["instructions"]
    assert hop == costs["hop_instructions"] < costs["windowed_instructions"]
    for number in (hop, costs["kept_bytes"], costs["arena_bytes"], costs["windowed_instructions"]):
        assert f"{number:,}" in said


def test_windowed_form_is_written_where_there_is_no_other(tmp_path):
    run(str(THESIS), "-o", str(tmp_path / "a"), "--name", "street")
    arguments = ["compile", str(THESIS), "-o", str(tmp_path / "b"), "--name", "street"]
    result = CliRunner().invoke(app, [*arguments, "--streaming"])
    assert result.exit_code == 0
    assert "padded along time; use VALID padding there; written is the windowed" in result.stderr
    for name in ("street.c", "street.h"):
        assert (tmp_path / "a" / name).read_text() == (tmp_path / "b" / name).read_text()
