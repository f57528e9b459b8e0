# SPDX-License-Identifier: Apache-2.0
"""The firmware on a network that does wrong, and with keys that are."""

from collections.abc import Callable

import pytest
from street import IDENTITY, INTERVAL_KEY, RATE, SETTINGS_PORT, Street, logged, when


def test_a_wrong_key_joins_no_network(street: Street) -> None:
    street.provision(IDENTITY._replace(app_key=bytes(16)))
    outcome = street.run(300)

    assert not street.device.uplinks
    refused = [text for text in street.server.rejected if "MIC" in text]
    assert len(refused) >= 3
    assert logged(outcome, "Could not join: no answer") == len(refused)
    # the keys are mended: the next request is taken, whatever went before
    street.provision()
    street.run(60)
    assert street.device.uplinks


def test_a_join_that_is_refused_is_asked_for_again_later_and_louder(street: Street) -> None:
    street.faults.refuse_joins = 3
    outcome = street.run(400)

    rates = [
        line.rsplit(" ", 1)[1] for line in outcome.log if "Join request" in line and "DR" in line
    ]
    assert rates == ["DR5", "DR4", "DR3", "DR2"]
    assert logged(outcome, "Joined") == 1
    assert len({join.dev_nonce for join in street.device.joins}) == 4


def test_a_join_accept_with_another_key_is_refused(street: Street) -> None:
    street.faults.wrong_key_joins = 2
    outcome = street.run(300)

    assert logged(outcome, "Could not join: the join accept is not valid") == 2
    assert logged(outcome, "Joined") == 1


def test_a_lost_network_is_found_again(street: Street) -> None:
    street.faults.outages.append((100.0, 900.0))
    street.faults.replay_joins = 1
    outcome = street.run(2400)

    # asked every 16 frames, then with every frame, 4 times
    assert logged(outcome, "went unanswered") == 4
    assert logged(outcome, "The network is lost") == 1
    # the old join accept again: its keys would fit nothing
    assert logged(outcome, "Could not join: the join accept is not valid") == 1
    assert logged(outcome, "Joined") == 2
    assert not street.server.rejected
    assert street.device.uplinks[-1].time_s > 2300
    # records that waited are not lost while there is room for them
    first = next(up for up in street.device.uplinks if up.time_s > 900)
    assert first.payload[0] & 8


@pytest.mark.parametrize("late_ms", [-20, 20])
def test_windows_forgive_what_clocks_are_off(street: Street, late_ms: int) -> None:
    street.faults.late_us = late_ms * 1000
    street.run(35)

    assert len(street.device.joins) == 1
    assert len(street.device.uplinks) > 2


def test_windows_do_not_forgive_one_percent(street: Street) -> None:
    """An RC oscillator, at the first window of a join: why no board has one for its clock."""
    street.faults.late_us = 50_000
    outcome = street.run(35)

    assert logged(outcome, "Could not join: no answer") >= 1
    assert not street.device.uplinks


def send_corrupt(street: Street) -> None:
    street.faults.corrupt_downlinks = 1
    street.device.send(SETTINGS_PORT, bytes([0x80 | INTERVAL_KEY]))


def send_elsewhere(street: Street) -> None:
    street.device.send(77, b"\x01\x02")


def send_too_much(street: Street) -> None:
    street.device.send(SETTINGS_PORT, bytes(230)).oversize = True


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (send_corrupt, "its MIC is wrong"),
        (send_elsewhere, "Nobody listens on port 77"),
        (send_too_much, "it is malformed"),
    ],
)
def test_a_bad_downlink_is_told_of_and_survived(
    street: Street, spoil: Callable[[Street], object], message: str
) -> None:
    # at DR2, whose downlinks take 51 bytes
    street.faults.refuse_joins = 3
    when(street, 2, lambda: spoil(street))
    outcome = street.run(400)

    assert logged(outcome, message) == 1
    assert len(street.device.uplinks) > 10
    assert street.device.uplinks[-1].time_s > 380
    assert not street.device.on_port(SETTINGS_PORT)


def test_settings_out_of_range_are_answered_and_change_nothing(street: Street) -> None:
    # interval_s = 1; an unknown key; one that is cut off
    when(street, 2, lambda: street.device.send(10, bytes([1, 0, 1, 99, 0, 0, 1, 0])))
    outcome = street.run(65)

    (answer,) = street.device.on_port(SETTINGS_PORT)
    assert answer.payload == bytes([0x10, 1, 2, 99, 1, 1, 3])
    assert {line["samples"] for line in outcome.of_type("summary")[:-1]} == {10 * RATE}


def test_without_keys_nothing_is_sent(street: Street) -> None:
    street.provision(None)
    outcome = street.run(35)

    assert logged(outcome, "Keys are missing") == 1
    assert not street.air.sent
    assert len(outcome.of_type("summary")) == 4
