# SPDX-License-Identifier: Apache-2.0
"""The firmware on a network: joins, frames, downlinks, resets."""

import random

import pytest
import zephyr
from street import INTERVAL_KEY, RATE, SETTINGS, SETTINGS_PORT, Street, logged, when

from lorawan_server import Uplink
from lorawan_server.mac_commands import Cid
from soundpost.models.model import DEFAULT_MODEL, Model
from soundpost.sensor import Sensor

#: a write of the frame counter reserves so many
RESERVED = 32
SUMMARY = 1

everywhere = pytest.mark.parametrize("street", zephyr.BOARDS, indirect=True)
where_flash_lasts = pytest.mark.parametrize("street", zephyr.NATIVE, indirect=True)


@everywhere
def test_frames_are_those_of_listen(street: Street) -> None:
    outcome = street.run(95)

    sent = [(frame["port"], frame["hex"]) for frame in outcome.of_type("frame")]
    arrived = [(up.port, up.payload.hex()) for up in street.device.uplinks]
    assert arrived == sent
    assert not street.server.rejected

    sensor = Sensor(Model.find(DEFAULT_MODEL), SETTINGS)
    lines = (b"".join(sensor.lines(street.noise(95))) + sensor.finish()).decode().splitlines()
    listen = zephyr.Outcome(0, "\n".join(lines)).of_type("frame")
    # flags and minute tell the time, which only the firmware knows
    assert [hexes[8:] for _, hexes in sent] == [frame["hex"][8:] for frame in listen]
    assert len(listen) == 10


def test_the_network_tells_the_time(street: Street) -> None:
    outcome = street.run(65)

    first, *later = (up.payload for up in street.device.on_port(SUMMARY))
    assert first[0] & 4 == 0
    assert all(payload[0] & 4 for payload in later)
    epoch_min = street.server.epoch.timestamp() // 60
    assert int.from_bytes(later[0][1:3], "big") == epoch_min % 65536
    assert logged(outcome, "The time is") == 1


def test_the_clock_service_tells_the_time_where_the_mac_does_not(street: Street) -> None:
    def forget(_: Uplink) -> None:
        commands = street.device.commands
        commands[:] = [command for command in commands if command.cid is not Cid.DEVICE_TIME]

    street.device.on_uplink = forget
    outcome = street.run(95)

    asked = [
        up for up in street.device.uplinks if any(c.cid is Cid.DEVICE_TIME for c in up.commands)
    ]
    assert len(asked) == 3
    (request,) = street.device.on_port(202)
    assert len(request.payload) == 6
    (told,) = (line for line in outcome.log if "The time is" in line)
    # to the second in which the request was on the air
    now = street.server.epoch.timestamp() + request.time_s
    assert abs(int(told.rsplit(" ", 1)[1]) - now) <= 3
    assert street.device.uplinks[-1].payload[0] & 4


def test_questions_of_the_clock_service_are_answered(street: Street) -> None:
    # PackageVersionReq, DeviceAppTimePeriodicityReq, and then a command that there is not
    when(street, 2, lambda: street.device.send(202, bytes([0, 2, 5])))
    when_next = street.device.on_uplink
    assert when_next is not None

    def look(uplink: Uplink) -> None:
        when_next(uplink)
        if len(street.device.uplinks) == 5:
            street.device.send(202, b"\x17")

    street.device.on_uplink = look
    # the server knows requests alone
    outcome = street.run(95)

    assert logged(outcome, "Could not take a downlink of the clock") == 1
    (answer,) = street.device.on_port(202)
    assert answer.payload[:5] == bytes([0, 1, 1, 2, 1])
    assert len(answer.payload) == 9


@everywhere
def test_a_downlink_sets_the_interval(street: Street) -> None:
    when(street, 2, lambda: street.device.send(10, bytes([INTERVAL_KEY, 0, 20])))
    outcome = street.run(65)

    (answer,) = street.device.on_port(SETTINGS_PORT)
    assert answer.payload == bytes([0x10, INTERVAL_KEY, 0])
    samples = [line["samples"] for line in outcome.of_type("summary")[:-1]]
    assert samples[:1] == [10 * RATE]
    assert samples[-1:] == [20 * RATE]


def test_a_downlink_sets_the_interval_for_good(street: Street) -> None:
    when(street, 2, lambda: street.device.send(10, bytes([INTERVAL_KEY, 0, 20])))
    street.run(35)

    outcome = street.run(65)
    assert {line["samples"] for line in outcome.of_type("summary")[:-1]} == {20 * RATE}


