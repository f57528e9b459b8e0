# SPDX-License-Identifier: Apache-2.0
"""A trained network with all that belongs to it, as `struct sp_model` wants it."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from soundpost._core import ffi, lib
from soundpost.compiler import Compiled, Network, StreamingNetwork
from soundpost.compiler.stream.compile import stream
from soundpost.compiler.stream.rows import CannotStreamError
from soundpost.errors import UserError
from soundpost.frontend import FrontendTables
from soundpost.frontend.config import normalisation_in_c
from soundpost.models.recipe import Recipe
from soundpost.settings import make_settings

DEFAULT_MODEL = "urban10"

# a softmax in int8: 1/256 a step, from -128
SCORE_SCALE = 1 / 256
SCORE_ZERO_POINT = -128


def models_folder() -> Path:
    """The folder models/ of the repository.

    Raises:
        UserError: if the package was installed without it.
    """
    folder = Path(__file__).resolve().parents[3] / "models"
    if not folder.is_dir():
        raise UserError("there is no models/ here: give --model FOLDER, or install from a clone")
    return folder


def shipped_models() -> list[str]:
    """Names of the folders of models/ that hold a network; a recipe may be alone.

    Raises:
        UserError: if there is no models/.
    """
    return sorted(path.parent.name for path in models_folder().glob("*/model.tflite"))


def check_shipped(name: str) -> None:
    """Refuse what is not in models/, where the C ports find their network.

    Raises:
        UserError: with the names there are.
    """
    if name not in shipped_models():
        raise UserError(
            f"no model {name!r} in models/, which the C ports are built from; "
            f"there are {', '.join(shipped_models())}"
        )


def find_folder(name: str) -> Path:
    """The folder of a model, by its name in models/ or by the path of any folder.

    Raises:
        UserError: if there is none, with the names there are.
    """
    if Path(name).is_dir():
        return Path(name)
    folder = models_folder() / name
    if not folder.is_dir():
        raise UserError(
            f"no model {name!r}; give a folder, or one of {', '.join(shipped_models())}"
        )
    return folder


class Model:
    """A folder of models/: its recipe, its network, and its front end's tables.

    Attributes:
        folder: where it was read from.
        recipe: what it was made from.
        network: model.tflite, compiled.
        stream: its streaming form; None if it has none.
        tables: numbers of the front end.
        c: `struct sp_model *`.
    """

    def __init__(self, folder: Path, recipe: Recipe | None = None) -> None:
        """Read a folder.

        Args:
            folder: holds model.tflite, and recipe.yaml.
            recipe: takes the place of the latter.

        Raises:
            UserError: if recipe.yaml or model.tflite is missing, broken, or does not fit the other.
        """
        self.folder = folder
        self.recipe = Recipe.from_file(folder / "recipe.yaml") if recipe is None else recipe
        self.tables = FrontendTables.from_config(self.recipe.frontend)
        path = folder / "model.tflite"
        self.network = Network.from_tflite(path)
        self._check_fit(path)
        self.stream = self._streaming_form()

        c_tables, keep = self.tables.to_c()
        names = [ffi.new("char[]", name.encode()) for name in self.recipe.classes]
        c_names = ffi.new("char *[]", names)
        name = ffi.new("char[]", self.recipe.name.encode())
        self._keep = [c_tables, keep, names, c_names, name]
        self.c: Any = ffi.new(
            "struct sp_model *",
            {
                "name": name,
                "tables": c_tables,
                **self._form(),
                "window": self.recipe.window,
                "normalisation": normalisation_in_c(self.recipe.normalisation),
                "classes": len(self.recipe.classes),
                "class_names": c_names,
            },
        )

    def _check_fit(self, path: Path) -> None:
        recipe, network = self.recipe, self.network
        if len(recipe.classes) > lib.SP_CLASSES_MAX:
            raise UserError(
                f"{self.folder / 'recipe.yaml'}: {len(recipe.classes)} classes; "
                f"a frame has room for {lib.SP_CLASSES_MAX}"
            )
        wanted = (recipe.window, recipe.frontend.bands, 1)
        if network.input_shape != wanted:
            raise UserError(
                f"{path}: input is {network.input_shape}, but the recipe's windows are {wanted}; "
                "train it again from this recipe"
            )
        if network.output_shape != (len(recipe.classes),):
            raise UserError(
                f"{path}: output is {network.output_shape}, but the recipe has "
                f"{len(recipe.classes)} classes; train it again from this recipe"
            )
        output = network.compiled.graph.output
        quantisation = (output.scale, output.zero_point)
        if quantisation != (SCORE_SCALE, SCORE_ZERO_POINT):
            raise UserError(
                f"{path}: output has scale and zero point {quantisation}, not those of a softmax, "
                f"{(SCORE_SCALE, SCORE_ZERO_POINT)}; end the network with a softmax"
            )

    def _streaming_form(self) -> StreamingNetwork | None:
        # every column would change with the window that it is in
        if self.recipe.normalisation == "window_mean":
            return None
        try:
            return StreamingNetwork(stream(self.network.compiled))
        except CannotStreamError:
            return None

    def _form(self) -> dict[str, Any]:
        """The network as `struct sp_model` has it."""
        if self.stream is None:
            return {"network": self.network.struct, "score": lib.sp_score_window}
        return {"stream": self.stream.struct, "score": lib.sp_score_fresh}

    @property
    def means(self) -> int:
        """Columns of the running mean, 0 if there is none."""
        return self.recipe.window if self.recipe.normalisation == "running_mean" else 0

    @property
    def history_bytes(self) -> int:
        """Bytes of sp_sensor_init()'s history: SP_SENSOR_HISTORY() values."""
        frontend = self.recipe.frontend
        return 2 * (max(frontend.fft_size - frontend.hop, 1) + self.means)

    @property
    def built_in(self) -> tuple[Compiled, ...]:
        """The networks that a sensor has: body and head of the streaming form, or the whole."""
        if self.stream is None:
            return (self.network.compiled,)
        return self.stream.streamed.body, self.stream.streamed.head

    @property
    def window_hop(self) -> int:
        """Columns from one window to the next of a sensor with the default settings."""
        return int(make_settings().window_hop) or -(-self.recipe.window // 2)

    def window_instructions(self, hop: int) -> int:
        """Instructions of a window on a sensor, as estimated for a Cortex-M4F.

        Args:
            hop: columns from one window to the next, 1 or more.
        """
        return self._of_window(hop, lambda network: network.instructions)

    def window_macs(self, hop: int) -> int:
        """Multiply-accumulates of a window on a sensor; see `window_instructions`."""
        return self._of_window(hop, lambda network: network.macs)

    def _of_window(self, hop: int, cost: Callable[[Compiled], int]) -> int:
        if self.stream is None:
            return cost(self.network.compiled)
        streamed = self.stream.streamed
        used = streamed.window - streamed.unused
        # sp_nn_stream_window() takes all of a window where it cannot go on
        goes_on = hop < used and hop % streamed.columns == 0
        chunks = math.ceil((hop if goes_on else used) / streamed.columns)
        return chunks * cost(streamed.body) + cost(streamed.head)

    @classmethod
    def find(cls, name: str) -> "Model":
        """Read a model by the name of its folder in models/, or by the path of any folder.

        Raises:
            UserError: if there is none, with the names there are.
        """
        return cls(find_folder(name))
