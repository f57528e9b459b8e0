# SPDX-License-Identifier: Apache-2.0
"""Writes a compiled network as C: the same structs that network.py builds in memory."""

from collections.abc import Iterable, Mapping, Sequence

from soundpost.compiler.compile import Compiled
from soundpost.compiler.program import Field, Step, Symbol, Table, prefix_within
from soundpost.compiler.stream.compile import Streamed
from soundpost.generated import banner, c_values, check_c_name


def emit_header(compiled: Compiled | Streamed, name: str) -> str:
    """NAME.h: the network's declaration and its sizes as macros."""
    upper = check_c_name(name).upper()
    if isinstance(compiled, Streamed):
        kind, ends = "stream", compiled.windowed
        sizes = {
            "ARENA_BYTES": compiled.arena_bytes,
            "KEPT_BYTES": compiled.kept_bytes,
            "COLUMNS": compiled.columns,
        }
    else:
        kind, ends = "network", compiled
        sizes = {"ARENA_BYTES": compiled.plan.arena_bytes}
    macros = sizes | {
        "INPUT_BYTES": ends.graph.input.size,
        "INPUT_SHAPE": ", ".join(map(str, ends.input_shape)),
        "OUTPUT_BYTES": ends.graph.output.size,
        "OUTPUT_SHAPE": ", ".join(map(str, ends.output_shape)),
    }
    guard = f"SP_{kind.upper()}_{upper}_H_"
    lines = [
        f"#ifndef {guard}",
        f"#define {guard}",
        "",
        "#include <soundpost/nn.h>",
        "",
        "#ifdef __cplusplus",
        'extern "C" {',
        "#endif",
        "",
        *(f"#define SP_{kind.upper()}_{upper}_{key} {value}" for key, value in macros.items()),
        "",
        f"extern const struct sp_nn_{kind} sp_{kind}_{name};",
        "",
        "#ifdef __cplusplus",
        "}",
        "#endif",
        "",
        f"#endif /* {guard} */",
    ]
    return _banner(ends) + "\n".join(lines) + "\n"


def emit_source(compiled: Compiled | Streamed, name: str) -> str:
    """NAME.c: all tables, and the network."""
    lines = ["#include <stddef.h>", "", f'#include "{name}.h"', ""]
    if isinstance(compiled, Streamed):
        parts = {"body": compiled.body, "head": compiled.head}
        for part, network in parts.items():
            lines += [*_tables(network, f"{part}_"), ""]
        lines.append(f"const struct sp_nn_stream sp_stream_{name} = {{")
        for part, network in parts.items():
            lines += [f"\t.{part} = {{", *_network(network, f"{part}_", 2), "\t},"]
        lines += [f"\t.{key} = {value}," for key, value in compiled.sizes.items()]
        ends = compiled.windowed
    else:
        lines += [*_tables(compiled, ""), ""]
        lines.append(f"const struct sp_nn_network sp_network_{name} = {{")
        lines += _network(compiled, "", 1)
        ends = compiled
    return _banner(ends) + "\n".join([*lines, "};"]) + "\n"


def _banner(compiled: Compiled) -> str:
    return banner("soundpost compile", "a .tflite file", compiled.graph.sha256)


def _tables(compiled: Compiled, prefix: str) -> list[str]:
    """The steps, with all that they point to."""
    lines = []
    for index, step in enumerate(compiled.steps):
        lines += _step_tables(f"{prefix}step{index}", index, step)
    lines.append(f"static const struct sp_nn_step {prefix}steps[] = {{")
    for index, step in enumerate(compiled.steps):
        offsets = ", ".join(map(str, compiled.offsets(index)))
        lines.append(f"\t{{{step.kernel}, &{prefix}step{index}, {offsets}}},")
    return [*lines, "};"]


def _network(compiled: Compiled, prefix: str, depth: int) -> list[str]:
    """The fields of struct sp_nn_network."""
    fields = {"steps": f"{prefix}steps", **compiled.sizes}
    return [f"{chr(9) * depth}.{key} = {value}," for key, value in fields.items()]


def _step_tables(variable: str, index: int, step: Step) -> list[str]:
    lines = [f"/* step {index}: {step.operator_names} */"]
    for name, table in step.tables.items():
        lines.append(f"static const {table.ctype} {variable}_{name}[] = {{")
        lines.append(c_values(_items(table)))
        lines.append("};")
    lines.append(f"static const {step.params_type} {variable} = {{")
    lines += _fields(step.params, f"{variable}_", 1)
    return [*lines, "};", ""]


def _items(table: Table) -> Iterable[str]:
    if table.ctype == "int8_t":
        return map(str, table.values.tolist())
    return (f"{{{bias}, {{{multiplier}, {shift}}}}}" for bias, multiplier, shift in table.values)


def _fields(fields: Mapping[str, Field], prefix: str, depth: int) -> list[str]:
    tabs, lines = "\t" * depth, []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            inner = _fields(value, prefix_within(prefix, name, value), depth + 1)
            lines += [f"{tabs}.{name} = {{", *inner, f"{tabs}}},"]
        else:
            lines.append(f"{tabs}.{name} = {_literal(name, value, prefix)},")
    return lines


def _literal(name: str, value: int | Sequence[int] | Table | Symbol | None, prefix: str) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, Table):
        return f"{prefix}{name}"
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, Sequence):
        return f"{{{', '.join(map(str, value))}}}"
    return str(value)
