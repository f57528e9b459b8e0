# SPDX-License-Identifier: Apache-2.0
"""A front end's tables as C."""

from collections.abc import Iterable

from soundpost.frontend.tables import FrontendTables
from soundpost.generated import banner, c_values, check_c_name, digest


def _banner(tables: FrontendTables) -> str:
    choices = ", ".join(f"{name} {value}" for name, value in tables.config.as_mapping().items())
    return banner("soundpost tables", choices, digest(choices.encode()))


def emit_header(tables: FrontendTables, name: str) -> str:
    """The header that declares sp_tables_NAME and its sizes."""
    guard = f"SOUNDPOST_TABLES_{check_c_name(name).upper()}_H_"
    prefix = f"SP_TABLES_{name.upper()}"
    config = tables.config
    return (
        _banner(tables) + f"#ifndef {guard}\n#define {guard}\n\n#include <soundpost/frontend.h>\n\n"
        f"#define {prefix}_FFT_SIZE {config.fft_size}\n"
        f"#define {prefix}_HOP {config.hop}\n"
        f"#define {prefix}_BANDS {config.bands}\n\n"
        f"extern const struct sp_frontend_tables sp_tables_{name};\n\n#endif /* {guard} */\n"
    )


def emit_source(tables: FrontendTables, name: str) -> str:
    """The C file that defines sp_tables_NAME."""
    check_c_name(name)
    config = tables.config

    def array(kind: str, label: str, values: Iterable[object]) -> str:
        return f"static const {kind} {label}[] = {{\n{c_values(values)}\n}};\n\n"

    def pairs(rows: Iterable[Iterable[int]]) -> Iterable[str]:
        return (f"{{{re}, {im}}}" for re, im in rows)

    return (
        _banner(tables)
        + f'#include "{name}_tables.h"\n\n'
        + array("int16_t", "window", tables.window)
        + array("struct sp_twiddle", "twiddles", pairs(tables.twiddles))
        + array("struct sp_twiddle", "split", pairs(tables.split))
        + array("uint16_t", "segments", tables.segments)
        + array("uint16_t", "weights", tables.weights)
        + array("int16_t", "gains_q8", tables.gains_q8)
        + f"const struct sp_frontend_tables sp_tables_{name} = {{\n"
        f"\t.fft_size = {config.fft_size},\n"
        f"\t.hop = {config.hop},\n"
        f"\t.bands = {config.bands},\n"
        f"\t.first_bin = {tables.first_bin},\n"
        f"\t.zero_q8 = {tables.zero_q8},\n"
        "\t.window = window,\n"
        "\t.twiddles = twiddles,\n"
        "\t.split = split,\n"
        "\t.segments = segments,\n"
        "\t.weights = weights,\n"
        "\t.gains_q8 = gains_q8,\n};\n"
    )
