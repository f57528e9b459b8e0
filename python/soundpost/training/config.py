# SPDX-License-Identifier: Apache-2.0
"""What a recipe says of training."""

from dataclasses import dataclass
from typing import Literal

from soundpost.augmentation import AugmentationConfig
from soundpost.errors import require
from soundpost.tf import Setup

OPTIMIZERS = ("adamw", "sgd")
KEEPS = ("last", "best")
SCHEDULES = ("cosine", "constant")


@dataclass(frozen=True)
class TrainingConfig:
    """How weights are found.

    Attributes:
        seeds: the first is that of the network that is shipped.
        epochs: passes, each of `windows` windows.
        windows: windows drawn for an epoch.
        batch: windows of one step.
        optimizer: one of OPTIMIZERS; "sgd" has Nesterov momentum 0.9.
        learning_rate: the greatest, at the first step after `warmup_steps`.
        weight_decay: AdamW's, or SGD's decoupled one.
        l2: factor of the L2 penalty on the dense layers.
        dropout: share of the values before the last layer left out, 0 to under 1.
        label_smoothing: share of a label spread over all classes, 0 to under 1.
        class_balance: 0 draws every clip equally often, 1 every class, between them in between.
        averaging: decay a step of the average of weights that is kept, 0 to under 1.
        lead: columns drawn with each window and heard before or behind it, at random: what comes
            before is in its running mean.
        calibration: windows that quantisation takes its ranges from.
        augmentation: see AugmentationConfig.
        keep: "last" learns from all training clips and keeps the last epoch; "best" holds
            recordings out, DataConfig.validation of them, and keeps the epoch that names most.
        schedule: "cosine", along which the learning rate falls to zero, or "constant".
        warmup_steps: steps in which the learning rate rises from zero to `learning_rate`; then it
            falls over those that are left. Quantisation-aware training has none.
        decay_kernels_only: spares biases and normalisation the weight decay.
        normalisation_momentum: decay a step of the statistics that normalisation keeps, 0 to
            under 1.
        fused_normalisation: normalises in one operation of TensorFlow's, which is faster. Its
            variances are those of a sample, a little larger than Keras's.
        threads: that a network is trained with, 1 to 64; numbers depend on it.
        onednn: computes with oneDNN, which is faster; numbers depend on it.
    """

    seeds: tuple[int, ...]
    epochs: int
    windows: int
    batch: int
    optimizer: str
    learning_rate: float
    weight_decay: float
    l2: float
    dropout: float
    label_smoothing: float
    class_balance: float
    averaging: float
    calibration: int
    augmentation: AugmentationConfig
    lead: int = 0
    keep: Literal["last", "best"] = "last"
    schedule: Literal["cosine", "constant"] = "cosine"
    warmup_steps: int = 0
    decay_kernels_only: bool = False
    normalisation_momentum: float = 0.99
    fused_normalisation: bool = False
    threads: int = Setup.threads
    onednn: bool = Setup.onednn

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("seeds", "empty", bool(self.seeds), "a list with at least one number")
        good = min(self.seeds) >= 0 and len(set(self.seeds)) == len(self.seeds)
        require("seeds", list(self.seeds), good, "different numbers from 0")
        require("optimizer", self.optimizer, self.optimizer in OPTIMIZERS, " or ".join(OPTIMIZERS))
        for name in ("epochs", "windows", "batch", "calibration"):
            require(name, getattr(self, name), getattr(self, name) >= 1, "1 or more")
        require(
            "windows", self.windows, self.windows >= self.batch, f"{self.batch} (batch) or more"
        )
        require("learning_rate", self.learning_rate, self.learning_rate > 0, "over 0")
        for name in ("weight_decay", "l2"):
            require(name, getattr(self, name), getattr(self, name) >= 0, "0 or more")
        for name in ("dropout", "label_smoothing", "averaging", "normalisation_momentum"):
            require(name, getattr(self, name), 0 <= getattr(self, name) < 1, "0 to under 1")
        require("lead", self.lead, 0 <= self.lead <= 1024, "0 to 1024 columns")
        require("class_balance", self.class_balance, 0 <= self.class_balance <= 1, "0 to 1")
        require("keep", self.keep, self.keep in KEEPS, " or ".join(KEEPS))
        steps = self.epochs * self.steps
        good = 0 <= self.warmup_steps < steps
        require(
            "warmup_steps", self.warmup_steps, good, f"0 to under {steps} (steps of all epochs)"
        )
        require("schedule", self.schedule, self.schedule in SCHEDULES, " or ".join(SCHEDULES))
        falls = self.schedule == "cosine" or self.warmup_steps == 0
        require("schedule", self.schedule, falls, "cosine where there are warmup_steps")
        require("threads", self.threads, 1 <= self.threads <= 64, "1 to 64")

    @property
    def steps(self) -> int:
        """Steps of an epoch; what does not fill a batch is left out."""
        return self.windows // self.batch

    @property
    def setup(self) -> Setup:
        """How TensorFlow is to compute."""
        return Setup(self.threads, self.onednn)


@dataclass(frozen=True)
class DistillationConfig:
    """Learning from a larger network beside the labels.

    G. Hinton and others, Distilling the Knowledge in a Neural Network, 2015. The teacher is trained
    on the same clips, once for each of its seeds; with several, their mean teaches.

    Attributes:
        teacher: path of its recipe, from the folder of this one.
        weight: share of the loss that is the teacher's, over 0 to 1.
        temperature: what both networks' logits are divided by for it, 1 or more.
    """

    teacher: str
    weight: float
    temperature: float = 1.0

    def __post_init__(self) -> None:
        """Check every choice; a UserError names the one that does not fit."""
        require("weight", self.weight, 0.0 < self.weight <= 1.0, "over 0 and up to 1")
        require("temperature", self.temperature, self.temperature >= 1.0, "1 or more")
