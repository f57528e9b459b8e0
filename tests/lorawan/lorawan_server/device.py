# SPDX-License-Identifier: Apache-2.0
"""What the network knows of a device."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .crypto import SessionKeys
from .faults import Faults
from .frames import JoinRequest
from .mac_commands import Cid, MacCommand


@dataclass(frozen=True)
class Uplink:
    """A frame that was received, its MIC right, its payload in clear."""

    fcnt: int
    port: int | None
    payload: bytes
    data_rate: int
    #: seconds of the network's time since its start, at the frame's end
    time_s: float
    confirmed: bool = False
    ack: bool = False
    adr: bool = False
    adr_ack_request: bool = False
    commands: tuple[MacCommand, ...] = ()


@dataclass
class Downlink:
    """A payload for a device."""

    port: int
    payload: bytes
    confirmed: bool = False
    #: send it although the data rate does not allow for its length
    oversize: bool = False
    #: how often it was sent
    attempts: int = 0
    #: a confirmed one: its acknowledgement has come
    acked: bool = False


@dataclass
class Session:
    """From one join to the next."""

    keys: SessionKeys
    dev_addr: int
    #: the first uplink counter that is new
    next_up: int = 0
    #: counter of the next downlink
    next_down: int = 0
    rx1_dr_offset: int = 0
    rx2_data_rate: int = 0
    rx2_frequency: int = 0
    rx_delay: int = 1
    #: bytes of the last uplink, to know it when it is repeated
    last: bytes = b""
    #: bytes of the last downlink, to send it again
    last_down: bytes = b""
    #: the last request of each command that was sent
    asked: dict[Cid, MacCommand] = field(default_factory=dict)


@dataclass
class Device:
    """One device: what it is, what it sent, what it is to get, and what goes wrong."""

    dev_eui: int
    join_eui: int
    app_key: bytes
    faults: Faults = field(default_factory=Faults)
    #: receive window of its downlinks: 1 or 2
    window: int = 1
    #: highest data rate that the network asks for by ADR of its own accord; None: it does not
    adr_max_data_rate: int | None = None
    #: uplinks that ADR looks back on
    adr_history: int = 20
    #: called with each new uplink, before what answers it is made up
    on_uplink: Callable[[Uplink], None] | None = None
    session: Session | None = None
    #: every data frame but repetitions
    uplinks: list[Uplink] = field(default_factory=list)
    #: repetitions of confirmed frames
    repetitions: int = 0
    #: join requests whose MIC and DevNonce were right
    joins: list[JoinRequest] = field(default_factory=list)
    #: payloads that are still to be sent
    waiting: list[Downlink] = field(default_factory=list)
    #: what was sent but not acknowledged
    unacknowledged: Downlink | None = None
    #: MAC commands that are still to be sent
    commands: list[MacCommand] = field(default_factory=list)
    #: battery and SNR of the last DevStatusAns: 0 to 255, dB
    status: tuple[int, int] | None = None
    #: LinkADRAns bits (7 is all three), in order
    adr_answers: list[int] = field(default_factory=list)
    used_nonces: set[int] = field(default_factory=set)
    join_nonce: int = 0
    last_accept: bytes = b""
    snrs: list[int] = field(default_factory=list)

    def send(self, port: int, payload: bytes, *, confirmed: bool = False) -> Downlink:
        """Queue a downlink for the window behind the next uplink."""
        downlink = Downlink(port, payload, confirmed)
        self.waiting.append(downlink)
        return downlink

    def request(self, command: MacCommand) -> None:
        """Queue a MAC command."""
        self.commands.append(command)

    def on_port(self, port: int) -> list[Uplink]:
        """What came on a port."""
        return [uplink for uplink in self.uplinks if uplink.port == port]
