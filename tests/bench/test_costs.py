# SPDX-License-Identifier: Apache-2.0
"""Time and energy from instructions, ratios of engines, and the plot."""

from pathlib import Path

import pytest

from soundpost.bench.costs import Cost, derived_figures, inference_costs, layer_costs
from soundpost.bench.plot import plot_engines
from soundpost.bench.targets import ratios, targets
from soundpost.hardware.boards import BOARDS
from soundpost.hardware.cycles import CYCLES_PER_INSTRUCTION

NUCLEO = BOARDS["nucleo_l476rg"]
FIGURES = {
    "m4f.column.instructions": 37_000,
    "m4f.inference.a.compiled.instructions": 800_000,
    "m4f.inference.a.compiled.0_conv_2d.instructions": 700_000,
    "m4f.inference.a.compiled.arena_bytes": 8652,
    "m4f.inference.a.compiled.stack_bytes": 580,
    "m4f.inference.a.tflm-cmsis-nn.instructions": 2_000_000,
    "m4f.inference.a.tflm-cmsis-nn.arena_bytes": 14_420,
    "m3.inference.a.compiled.instructions": 2_000_000,
}


def test_inferences_are_found_among_all_figures() -> None:
    found = [(cost.core, cost.engine, cost.instructions) for cost in inference_costs(FIGURES)]
    assert found == [
        ("m4f", "compiled", 800_000),
        ("m4f", "tflm-cmsis-nn", 2_000_000),
        ("m3", "compiled", 2_000_000),
    ]
    assert next(inference_costs(FIGURES)).arena_bytes == 8652


def test_layers_are_those_of_their_engine() -> None:
    (layer,) = layer_costs(FIGURES, "a")
    assert layer == Cost("m4f", "a", "compiled", "0_conv_2d", 700_000)


def test_layers_of_the_streaming_form_tell_what_they_take() -> None:
    layer = "m4f.inference.a.streaming.body.1_conv_2d"
    figures = {
        "m4f.inference.a.streaming.instructions": 9000,
        f"{layer}.instructions": 2000,
        f"{layer}.ram_bytes": 300,
        f"{layer}.weight_bytes": 40,
    }
    assert list(layer_costs(figures, "a")) == [
        Cost("m4f", "a", "streaming", "body.1_conv_2d", 2000, arena_bytes=300, weight_bytes=40)
    ]
    # no layer is taken for a whole inference
    assert [cost.instructions for cost in inference_costs(figures)] == [9000]


def test_a_second_of_running_takes_the_datasheets_power() -> None:
    # 80 M cycles at 80 MHz: 10.2 mA at 3.3 V
    cost = Cost("m4f", "a", "compiled", "", round(80_000_000 / CYCLES_PER_INSTRUCTION.likely))
    assert cost.milliseconds(NUCLEO).likely == pytest.approx(1000)
    assert cost.microjoules(NUCLEO).likely == pytest.approx(1e6 * 10.2e-3 * 3.3)


def test_only_boards_with_the_core_have_milliseconds() -> None:
    derived = derived_figures(FIGURES, NUCLEO)
    assert derived["m3.inference.a.compiled.cycles"] == 3_200_000
    assert "m4f.inference.a.compiled.nucleo_l476rg.ms" in derived
    assert not [name for name in derived if name.startswith("m3") and name.endswith("ms")]


def test_an_instruction_of_tflm_takes_fewer_cycles() -> None:
    derived = derived_figures(FIGURES, NUCLEO)
    assert derived["m4f.inference.a.compiled.cycles"] == 1_280_000
    assert derived["m4f.inference.a.tflm-cmsis-nn.cycles"] == 2_800_000


def test_ratios_are_of_the_same_network_and_core() -> None:
    assert ratios(FIGURES) == {
        "m4f.inference.a.compiled.instructions_ratio": 0.4,
        "m4f.inference.a.compiled.arena_ratio": 0.6,
    }
    # nothing to compare with
    assert ratios({name: 1 for name in FIGURES if "cmsis" not in name}) == {}


def test_a_target_that_is_missed_is_told() -> None:
    verdicts = {
        target.what: target.holds for target in targets({**FIGURES, **ratios(FIGURES)}, "a")
    }
    assert verdicts == {"instructions_ratio": False, "arena_ratio": True, "stack_bytes": True}
    assert list(targets(FIGURES, "b")) == []


def test_a_hop_of_the_streaming_form_is_held_to_the_whole_window() -> None:
    figures = {
        "m4f.inference.a.compiled.instructions": 800_000,
        "m4f.inference.a.streaming.instructions": 500_000,
        "m3.inference.a.streaming.instructions": 500_000,
    }
    found = {"m4f.inference.a.streaming.instructions_ratio": 0.625}
    assert ratios(figures) == found
    stack = {"m4f.inference.a.streaming.stack_bytes": 604}
    told = {target.what: target.holds for target in targets({**figures, **found, **stack}, "a")}
    assert told == {"streaming.instructions_ratio": False, "streaming.stack_bytes": True}


@pytest.mark.parametrize(("instructions", "holds"), [(4_800_000, True), (4_800_001, False)])
def test_the_whole_pipeline_has_six_percent(instructions: int, holds: bool) -> None:
    figures = {
        "m4f.pipeline.a.instructions_per_second": instructions,
        "m3.pipeline.a.instructions_per_second": 10_000_000,
    }
    (target,) = targets(figures, "a")
    assert (target.what, target.holds) == ("pipeline.instructions_per_second", holds)


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    plot_engines(list(inference_costs(FIGURES)), {"a": 717_760}, path)
    assert path.read_bytes().startswith(b"\x89PNG")
