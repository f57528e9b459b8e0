# SPDX-License-Identifier: Apache-2.0
"""A recipe: everything that decides a network, read from models/<name>/recipe.yaml."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundpost.datasets import DATASETS, Direction, check_class_name
from soundpost.errors import UserError, require
from soundpost.frontend import NORMALISATIONS, FrontendConfig, Normalisation
from soundpost.generated import check_c_name
from soundpost.models.reading import read, read_yaml, stated
from soundpost.quantization.config import QuantizationConfig
from soundpost.training.config import DistillationConfig, TrainingConfig
from soundpost.zoo import Architecture, layer_costs
from soundpost.zoo.cost import Cost
from soundpost.zoo.layers import Layer

OVERLAPS = (0, 50, 75)
"""Of windows, in %, that an evaluation may have."""


@dataclass(frozen=True)
class DataConfig:
    """Where clips come from.

    Attributes:
        dataset: layout of the data folder, one of DATASETS.
        directions: splits; the first is that of the network that is shipped, and may have no test
            folds: then the others tell how good the recipe is.
        validation: share of the training clips, 0 to 0.5, held out to choose everything else by.
        seen: test folds that earlier recipes were compared or tested on, which the card tells of.
    """

    dataset: str
    directions: tuple[Direction, ...]
    validation: float
    seen: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("dataset", self.dataset, self.dataset in DATASETS, " or ".join(DATASETS))
        tested = all(direction.test for direction in self.directions[1:])
        require("directions", "empty", bool(self.directions), "a list with at least one entry")
        require("directions", "without test folds", tested, "so in its first entry alone")
        share = self.validation
        require("validation", share, 0.0 < share <= 0.5, "over 0 and up to 0.5")


@dataclass(frozen=True)
class Recipe:
    """Everything that decides a network.

    Attributes:
        name: also that of its folder under models/ and of its C symbols.
        frontend: the front end whose columns it sees.
        window: columns of an inference.
        classes: names, in the order of the network's scores.
        network: its architecture, and what that leaves to choose.
        data: what it learns from.
        training: how.
        normalisation: "window_mean": the network sees each window less its own mean;
            "running_mean": each column less the mean of the window that ends with it; "none":
            columns as they are. A network that is to be streamed needs one of the latter two.
        overlap_pct: of windows, in evaluations that do not say another: 0, 50 or 75.
        distillation: whom it learns from beside the labels, or None.
        quantization: how it learns to be int8; None takes ranges from training windows alone.
    """

    name: str
    frontend: FrontendConfig
    window: int
    classes: tuple[str, ...]
    network: Architecture
    data: DataConfig
    training: TrainingConfig
    normalisation: Normalisation = "window_mean"
    overlap_pct: int = 50
    distillation: DistillationConfig | None = None
    quantization: QuantizationConfig | None = None

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        check_c_name(self.name)
        require("name", self.name, self.name != "model", "another one: model.c joins its files")
        require("window", self.window, 1 <= self.window <= 1024, "1 to 1024 columns")
        choices = " or ".join(NORMALISATIONS)
        require("normalisation", self.normalisation, self.normalisation in NORMALISATIONS, choices)
        require("overlap_pct", self.overlap_pct, self.overlap_pct in OVERLAPS, "0, 50 or 75")
        led = self.training.lead == 0 or self.normalisation == "running_mean"
        require("training.lead", self.training.lead, led, "0 without a running mean")
        distinct = len(set(self.classes)) == len(self.classes) >= 2
        require("classes", list(self.classes), distinct, "two or more different names")
        for name in self.classes:
            try:
                check_class_name(name)
            except UserError as error:
                raise UserError(f"classes is {error}") from error
        try:
            _ = self.costs
        except UserError as error:
            raise UserError(f"network does not fit: {error}") from error

    @property
    def input_shape(self) -> tuple[int, int, int]:
        """Columns, bands and channels of the network's input."""
        return self.window, self.frontend.bands, 1

    @property
    def drawn(self) -> int:
        """Columns that training draws at once: those of a window, and its lead."""
        return self.window + self.training.lead

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The whole network."""
        return self.network.layers(len(self.classes), self.training.dropout)

    @property
    def costs(self) -> list[Cost]:
        """What each layer costs."""
        return layer_costs(self.layers, self.input_shape)

    @classmethod
    def from_file(cls, path: Path) -> "Recipe":
        """Read a recipe.

        Raises:
            UserError: if the file cannot be read, or a key is missing, unknown, of the wrong kind
                or out of range; the message names file and key.
        """
        recipe = read(cls, read_yaml(path), str(path))
        assert isinstance(recipe, cls)
        return recipe

    def as_mapping(self) -> dict[str, Any]:
        """The choices by name, nested as in the file.

        Keys that a file may leave out are left out where they have their default. So a key that
        comes later, with a default that changes nothing, leaves the digests of recipes alone.
        """
        return dict(stated(self))

    @property
    def digest(self) -> str:
        """SHA-256 of the choices; what decides nothing does not count.

        That is comments, the layout of the file, and the folds that were seen before.
        """
        choices = self.as_mapping()
        choices["data"].pop("seen", None)
        text = json.dumps(choices, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()
