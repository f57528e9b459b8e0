# SPDX-License-Identifier: Apache-2.0
"""What is in a rendered scene, for people (Audacity) and for machines (JSON)."""

import json
from dataclasses import asdict, dataclass

from soundpost import __version__
from soundpost.synth.dsp import RATE
from soundpost.synth.scene import Scene


@dataclass(frozen=True)
class Timeline:
    """A rendered scene's truth.

    Attributes:
        scene: what was rendered.
        samples: length of the sound.
        laeq_db: LAeq of the whole, events and background, dB.
        headroom_db: from its highest peak to digital full scale, dB.
    """

    scene: Scene
    samples: int
    laeq_db: float
    headroom_db: float

    def labels(self) -> str:
        """The label track that Audacity opens: start, end (s) and class, with tabs between."""
        ordered = sorted(self.scene.events, key=lambda event: (event.start_s, event.end_s))
        return "".join(f"{e.start_s:.6f}\t{e.end_s:.6f}\t{e.class_name}\n" for e in ordered)

    def json(self) -> str:
        """All of it as JSON."""
        scene = asdict(self.scene)
        return (
            json.dumps(
                {
                    "version": 1,
                    "made_by": f"soundpost {__version__}",
                    "sample_rate": RATE,
                    "samples": self.samples,
                    "laeq_db": round(self.laeq_db, 2),
                    "headroom_db": round(self.headroom_db, 2),
                    **scene,
                },
                indent=2,
            )
            + "\n"
        )
