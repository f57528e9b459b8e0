# SPDX-License-Identifier: Apache-2.0
"""All C that belongs to a model: tables, network, and what joins them."""

from pathlib import Path

from soundpost.compiler import Compiled
from soundpost.compiler.emit import emit_header as emit_network_header
from soundpost.compiler.emit import emit_source as emit_network_source
from soundpost.compiler.stream.compile import Streamed
from soundpost.frontend.emit import emit_header as emit_tables_header
from soundpost.frontend.emit import emit_source as emit_tables_source
from soundpost.generated import banner, digest
from soundpost.models.model import Model
from soundpost.models.tflm import ARENAS, BUILDS, arena_bytes, resolver_names


def _banner(model: Model) -> str:
    recipe = (model.folder / "recipe.yaml").read_bytes()
    return banner("soundpost generate", "recipe.yaml", digest(recipe))


def _emit_header(model: Model) -> str:
    recipe = model.recipe
    upper = recipe.name.upper()
    return (
        _banner(model) + "#ifndef SOUNDPOST_MODEL_H_\n#define SOUNDPOST_MODEL_H_\n\n"
        "#include <soundpost/sensor.h>\n\n"
        f'#include "{recipe.name}.h"\n#include "{recipe.name}_tables.h"\n\n'
        f"#define SP_MODEL_HOP SP_TABLES_{upper}_HOP\n"
        f"#define SP_MODEL_BANDS SP_TABLES_{upper}_BANDS\n"
        f"#define SP_MODEL_WINDOW {recipe.window}\n"
        f"#define SP_MODEL_CLASSES {len(recipe.classes)}\n"
        "#define SP_MODEL_HISTORY \\\n"
        f"\tSP_SENSOR_HISTORY(SP_TABLES_{upper}_FFT_SIZE, SP_MODEL_HOP, {model.means})\n"
        f"{_arena_bytes(model)}\n"
        "/* the network as a whole, also where sp_model has its streaming form */\n"
        f"#define SP_MODEL_NETWORK sp_network_{recipe.name}\n"
        f"#define SP_MODEL_NETWORK_ARENA_BYTES SP_NETWORK_{upper}_ARENA_BYTES\n\n"
        "extern const struct sp_model sp_model;\n\n#endif /* SOUNDPOST_MODEL_H_ */\n"
    )


def _arena_bytes(model: Model) -> str:
    """The macro that says how large an arena is, of the form of the network that is built in."""
    upper = model.recipe.name.upper()

    def macro(form: str, kept: str) -> str:
        return (
            "#define SP_MODEL_ARENA_BYTES \\\n"
            f"\tSP_ARENA_BYTES(SP_{form}_{upper}_ARENA_BYTES, {kept}, SP_TABLES_{upper}_FFT_SIZE)\n"
        )

    windowed = macro("NETWORK", "0")
    if model.stream is None:
        return windowed
    streaming = macro("STREAM", f"SP_STREAM_{upper}_KEPT_BYTES")
    return f"#ifdef SP_MODEL_WINDOWED\n{windowed}#else\n{streaming}#endif\n"


def _emit_tflm(model: Model) -> str:
    graph = model.network.compiled.graph
    names = resolver_names(graph)
    arenas = arena_bytes(model.folder)
    lines = [
        "#ifndef SOUNDPOST_MODEL_TFLM_H_",
        "#define SOUNDPOST_MODEL_TFLM_H_",
        "",
        "/* the operators of model.tflite: X(Conv2D) stands for AddConv2D() of the resolver */",
        f"#define SP_MODEL_TFLM_OPERATOR_COUNT {len(names)}",
        f"#define SP_MODEL_TFLM_OPERATORS(X) {' '.join(f'X({name})' for name in names)}",
        "",
        f"/* bytes of arena, as the interpreter reports them ({ARENAS}); 0 if not measured */",
        *(f"#define SP_MODEL_TFLM_ARENA_{name.upper()} {arenas.get(name, 0)}" for name in BUILDS),
        "",
        "#endif /* SOUNDPOST_MODEL_TFLM_H_ */",
    ]
    return banner("soundpost generate", "model.tflite", graph.sha256) + "\n".join(lines) + "\n"


def _emit_source(model: Model) -> str:
    recipe = model.recipe
    names = "".join(f'\t"{name}",\n' for name in recipe.classes)
    return (
        _banner(model) + '#include "model.h"\n\n'
        f"static const char *const class_names[] = {{\n{names}}};\n\n"
        "const struct sp_model sp_model = {\n"
        f'\t.name = "{recipe.name}",\n'
        f"\t.tables = &sp_tables_{recipe.name},\n"
        f"{_networks(model)}"
        "\t.window = SP_MODEL_WINDOW,\n"
        f"\t.normalisation = SP_NORMALISATION_{recipe.normalisation.upper()},\n"
        "\t.classes = SP_MODEL_CLASSES,\n"
        "\t.class_names = class_names,\n};\n"
    )


def _networks(model: Model) -> str:
    """The form of the network that is built in: the streaming one where there is one."""
    name = model.recipe.name
    windowed = f"\t.network = &sp_network_{name},\n\t.score = sp_score_window,\n"
    if model.stream is None:
        return f"#ifndef SP_MODEL_WITHOUT_NETWORK\n{windowed}#endif\n"
    return (
        "#if defined(SP_MODEL_WITHOUT_NETWORK)\n"
        f"#elif defined(SP_MODEL_WINDOWED)\n{windowed}"
        f"#else\n\t.stream = &sp_stream_{name},\n\t.score = sp_score_fresh,\n#endif\n"
    )


def generated_files(model: Model) -> dict[str, str]:
    """Text of every generated C file of a model, by its name in the model's folder."""
    name = model.recipe.name
    forms: list[Compiled | Streamed] = [model.network.compiled]
    if model.stream is not None:
        forms.append(model.stream.streamed)
    return {
        f"{name}_tables.h": emit_tables_header(model.tables, name),
        f"{name}_tables.c": emit_tables_source(model.tables, name),
        f"{name}.h": "\n".join(emit_network_header(form, name) for form in forms),
        f"{name}.c": "\n".join(emit_network_source(form, name) for form in forms),
        "model.h": _emit_header(model),
        "model.c": _emit_source(model),
        "model_tflm.h": _emit_tflm(model),
    }


def stale_files(folder: Path) -> list[str]:
    """Names of generated files of a model that are missing, or not what they would be now."""
    wanted = generated_files(Model(folder))
    return [
        name
        for name, text in wanted.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != text
    ]
