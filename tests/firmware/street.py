# SPDX-License-Identifier: Apache-2.0
"""A sensor on a quiet street, and the network that it is on."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import zephyr
from numpy.typing import NDArray

from lorawan_server import Air, Device, Faults, NetworkServer, Uplink
from soundpost.audio import write_wav
from soundpost.provision.boards import board_geometry
from soundpost.provision.keys import Identity, identity_values, image, settings_value

RATE = 16000
SETTINGS_PORT = 10
INTERVAL_KEY = 1
#: an interval a frame, and airtime for it
SETTINGS = {"interval_s": 10, "records_per_frame": 1, "octave_every": 0, "airtime_budget_ds": 8640}
#: test keys: no network has them
IDENTITY = Identity(bytes.fromhex("70b3d57ed0000001"), bytes(7) + b"\x02", bytes(range(16)))


class Street:
    """A sensor, its flash, and the network that it is on.

    On QEMU the flash is what it was provisioned with at every start.
    """

    def __init__(self, program: zephyr.Executable, folder: Path) -> None:
        self.program = program
        self.server = NetworkServer()
        self.device: Device = self.server.add_device(
            int.from_bytes(IDENTITY.dev_eui, "big"),
            int.from_bytes(IDENTITY.join_eui, "big"),
            IDENTITY.app_key,
        )
        self.flash = folder / "flash.bin"
        self._wav = folder / "noise.wav"
        self.air = Air(self.server)
        self.provision()

    def provision(self, identity: Identity | None = IDENTITY, **settings: int) -> None:
        """Begin with an empty flash, but for keys, if there are any, and settings."""
        values = {} if identity is None else identity_values(identity)
        values["sp/settings"] = settings_value(SETTINGS | settings)
        self.flash.write_bytes(image(values, board_geometry(self.program.board)))

    @property
    def faults(self) -> Faults:
        """What the network does wrong."""
        return self.device.faults

    @property
    def now_s(self) -> float:
        """The network's time at which the sensor will start next."""
        last = self.air.links[-1]
        return (last.started_us + last.latest_us) / 1e6

    def noise(self, seconds: int) -> NDArray[np.int16]:
        """Faint enough for the silence gate: no inference, no event."""
        pcm = np.random.default_rng(1).integers(-2, 3, seconds * RATE).astype(np.int16)
        write_wav(self._wav, pcm)
        return pcm

    def start(self, seconds: int, *arguments: str, typed: str = "") -> zephyr.Outcome:
        """From a reset on, for so long, however it ends.

        Args:
            seconds: of noise.
            arguments: further ones of the simulator.
            typed: on the console.
        """
        self.noise(seconds)
        return zephyr.run(
            self.program, self._wav, arguments, storage=self.flash, air=self.air.path, typed=typed
        )

    def run(self, seconds: int, *arguments: str, typed: str = "") -> zephyr.Outcome:
        """As start(), and it ends well."""
        outcome = self.start(seconds, *arguments, typed=typed)
        assert outcome.status == 0, outcome.console
        return outcome


def logged(outcome: zephyr.Outcome, text: str) -> int:
    """Lines of the log in which that is."""
    return sum(text in line for line in outcome.log)


def when(street: Street, number: int, act: Callable[[], object]) -> None:
    """Do something at the uplink of that number, before it is answered."""

    def look(_: Uplink) -> None:
        if len(street.device.uplinks) == number:
            act()

    street.device.on_uplink = look
