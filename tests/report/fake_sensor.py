# SPDX-License-Identifier: Apache-2.0
"""What a sensor might say of a street: records of the sensor's JSONL, made up but consistent."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

RATE = 16000
HOP, BANDS, WINDOW = 512, 60, 31
CLASSES = (
    "air_conditioner",
    "car_horn",
    "children_playing",
    "dog_bark",
    "drilling",
    "engine_idling",
    "gun_shot",
    "jackhammer",
    "siren",
    "street_music",
)
SOUNDS = ((8, 11.0, 19.5, 24), (1, 26.0, 28.2, 22), (7, 36.0, 52.0, 30), (3, 57.0, 60.1, 16))
SOUNDS += ((6, 66.0, 67.4, 34), (5, 71.0, 90.0, 12), (4, 95.0, 106.0, 26), (9, 107.5, 116.0, 14))
PERIOD_S = 120.0
BAND_HZ = [float(hz) for hz in 700 * (10 ** (np.linspace(85, 2840, BANDS) / 2595) - 1)]


def labels(seconds: float) -> list[tuple[float, float, str]]:
    """The label track of the same street."""
    return [(a, b, CLASSES[c]) for c, a, b, _ in SOUNDS if b <= seconds]


def _loudness(t: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    level = 52 + 2 * np.sin(t / 9) + np.random.default_rng(1).normal(0, 0.6, len(t))
    for c, a, b, gain in SOUNDS:
        inside = (t % PERIOD_S >= a) & (t % PERIOD_S < b)
        wobble = 2.5 * np.sin(2 * np.pi * t * (0.4 if c == 8 else 2.3))
        level = np.where(inside, 52 + gain + wobble, level)
    return level


def columns(seconds: float) -> npt.NDArray[np.int8]:
    """Log-mel columns, shape (n, BANDS)."""
    t = np.arange(int(seconds * RATE) // HOP) * HOP / RATE
    random = np.random.default_rng(2)
    image = random.normal(-30, 5, (len(t), BANDS)) - np.linspace(0, 40, BANDS)
    bands = np.arange(BANDS)
    for c, a, b, gain in SOUNDS:
        inside = ((t % PERIOD_S >= a) & (t % PERIOD_S < b))[:, None]
        centre = 30 + (14 * np.sin(2 * np.pi * t * 0.4) if c == 8 else np.full(len(t), 4 * c - 12))
        width = 2.5 if c in (1, 8) else 16
        shape = np.exp(-(((bands - centre[:, None]) / width) ** 2))
        image += inside * shape * (2.6 * gain + random.normal(0, 4, (len(t), BANDS)))
    return np.clip(np.round(image), -128, 127).astype(np.int8)


def records(
    seconds: float, interval_s: float = 30.0, classes: tuple[str, ...] = CLASSES
) -> Iterator[dict[str, Any]]:
    """All records of a run, in the order in which a sensor gives them."""
    yield {
        "type": "start",
        "version": "0.1.0",
        "model": "stride_ds_24",
        "classes": list(classes),
        "hop": HOP,
        "bands": BANDS,
        "window": WINDOW,
    }
    end = int(seconds * RATE)
    laf = _loudness(np.arange(1, end // 2000 + 1) / 8)
    window_hop = 16 * HOP
    pending: list[tuple[int, dict[str, Any]]] = []
    for lap in range(int(seconds // PERIOD_S) + 1):
        for c, a, b, gain in SOUNDS:
            stop = int((lap * PERIOD_S + b + 0.7) * RATE)
            event = {
                "type": "event",
                "t": stop,
                "class": classes[c],
                "confidence": 0.61 + 0.03 * c,
                "start": int((lap * PERIOD_S + a) * RATE),
                "duration": int((b - a) * RATE),
                "lafmax": round(54.5 + gain, 2),
                "lae": round(52 + gain + 10 * np.log10(b - a), 2),
            }
            if stop <= end:
                pending.append((stop, event))
                payload = bytes([0x10, c << 4 | 9, int(2 * event["lafmax"]), lap % 256])
                pending.append((stop, _frame(stop, 2, payload, 46336)))
    for at, level in enumerate(laf):
        t = 2000 * (at + 1)
        value = None if at == 0 else round(float(level), 2)
        pending.append((t, {"type": "level", "t": t, "laf": value, "lafmax": value}))
    for t in range(WINDOW * HOP, end + 1, window_hop):
        pending.append((t, _window(t, classes)))
    for t in range(int(interval_s * RATE), end + 1, int(interval_s * RATE)):
        part = laf[(t - int(interval_s * RATE)) // 2000 : t // 2000]
        pending.append((t, _summary(t, interval_s, part, classes)))
        payload = bytes(
            [0x10, t // 960000 % 256, 0xFE, int(2 * part.max()), 0, 9, 17, 3, 5, 6, 7, 8]
        )
        pending.append((t, _frame(t, 1, payload, 61696)))
    yield from (record for _, record in sorted(pending, key=lambda item: item[0]))


def _frame(t: int, port: int, payload: bytes, airtime_us: int) -> dict[str, Any]:
    return {
        "type": "frame",
        "t": t,
        "port": port,
        "hex": payload.hex(),
        "dr": 5,
        "airtime_us": airtime_us,
    }


def _window(t: int, classes: tuple[str, ...]) -> dict[str, Any]:
    middle = (t - WINDOW * HOP / 2) / RATE % PERIOD_S
    heard = [c for c, a, b, _ in SOUNDS if a <= middle < b]
    if not heard and middle < 8:
        return {"type": "silence", "t": t}
    scores = [6] * len(classes)
    if heard:
        scores[heard[0]] = 200
    return {
        "type": "scores",
        "t": t,
        "class": classes[heard[0]] if heard else "unknown",
        "confidence": max(scores) / 256,
        "scores": scores,
        "smoothed": scores,
    }


def _summary(
    t: int, interval_s: float, laf: npt.NDArray[np.float64], classes: tuple[str, ...]
) -> dict[str, Any]:
    begin = t / RATE - interval_s
    active = {
        classes[c]: round(max(min(b, begin + interval_s) - max(a, begin), 0.0), 2)
        for c, a, b, _ in SOUNDS
        for a, b in [(a + begin // PERIOD_S * PERIOD_S, b + begin // PERIOD_S * PERIOD_S)]
    }
    laeq = float(10 * np.log10(np.mean(10 ** (laf / 10))))
    top = max(active, key=lambda name: active[name])
    return {
        "type": "summary",
        "t": t,
        "samples": int(interval_s * RATE),
        "laeq": round(laeq, 2),
        "lafmax": round(float(laf.max()), 2),
        "lafmin": round(float(laf.min()), 2),
        "laf10": round(float(np.percentile(laf, 90)), 2),
        "laf50": round(float(np.percentile(laf, 50)), 2),
        "laf90": round(float(np.percentile(laf, 10)), 2),
        "lceq": round(laeq + 3.1, 2),
        "lzeq": round(laeq + 4.2, 2),
        "octaves": [round(laeq - d, 2) for d in (14, 9, 5, 4.5, 6, 6.5, 9, 15)],
        "overload": t == int(interval_s * RATE) * 2,
        "under_range": False,
        "top_class": top if active[top] else "unknown",
        "confidence": 0.8,
        "events": sum(begin <= a < begin + interval_s for _, a, _, _ in SOUNDS),
        "active": {name: value for name, value in active.items() if value},
    }
