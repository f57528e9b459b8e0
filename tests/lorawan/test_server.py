# SPDX-License-Identifier: Apache-2.0
"""What the network does with frames, and the wrong things that it does when it is told to."""

import pytest

from lorawan_server import US915, NetworkServer
from lorawan_server.crypto import Direction
from lorawan_server.errors import FrameError
from lorawan_server.frames import DataFrame, JoinRequest
from lorawan_server.mac_commands import Cid, MacCommand, link_adr_request, parse
from lorawan_server.radio import Channel, transmission
from node import APP_KEY, Node


@pytest.fixture
def node() -> Node:
    return Node(NetworkServer())


@pytest.fixture
def joined(node: Node) -> Node:
    assert node.join() is not None
    return node


def test_a_device_joins_and_is_heard(joined: Node) -> None:
    assert joined.send(1, b"hello") is None
    (uplink,) = joined.device.uplinks
    assert (uplink.port, uplink.payload, uplink.data_rate) == (1, b"hello", 5)
    assert joined.server.rejected == []


def test_a_used_dev_nonce_is_refused(joined: Node) -> None:
    assert joined.join(nonce=1) is None
    assert joined.server.rejected == ["join: DevNonce 1 is used"]
    assert joined.join(nonce=2) is not None


def test_a_wrong_key_is_refused(node: Node) -> None:
    assert node.join(key=APP_KEY[::-1]) is None
    assert node.server.rejected == ["join: the MIC is not of the device's key"]
    assert node.device.joins == []


def test_an_unknown_device_is_refused(node: Node) -> None:
    node.transmit(JoinRequest(1, 2, 3).encode(APP_KEY))
    assert "unknown device 0000000000000002" in node.server.rejected[0]


def test_joins_are_refused_as_often_as_told(node: Node) -> None:
    node.device.faults.refuse_joins = 2
    assert [node.join() is not None for _ in range(3)] == [False, False, True]


def test_answers_with_a_wrong_key_when_told(node: Node) -> None:
    node.device.faults.wrong_key_joins = 1
    with pytest.raises(FrameError, match="not this key's"):
        node.join()
    assert node.device.session is None
    assert node.join() is not None


def test_replays_a_join_accept_when_told(joined: Node) -> None:
    before = joined.device.last_accept
    joined.device.faults.replay_joins = 1
    joined.join()
    assert joined.heard is not None
    assert joined.heard.payload == before
    joined.join()
    assert joined.heard.payload != before


def test_replays_a_downlink_when_told(joined: Node) -> None:
    joined.device.send(10, b"once")
    joined.send(1, b"")
    assert joined.heard is not None
    before = joined.heard.payload
    joined.device.faults.replay_downlinks = 1
    joined.device.send(10, b"later")
    joined.send(1, b"")
    assert joined.heard.payload == before
    joined.send(1, b"")
    assert joined.heard.payload != before


@pytest.mark.parametrize("late_us", [-20_000, 20_000])
def test_downlinks_come_late_or_early_when_told(node: Node, late_us: int) -> None:
    node.device.faults.late_us = late_us
    node.join()
    assert node.heard is not None
    sent = transmission(node.channel, node.now_us, bytes(23))
    assert node.heard.start_us == sent.end_us + 5_000_000 + late_us


@pytest.mark.parametrize(("window", "start_s", "factor"), [(1, 5, 7), (2, 6, 12)])
def test_join_accept_comes_in_the_wanted_window(
    node: Node, window: int, start_s: int, factor: int
) -> None:
    node.device.window = window
    node.join()
    assert node.heard is not None
    sent = transmission(node.channel, node.now_us, bytes(23))
    assert node.heard.start_us == sent.end_us + start_s * 1_000_000
    assert node.heard.channel.spreading_factor == factor
    assert node.heard.channel.frequency == (868_100_000, 869_525_000)[window - 1]
    assert node.heard.channel.inverted


def test_confirmed_uplinks_are_acknowledged_and_repetitions_counted_once(joined: Node) -> None:
    frame = joined.frame(2, b"important", confirmed=True)
    for _ in range(3):
        answer = joined.open(joined.transmit(frame))
        assert answer is not None
        assert answer.ack
    assert len(joined.device.uplinks) == 1
    assert joined.device.repetitions == 2


def test_an_old_counter_and_a_wrong_mic_are_refused(joined: Node) -> None:
    first = joined.frame(1, b"a")
    joined.transmit(first)
    joined.send(1, b"b")
    joined.transmit(first)
    joined.transmit(joined.frame(1, b"c")[:-1] + b"\0")
    assert len(joined.device.uplinks) == 2
    assert len(joined.server.rejected) == 2
    assert all("wrong" in reason for reason in joined.server.rejected)


def test_counters_go_on_over_16_bits(joined: Node) -> None:
    session = joined.device.session
    assert session is not None
    session.next_up = joined.fcnt = 65530
    for _ in range(12):
        joined.send(1, b"x")
        joined.fcnt += 3
    assert [uplink.fcnt for uplink in joined.device.uplinks] == list(range(65530, 65578, 4))
    session.next_down = 0x1FFFF
    joined.device.send(9, b"secret")
    frame = joined.frame()
    heard = joined.transmit(frame)
    assert heard is not None
    opened = DataFrame.decode(heard.payload).opened(heard.payload, joined.keys, 0x1FFFF)
    assert opened is not None
    assert opened.payload == b"secret"


