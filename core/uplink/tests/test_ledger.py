# SPDX-License-Identifier: Apache-2.0
"""The ledger against a referee that looks at every window of an hour and of 24 hours."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from soundpost._core import ffi, lib

deterministic = settings(derandomize=True, deadline=None, max_examples=150)
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
Sent = list[tuple[int, int]]


def busiest_us(sent: Sent, window_ms: int) -> int:
    """Most airtime in any window; it is reached by one that begins or ends with a frame."""
    frames = [(1000 * begin, 1000 * begin + airtime) for begin, airtime in sent]
    window = 1000 * window_ms
    starts = [begin for begin, _ in frames] + [end - window for _, end in frames]
    return max(
        (
            sum(max(0, min(end, at + window) - max(begin, at)) for begin, end in frames)
            for at in starts
        ),
        default=0,
    )


def limits_of(hour_us: int, day_us: int) -> Any:
    return ffi.new("struct sp_airtime_limits *", {"hour_us": hour_us, "day_us": day_us})


def new_ledger() -> Any:
    ledger = ffi.new("struct sp_ledger *")
    lib.sp_ledger_init(ledger)
    return ledger


# gaps between attempts that fall on, before and after the borders of buckets and windows
gaps = st.one_of(
    st.integers(0, 5000),
    st.integers(0, 4_000_000),
    st.sampled_from([150_000, HOUR_MS, DAY_MS, DAY_MS + HOUR_MS]).flatmap(
        lambda ms: st.integers(max(ms - 3000, 0), ms + 3000)
    ),
)


@deterministic
@given(
    st.integers(3_000_000, 40_000_000),
    st.integers(3_000_000, 90_000_000),
    st.lists(st.tuples(gaps, st.integers(1, 3_000_000), st.booleans()), max_size=60),
)
def test_no_window_exceeds_its_limit(
    hour_us: int, day_us: int, attempts: list[tuple[int, int, bool]]
) -> None:
    ledger, limits, now, sent = new_ledger(), limits_of(hour_us, day_us), 0, Sent()
    for gap, airtime, patient in attempts:
        now += gap
        wait = lib.sp_ledger_wait_ms(ledger, limits, now, airtime)
        assert 0 <= wait <= DAY_MS + HOUR_MS
        if wait > 0 and patient:
            assert lib.sp_ledger_wait_ms(ledger, limits, now + wait - 1, airtime) == 1
            now += wait
            wait = 0
            assert lib.sp_ledger_wait_ms(ledger, limits, now, airtime) == 0
        if wait == 0:
            lib.sp_ledger_record(ledger, now, airtime)
            sent.append((now, airtime))
    assert busiest_us(sent, HOUR_MS) <= hour_us
    assert busiest_us(sent, DAY_MS) <= day_us


def test_a_greedy_sender_gets_what_it_is_due() -> None:
    ledger, limits, now, sent = new_ledger(), limits_of(36_000_000, 2**32 - 1), 0, Sent()
    while now < 6 * HOUR_MS:
        wait = lib.sp_ledger_wait_ms(ledger, limits, now, 1_482_752)
        if wait == 0:
            lib.sp_ledger_record(ledger, now, 1_482_752)
            sent.append((now, 1_482_752))
        now += max(wait, 1)
    assert busiest_us(sent, HOUR_MS) <= 36_000_000
    # 24 frames fit 36 s; each burst is held against the sender up to 2.5 minutes too long
    assert sum(airtime for _, airtime in sent) > 6 * 0.9 * 34_000_000


def test_more_than_a_limit_is_never_allowed() -> None:
    ledger = new_ledger()
    assert lib.sp_ledger_wait_ms(ledger, limits_of(36_000_000, 1_000_000), 0, 1_000_001) < 0
    assert lib.sp_ledger_wait_ms(ledger, limits_of(1_000_000, 36_000_000), 0, 1_000_001) < 0
    assert lib.sp_ledger_wait_ms(ledger, limits_of(0, 0), 0, 1) < 0
    assert lib.sp_ledger_wait_ms(ledger, limits_of(2**32 - 1, 2**32 - 1), 0, 2**32 - 1) == 0


def test_a_limit_is_met_to_the_microsecond() -> None:
    ledger = new_ledger()
    lib.sp_ledger_record(ledger, 0, 20_000_000)
    for limits in (limits_of(30_000_000, 2**32 - 1), limits_of(2**32 - 1, 30_000_000)):
        assert lib.sp_ledger_wait_ms(ledger, limits, 60_000, 10_000_000) == 0
        assert lib.sp_ledger_wait_ms(ledger, limits, 60_000, 10_000_001) > 0


def test_frames_that_were_not_asked_for_saturate() -> None:
    ledger, limits = new_ledger(), limits_of(36_000_000, 30_000_000)
    for _ in range(3):
        lib.sp_ledger_record(ledger, 10, 2**32 - 1)
    assert ledger.day.bucket_us[0] == 2**32 - 1
    assert lib.sp_ledger_wait_ms(ledger, limits, 10_000_000, 1) == 25 * HOUR_MS - 10_000_000


def test_a_lowered_budget_holds_at_once() -> None:
    ledger = new_ledger()
    lib.sp_ledger_record(ledger, 0, 20_000_000)
    assert lib.sp_ledger_wait_ms(ledger, limits_of(36_000_000, 30_000_000), HOUR_MS, 1) == 0
    assert lib.sp_ledger_wait_ms(ledger, limits_of(36_000_000, 10_000_000), HOUR_MS, 1) > 0
