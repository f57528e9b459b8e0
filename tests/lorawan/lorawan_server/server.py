# SPDX-License-Identifier: Apache-2.0
"""A network server of class A, gateways included, that does as a test says."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from . import adr, clock_sync, crypto, mac_commands
from .device import Device, Downlink, Session, Uplink
from .errors import FrameError
from .frames import (
    MAX_OPTIONS,
    DataFrame,
    FrameType,
    JoinAccept,
    JoinRequest,
    frame_type,
    full_counter,
    join_request_is_from,
)
from .mac_commands import Cid, MacCommand
from .radio import Transmission, transmission
from .regions import EU868, SNR_FLOOR, Region

GPS_EPOCH = datetime(1980, 1, 6, tzinfo=UTC)
#: GPS time minus UTC since 2017
LEAP_SECONDS = 18
#: AS_CONF_RETRIES: a confirmed downlink is given up after so many
MAX_ATTEMPTS = 8


class NetworkServer:
    """Devices of one region, and what is said to them.

    The simulator's radio calls heard(); tests look at devices and at `rejected`. All of it is under
    `changed`, which is notified after every frame.
    """

    def __init__(
        self,
        region: Region = EU868,
        *,
        net_id: int = 0x13,
        rx_delay: int = 1,
        rx1_dr_offset: int = 0,
        epoch: datetime = datetime(2026, 1, 1, tzinfo=UTC),
        snr: int = 7,
        offers_time: bool = True,
    ) -> None:
        self.region = region
        self.net_id = net_id
        self.rx_delay = rx_delay
        self.rx1_dr_offset = rx1_dr_offset
        self.epoch = epoch
        #: dB, of every uplink
        self.snr = snr
        #: whether it answers those who ask for the time
        self.offers_time = offers_time
        self.devices: list[Device] = []
        #: why frames were not taken
        self.rejected: list[str] = []
        self.changed = threading.Condition()

    def add_device(self, dev_eui: int, join_eui: int, app_key: bytes) -> Device:
        """Let a device join."""
        device = Device(dev_eui, join_eui, app_key)
        self.devices.append(device)
        return device

    def wait_for(self, what: Callable[[], bool], timeout_s: float = 60.0) -> bool:
        """Wait, in real time, until a frame has made it true."""
        with self.changed:
            return self.changed.wait_for(what, timeout_s)

    def gps_us(self, time_us: int) -> int:
        """GPS time of a time since the network's start."""
        seconds = (self.epoch - GPS_EPOCH).total_seconds() + LEAP_SECONDS
        return round(seconds) * 1_000_000 + time_us

    def heard(self, uplink: Transmission, started_us: int = 0) -> list[Transmission]:
        """A frame of a device, which started at that time of the network's.

        Returns what is sent for it: one or no downlink, in the device's time.
        """
        with self.changed:
            try:
                downlink = self._answer(uplink, started_us)
            except FrameError as error:
                self.rejected.append(str(error))
                downlink = None
            self.changed.notify_all()
        return [] if downlink is None else [downlink]

    def _answer(self, uplink: Transmission, started_us: int) -> Transmission | None:
        kind = frame_type(uplink.payload)
        time_us = started_us + uplink.end_us
        if kind is FrameType.JOIN_REQUEST:
            return self._join(uplink, time_us)
        frame = DataFrame.decode(uplink.payload)
        if frame.direction is not crypto.Direction.UP:
            raise FrameError(f"a device sent a {kind.name}")
        for device in self.devices:
            if device.session is not None and device.session.dev_addr == frame.dev_addr:
                if self._deaf(device, time_us):
                    return None
                return self._data(device, device.session, frame, uplink, time_us)
        raise FrameError(f"no session has the address {frame.dev_addr:08x}")

    @staticmethod
    def _deaf(device: Device, time_us: int) -> bool:
        return device.faults.take("lose_uplinks") or device.faults.silent(time_us / 1e6)

    # joins

    def _join(self, uplink: Transmission, time_us: int) -> Transmission | None:
        request = JoinRequest.decode(uplink.payload)
        known = [device for device in self.devices if device.dev_eui == request.dev_eui]
        if not known or known[0].join_eui != request.join_eui:
            raise FrameError(f"join: unknown device {request.dev_eui:016x}")
        device = known[0]
        if self._deaf(device, time_us):
            return None
        if not join_request_is_from(device.app_key, uplink.payload):
            raise FrameError("join: the MIC is not of the device's key")
        if request.dev_nonce in device.used_nonces:
            raise FrameError(f"join: DevNonce {request.dev_nonce} is used")
        device.used_nonces.add(request.dev_nonce)
        device.joins.append(request)
        if device.faults.take("refuse_joins"):
            return None
        accept = self._accept(device, request)
        delay = self.region.join_delay
        return self._downlink(device, uplink, time_us, accept, delay, self._session_less())

    def _session_less(self) -> Session:
        """Windows of a device that has not joined."""
        region = self.region
        return Session(
            crypto.SessionKeys(b"", b""),
            0,
            rx2_data_rate=region.rx2_data_rate,
            rx2_frequency=region.rx2_frequency,
        )

    def _accept(self, device: Device, request: JoinRequest) -> bytes:
        """Open a session, and the bytes that tell of it, or what is sent in their place."""
        if device.last_accept and device.faults.take("replay_joins"):
            return device.last_accept
        device.join_nonce += 1
        address = (self.net_id & 0x7F) << 25 | (device.dev_eui & 0xFFFF) << 8
        address |= device.join_nonce & 255
        accept = JoinAccept(
            device.join_nonce,
            self.net_id,
            address,
            self.rx1_dr_offset,
            self.region.rx2_data_rate,
            self.rx_delay,
        )
        if device.faults.take("wrong_key_joins"):
            return accept.encode(bytes(byte ^ 0xFF for byte in device.app_key))
        keys = crypto.session_keys(
            device.app_key, device.join_nonce, self.net_id, request.dev_nonce
        )
        device.session = replace(
            self._session_less(),
            keys=keys,
            dev_addr=address,
            rx1_dr_offset=self.rx1_dr_offset,
            rx_delay=self.rx_delay,
        )
        device.snrs.clear()
        device.last_accept = accept.encode(device.app_key)
        return device.last_accept

    # data

    def _data(
        self,
        device: Device,
        session: Session,
        frame: DataFrame,
        uplink: Transmission,
        time_us: int,
    ) -> Transmission | None:
        if uplink.payload == session.last:
            device.repetitions += 1
            # the answer to the first was lost
            return self._reply(device, session, frame, uplink, time_us)
        fcnt = full_counter(frame.fcnt, session.next_up)
        opened = frame.opened(uplink.payload, session.keys, fcnt)
        if opened is None:
            raise FrameError(f"data: MIC or counter {frame.fcnt} is wrong")
        session.next_up, session.last = fcnt + 1, uplink.payload
        device.snrs.append(uplink.snr)
        commands = self._commands(opened)
        heard = Uplink(
            fcnt,
            opened.port,
            opened.payload,
            self.region.data_rate(uplink.channel),
            time_us / 1e6,
            opened.confirmed,
            opened.ack,
            opened.adr,
            opened.adr_ack_request,
            tuple(commands),
        )
        device.uplinks.append(heard)
        self._acknowledged(device, opened.ack)
        for command in commands:
            self._command(device, session, command, uplink, time_us)
        if heard.port == clock_sync.PORT and self.offers_time:
            self._clock(device, heard.payload, time_us)
        adr.look(device, self.region, heard)
        if device.on_uplink is not None:
            device.on_uplink(heard)
        return self._reply(device, session, opened, uplink, time_us)

    def _commands(self, frame: DataFrame) -> list[MacCommand]:
        raw = frame.payload if frame.port == 0 else frame.options
        try:
            return mac_commands.parse(frame.direction, raw)
        except FrameError as error:
            # the frame itself is good
            self.rejected.append(str(error))
            return []

    @staticmethod
    def _acknowledged(device: Device, ack: bool) -> None:
        downlink, device.unacknowledged = device.unacknowledged, None
        if downlink is None:
            return
        downlink.acked = ack
        if not ack and downlink.attempts < MAX_ATTEMPTS:
            device.waiting.insert(0, downlink)

    def _command(
        self,
        device: Device,
        session: Session,
        command: MacCommand,
        uplink: Transmission,
        time_us: int,
    ) -> None:
        match command.cid:
            case Cid.LINK_CHECK:
                floor = SNR_FLOOR.get(uplink.channel.spreading_factor, 0.0)
                answer = mac_commands.link_check_answer(round(uplink.snr - floor), 1)
                device.commands.append(answer)
            case Cid.DEVICE_TIME if self.offers_time:
                device.commands.append(mac_commands.device_time_answer(self.gps_us(time_us)))
            case Cid.LINK_ADR:
                device.adr_answers.append(command.content[0])
            case Cid.DEV_STATUS:
                snr = (command.content[1] & 0x3F ^ 0x20) - 0x20
                device.status = (command.content[0], snr)
            case Cid.RX_TIMING_SETUP if command.cid in session.asked:
                session.rx_delay = session.asked[command.cid].content[0] or 1
            case Cid.RX_PARAM_SETUP if command.cid in session.asked and command.content[0] == 7:
                asked = session.asked[command.cid].content
                session.rx1_dr_offset, session.rx2_data_rate = asked[0] >> 4, asked[0] & 15
                session.rx2_frequency = int.from_bytes(asked[1:], "little") * 100
            case _:
                # another answer to a test's own request: it is in the uplink's commands
                pass

    def _clock(self, device: Device, payload: bytes, time_us: int) -> None:
        try:
            answer = clock_sync.answer(payload, self.gps_us(time_us) // 1_000_000)
        except FrameError as error:
            self.rejected.append(str(error))
            return
        if answer is not None:
            device.send(clock_sync.PORT, answer)

    # downlinks

    def _reply(
        self,
        device: Device,
        session: Session,
        frame: DataFrame,
        uplink: Transmission,
        time_us: int,
    ) -> Transmission | None:
        if session.last_down and device.faults.take("replay_downlinks"):
            return self._downlink(
                device, uplink, time_us, session.last_down, session.rx_delay, session
            )
        options, left = self._options(device.commands)
        room = self._room(device, session, uplink) - len(options)
        downlink = self._next(device, room)
        wanted = frame.confirmed or frame.adr_ack_request
        if downlink is None and not options and not wanted:
            return None
        sent = device.commands[: len(device.commands) - len(left)]
        session.asked.update({command.cid: command for command in sent})
        device.commands[:] = left
        answer = DataFrame(
            crypto.Direction.DOWN,
            session.dev_addr,
            session.next_down,
            port=None if downlink is None else downlink.port,
            payload=b"" if downlink is None else downlink.payload,
            confirmed=downlink is not None and downlink.confirmed,
            ack=frame.confirmed,
            pending=bool(device.waiting or left),
            options=options,
        )
        session.next_down += 1
        session.last_down = answer.encode(session.keys)
        return self._downlink(device, uplink, time_us, session.last_down, session.rx_delay, session)

    @staticmethod
    def _options(commands: list[MacCommand]) -> tuple[bytes, list[MacCommand]]:
        """As many whole commands as FOpts takes, and the others."""
        options, left = b"", list(commands)
        while left and len(options + left[0].encode()) <= MAX_OPTIONS:
            options += left.pop(0).encode()
        return options, left

    def _room(self, device: Device, session: Session, uplink: Transmission) -> int:
        number = session.rx2_data_rate
        if device.window == 1:
            up = self.region.data_rate(uplink.channel)
            number = self.region.rx1_data_rate(up, session.rx1_dr_offset)
        return self.region.data_rates[number].max_payload

    @staticmethod
    def _next(device: Device, room: int) -> Downlink | None:
        """The first payload, if it may be sent at this data rate."""
        if not device.waiting or (
            len(device.waiting[0].payload) > room and not device.waiting[0].oversize
        ):
            return None
        downlink = device.waiting.pop(0)
        downlink.attempts += 1
        if downlink.confirmed:
            device.unacknowledged = downlink
        return downlink

    def _downlink(
        self,
        device: Device,
        uplink: Transmission,
        time_us: int,
        frame: bytes,
        delay_s: int,
        session: Session,
    ) -> Transmission | None:
        """Put a frame into a receive window, with the faults that are wanted."""
        faults = device.faults
        if faults.take("corrupt_downlinks"):
            frame = frame[:-1] + bytes([frame[-1] ^ 0x10])
        if device.window == 1:
            frequency = self.region.rx1_frequency(uplink.channel.frequency)
            up = self.region.data_rate(uplink.channel)
            number = self.region.rx1_data_rate(up, session.rx1_dr_offset)
        else:
            frequency, number = session.rx2_frequency, session.rx2_data_rate
            delay_s += 1
        channel = self.region.downlink(frequency, number)
        start_us = uplink.end_us + delay_s * 1_000_000 + faults.late_us
        sent = transmission(channel, start_us, frame)
        sent = replace(sent, snr=self.snr, bad=faults.take("bad_downlinks"))
        silent = faults.silent((time_us - uplink.end_us + sent.start_us) / 1e6)
        return None if faults.take("lose_downlinks") or silent else sent
