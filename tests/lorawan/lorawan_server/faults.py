# SPDX-License-Identifier: Apache-2.0
"""What a network does wrong when a test tells it to."""

from dataclasses import dataclass, field


@dataclass
class Faults:
    """How many times each is still to happen, how late downlinks are, and when the air is dead.

    They are applied in this order; one frame may meet several.
    """

    #: uplinks, join requests among them, that no gateway hears
    lose_uplinks: int = 0
    #: join requests that are not answered
    refuse_joins: int = 0
    #: join accepts with a key that is not the device's
    wrong_key_joins: int = 0
    #: join accepts that are the last one again
    replay_joins: int = 0
    #: downlinks with a bit turned over, so that the MIC is wrong
    corrupt_downlinks: int = 0
    #: downlinks whose header the radio cannot read
    bad_downlinks: int = 0
    #: downlinks that do not arrive
    lose_downlinks: int = 0
    #: downlinks that are the last one again, in place of what there is to say
    replay_downlinks: int = 0
    #: microseconds by which all downlinks come late, or early if negative
    late_us: int = 0
    #: from and to, in seconds of the network's time since its start: nothing is heard either way
    outages: list[tuple[float, float]] = field(default_factory=list)

    def take(self, name: str) -> bool:
        """Whether this happens now, once less from here on."""
        left: int = getattr(self, name)
        if left > 0:
            setattr(self, name, left - 1)
        return left > 0

    def silent(self, seconds: float) -> bool:
        """Whether the air is dead then."""
        return any(start <= seconds < end for start, end in self.outages)