def test_a_confirmed_downlink_is_acknowledged(street: Street) -> None:
    sent = []
    ask = bytes([0x80 | INTERVAL_KEY])
    when(street, 2, lambda: sent.append(street.device.send(10, ask, confirmed=True)))
    street.run(65)

    assert sent[0].acked
    assert sent[0].attempts == 1
    assert street.device.on_port(SETTINGS_PORT)[0].payload == bytes([0x10, 0x81, 0, 10])


@where_flash_lasts
def test_a_reset_keeps_session_and_counters(street: Street) -> None:
    street.run(100)
    before = street.device.uplinks[-1].fcnt
    outcome = street.run(100)

    assert logged(outcome, "goes on") == 1
    assert len(street.device.joins) == 1
    assert not street.server.rejected
    counters = [up.fcnt for up in street.device.uplinks]
    assert counters == sorted(set(counters))
    after = counters[counters.index(before) + 1]
    assert before < after <= before + RESERVED + 1


def test_no_counter_is_used_twice_wherever_power_is_cut(street: Street) -> None:
    chance = random.Random(4)
    # before the first request, before its answer, twice between the first frame and the second, and
    # then anywhere
    for after_s in (0.5, 3.0, 4.0, 6.0, 12.0, 12.0, *(100 * chance.random() for _ in range(20))):
        street.start(100, f"--stop_at={after_s}")
    street.run(60)

    # the server refuses a DevNonce or a frame counter that it had before; the same bytes it counts
    assert not street.server.rejected
    assert not street.device.repetitions
    nonces = [join.dev_nonce for join in street.device.joins]
    assert nonces == sorted(set(nonces))
    assert len(nonces) > 1
    assert len(street.device.uplinks) > 10


@pytest.mark.parametrize("writes", [1, 4, 7, 10])
def test_keys_never_meet_the_counters_of_others(street: Street, writes: int) -> None:
    """The power fails as a session is kept, with 10 writes to flash, in the place of another."""
    street.run(30)
    street.faults.outages.append((street.now_s, street.now_s + 205))
    street.run(260, f"--power-cut-after=lorawan/session:{writes}")
    assert len(street.device.joins) == 2
    outcome = street.run(60)

    assert logged(outcome, "goes on") == (writes == 10)
    assert not street.server.rejected
    assert logged(outcome, "Refused a downlink") == 0
    assert len(street.device.on_port(SUMMARY)) > 5


def test_what_was_taken_before_a_reset_is_not_taken_again(street: Street) -> None:
    when(street, 2, lambda: street.device.send(10, bytes([INTERVAL_KEY, 0, 20])))
    street.run(35)
    assert len(street.device.on_port(SETTINGS_PORT)) == 1
    street.faults.replay_downlinks = 1
    outcome = street.run(45)
    assert logged(outcome, "Refused a downlink: its counter was used before") == 1
    assert len(street.device.on_port(SETTINGS_PORT)) == 1

    street.faults.outages.append((street.now_s, street.now_s + 500))
    street.faults.replay_joins = 1
    outcome = street.run(900)
    assert logged(outcome, "Could not join: the join accept is not valid") == 1
    assert logged(outcome, "Joined") == 1
    assert not street.server.rejected


def test_link_checks_are_asked_for_and_answered(street: Street) -> None:
    outcome = street.run(350)

    asked = [
        up for up in street.device.uplinks if any(c.cid is Cid.LINK_CHECK for c in up.commands)
    ]
    assert [street.device.uplinks.index(up) for up in asked] == [15, 31]
    assert logged(outcome, "unanswered") == 0


def test_adr_is_followed_and_kept(street: Street) -> None:
    street.device.adr_max_data_rate = 5
    street.device.adr_history = 3
    street.faults.refuse_joins = 4
    street.run(700)
    rates = [up.data_rate for up in street.device.uplinks]
    assert rates[0] < 5
    assert rates[-1] == 5
    assert set(street.device.adr_answers) == {7}

    street.run(60)
    assert street.device.uplinks[-1].data_rate == 5
    assert len({join.dev_nonce for join in street.device.joins}) == 5


def test_airtime_counts_over_a_reset(street: Street) -> None:
    # 3 s a day: at 61.7 ms a frame, and an eighth of it reserved
    street.provision(airtime_budget_ds=30)
    for _ in range(4):
        street.run(200)

    airtime_s = sum(frame.end_us - frame.start_us for frame in street.air.sent) / 1e6
    assert airtime_s <= 3.0
    assert len(street.device.uplinks) > 20
