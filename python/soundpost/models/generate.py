# SPDX-License-Identifier: Apache-2.0
"""All C that belongs to a model: tables, network, and what joins them."""

from pathlib import Path

from soundpost.compiler.emit import emit_header as emit_network_header
from soundpost.compiler.emit import emit_source as emit_network_source
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
        f"\tSP_FRONTEND_HISTORY(SP_TABLES_{upper}_FFT_SIZE, SP_MODEL_HOP)\n"
        "#define SP_MODEL_ARENA_BYTES \\\n"
        f"\tSP_ARENA_BYTES(SP_NETWORK_{upper}_ARENA_BYTES, SP_TABLES_{upper}_FFT_SIZE)\n\n"
        "extern const struct sp_model sp_model;\n\n#endif /* SOUNDPOST_MODEL_H_ */\n"
    )


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
        "#ifndef SP_MODEL_WITHOUT_NETWORK\n"
        f"\t.network = &sp_network_{recipe.name},\n"
        "#endif\n"
        "\t.window = SP_MODEL_WINDOW,\n"
        f"\t.normalisation = SP_NORMALISATION_{recipe.normalisation.upper()},\n"
        "\t.classes = SP_MODEL_CLASSES,\n"
        "\t.class_names = class_names,\n};\n"
    )


def generated_files(model: Model) -> dict[str, str]:
    """Text of every generated C file of a model, by its name in the model's folder."""
    name = model.recipe.name
    compiled = model.network.compiled
    return {
        f"{name}_tables.h": emit_tables_header(model.tables, name),
        f"{name}_tables.c": emit_tables_source(model.tables, name),
        f"{name}.h": emit_network_header(compiled, name),
        f"{name}.c": emit_network_source(compiled, name),
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