def test_downlinks_wait_for_uplinks_and_say_that_more_wait(joined: Node) -> None:
    joined.device.send(10, b"one")
    joined.device.send(11, b"two")
    first, second, third = (joined.send() for _ in range(3))
    assert first is not None
    assert second is not None
    assert (first.port, first.payload, first.pending) == (10, b"one", True)
    assert (second.port, second.payload, second.pending) == (11, b"two", False)
    assert third is None


def test_confirmed_downlinks_are_repeated_until_acknowledged(joined: Node) -> None:
    downlink = joined.device.send(10, b"sure", confirmed=True)
    first, second = joined.send(), joined.send()
    assert first is not None
    assert second is not None
    assert first.confirmed
    assert (second.payload, second.fcnt) == (b"sure", first.fcnt + 1)
    assert joined.send(ack=True) is None
    assert downlink.acked
    assert downlink.attempts == 2


def test_a_payload_that_does_not_fit_waits_unless_told(joined: Node) -> None:
    joined.channel = Channel(868_100_000, 125_000, 12)
    downlink = joined.device.send(10, bytes(52))
    assert joined.send() is None
    downlink.oversize = True
    answer = joined.send()
    assert answer is not None
    assert len(answer.payload) == 52


def test_link_check_and_time_are_answered(joined: Node) -> None:
    answer = joined.answer(MacCommand(Cid.LINK_CHECK), MacCommand(Cid.DEVICE_TIME))
    assert answer is not None
    check, time = parse(Direction.DOWN, answer.options)
    # 7 dB above a floor of -7.5 dB
    assert check.content == bytes([14, 1])
    sent = transmission(joined.channel, joined.now_us, bytes(16))
    gps_s, gps_us = divmod(joined.server.gps_us(sent.end_us), 1_000_000)
    assert int.from_bytes(time.content[:4], "little") == gps_s
    assert time.content[4] == gps_us * 256 // 1_000_000
    # 2026-01-01 in GPS seconds: 16797 days, and 18 leap seconds
    assert joined.server.gps_us(0) == (16797 * 86400 + 18) * 1_000_000


def test_clock_synchronisation_is_answered(joined: Node) -> None:
    answer = joined.send(202, b"\x01\0\0\0\0\x05")
    assert answer is not None
    correction = int.from_bytes(answer.payload[1:5], "little", signed=True)
    assert answer.port == 202
    assert correction == joined.server.gps_us(0) // 1_000_000 + 120
    assert answer.payload[5] == 5
    joined.send(202, b"nonsense")
    assert "clock" in joined.server.rejected[0]


def test_adr_asks_for_the_rate_that_the_signal_allows(joined: Node) -> None:
    joined.device.adr_max_data_rate, joined.device.adr_history = 5, 4
    joined.channel = Channel(868_100_000, 125_000, 12)
    answers = [joined.send(adr=True) for _ in range(4)]
    assert answers[:3] == [None] * 3
    assert answers[3] is not None
    # 7 dB are 27 above SF12's floor: 17 more than the margin, 5 steps of 3 dB
    assert parse(Direction.DOWN, answers[3].options) == [link_adr_request(5, 0, 0x0007)]
    joined.answer(MacCommand(Cid.LINK_ADR, b"\x07"))
    assert joined.device.adr_answers == [7]


def test_status_is_kept(joined: Node) -> None:
    joined.answer(MacCommand(Cid.DEV_STATUS, bytes([200, 0x3B])))
    assert joined.device.status == (200, -5)


def test_an_unknown_command_does_not_cost_the_frame(joined: Node) -> None:
    joined.send(1, b"data", options=b"\x70\x01")
    assert joined.device.uplinks[0].payload == b"data"
    assert "0x70" in joined.server.rejected[0]


def test_more_commands_than_fit_are_sent_later(joined: Node) -> None:
    for _ in range(4):
        joined.device.request(link_adr_request(5, 0, 7))
    first, second = joined.send(), joined.send()
    assert first is not None
    assert second is not None
    assert (len(first.options), first.pending) == (15, True)
    assert (len(second.options), second.pending) == (5, False)


def test_faults_are_used_up(joined: Node) -> None:
    joined.device.faults.lose_uplinks = 1
    joined.device.faults.lose_downlinks = 1
    joined.device.faults.corrupt_downlinks = 2
    assert joined.send(confirmed=True) is None
    assert joined.device.uplinks == []
    # both at once: lost
    assert joined.send(confirmed=True) is None
    heard = joined.transmit(joined.frame(confirmed=True))
    assert heard is not None
    frame = DataFrame.decode(heard.payload)
    assert frame.opened(heard.payload, joined.keys, frame.fcnt) is None
    assert joined.send(confirmed=True) is not None


def test_nothing_is_heard_in_an_outage(joined: Node) -> None:
    joined.device.faults.outages.append((joined.now_us / 1e6, joined.now_us / 1e6 + 150))
    assert [joined.send(confirmed=True) is None for _ in range(3)] == [True, True, False]
    assert len(joined.device.uplinks) == 1


def test_any_frame_leaves_the_server_standing(joined: Node) -> None:
    for frame in (b"", b"\0" * 5, b"\x60" + bytes(11), b"\x40" + bytes(11), b"\xe0" * 40):
        assert joined.transmit(frame) is None
    assert len(joined.server.rejected) == 5


def test_us915_answers_on_its_own_channels() -> None:
    node = Node(NetworkServer(US915))
    node.channel = Channel(904_300_000, 125_000, 10)
    assert node.join() is not None
    assert node.heard is not None
    channel = node.heard.channel
    assert (channel.frequency, channel.rate, channel.spreading_factor) == (
        *(924_500_000, 500_000, 10),
    )
