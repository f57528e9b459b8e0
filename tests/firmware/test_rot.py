# SPDX-License-Identifier: Apache-2.0
"""The firmware on a flash that rots: it says so, loses what rotted, and uses no counter twice."""

from street import IDENTITY, INTERVAL_KEY, RATE, SETTINGS, SETTINGS_PORT, Street, logged, when

from soundpost.provision.boards import BOARDS
from soundpost.provision.keys import identity_values, image, settings_value
from soundpost.provision.nvs import ENTRY
from soundpost.uplink import SettingStatus

BOARD = "native_sim"
#: what a DevNonce goes on from where the last one is lost: zephyr_app/src/store/store.h
NONCE_AFTER_LOSS = 0x4000


def rot(street: Street, value: bytes) -> None:
    """Turn a bit of a value that is kept, where it was last written."""
    flash = bytearray(street.flash.read_bytes())
    flash[flash.rindex(value)] ^= 0x10
    street.flash.write_bytes(flash)


def rot_ends_of_open_sectors(street: Street) -> int:
    """Put what is no entry into the place of the one that closes a sector: NVS does not mount."""
    geometry = BOARDS[BOARD]
    flash = bytearray(street.flash.read_bytes())
    spoilt = 0
    for sector in range(1, geometry.sectors + 1):
        end = geometry.address + sector * geometry.sector_bytes
        if flash[end - ENTRY.size : end] == b"\xff" * ENTRY.size:
            flash[end - ENTRY.size : end] = bytes(ENTRY.size)
            spoilt += 1
    street.flash.write_bytes(flash)
    return spoilt


def test_settings_that_rot_are_the_defaults(street: Street) -> None:
    rot(street, settings_value(SETTINGS))
    outcome = street.run(65)

    assert logged(outcome, "sp/settings is not valid") == 1
    assert logged(outcome, "Joined") == 1
    # one interval of 5 min, which the end cuts off
    (summary,) = outcome.of_type("summary")
    assert summary["samples"] > 60 * RATE


def test_a_session_that_rots_ends(street: Street) -> None:
    street.run(60)
    session = street.device.session
    assert session is not None
    rot(street, session.keys.application)
    outcome = street.run(60)

    assert logged(outcome, "lorawan/session is not valid") == 1
    assert logged(outcome, "Joined") == 1
    assert [join.dev_nonce for join in street.device.joins] == [1, 2]
    assert not street.server.rejected


def test_a_sector_that_rots_is_erased_and_the_others_are_not(street: Street) -> None:
    # so that keys and settings are in a sector that is closed
    fillers = {f"test/{number}": bytes(500) for number in range(8)}
    kept = identity_values(IDENTITY) | {"sp/settings": settings_value(SETTINGS)}
    street.flash.write_bytes(image(kept | fillers, BOARDS[BOARD]))
    street.run(60)
    assert rot_ends_of_open_sectors(street) == BOARDS[BOARD].sectors - 1
    outcome = street.run(60)

    assert logged(outcome, "Could not mount the settings partition") == 1
    assert logged(outcome, "Joined") == 1
    assert {line["samples"] for line in outcome.of_type("summary")[:-1]} == {10 * RATE}
    # the nonce was in the sector that was erased
    assert [join.dev_nonce for join in street.device.joins] == [1, NONCE_AFTER_LOSS + 1]
    assert not street.server.rejected


def test_settings_that_flash_does_not_take_are_answered_so(street: Street) -> None:
    when(street, 2, lambda: street.device.send(SETTINGS_PORT, bytes([INTERVAL_KEY, 0, 20])))
    outcome = street.run(35, "--flash-ends-at=sp/settings")

    (answer,) = street.device.on_port(SETTINGS_PORT)
    assert answer.payload == bytes([0x10, INTERVAL_KEY, SettingStatus.NOT_KEPT])
    assert logged(outcome, "Could not keep the settings of a downlink") == 1
