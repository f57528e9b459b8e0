# SPDX-License-Identifier: Apache-2.0
"""Files of every format, rate and depth, with libsndfile as the referee."""

import contextlib
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from soundpost.audio import open_audio, write_wav
from soundpost.errors import UserError


def read_all(path, **options):
    with open_audio(path, **options) as source:
        pcm = np.concatenate(list(source))
        return pcm, source


def tone(rate, seconds=1.0, frequency=440.0, amplitude=0.5):
    return amplitude * np.sin(2 * np.pi * frequency * np.arange(round(rate * seconds)) / rate)


@settings(derandomize=True, deadline=None, max_examples=30)
@given(pcm=arrays(np.int16, st.integers(1, 40_000)))
def test_sixteen_bits_at_16_khz_pass_bit_exactly(tmp_path_factory, pcm):
    path = tmp_path_factory.mktemp("pcm") / "a.wav"
    write_wav(path, pcm)
    back, source = read_all(path)
    assert back.dtype == np.int16
    np.testing.assert_array_equal(back, pcm)
    assert (source.rate, source.channels, source.duration) == (16000, 1, len(pcm) / 16000)


def test_every_int16_value_passes(tmp_path):
    pcm = np.arange(-32768, 32768).astype(np.int16)
    write_wav(tmp_path / "a.wav", pcm)
    soundfile.write(tmp_path / "a.flac", pcm, 16000)
    for name in ("a.wav", "a.flac"):
        np.testing.assert_array_equal(read_all(tmp_path / name)[0], pcm)


SUBTYPES = ["PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE", "ULAW"]


@pytest.mark.parametrize(
    ("container", "subtype"),
    [(c, s) for c in ("WAV", "WAVEX") for s in SUBTYPES] + [("WAV", "IMA_ADPCM")],
)
def test_wav_depths_agree_with_libsndfile(tmp_path, container, subtype):
    path = tmp_path / "a.wav"
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, 20_001)
    soundfile.write(path, noise, 16000, subtype=subtype, format=container)
    expected = np.rint(soundfile.read(path)[0] * 32768)
    pcm, source = read_all(path)
    np.testing.assert_array_equal(pcm, expected)
    assert source.warnings == []


@pytest.mark.parametrize("rate", [1000, 8000, 11025, 22050, 44100, 48000, 96000, 192000, 768000])
def test_any_rate_comes_to_16_khz(tmp_path, rate):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(rate, 2.0003), rate)
    count = soundfile.info(path).frames
    pcm, source = read_all(path)
    assert source.rate == rate
    assert abs(len(pcm) - round(count * 16000 / rate)) <= 1
    middle = pcm[4000:-4000]
    expected = np.rint(32768 * tone(16000, 2.1))[4000 : 4000 + len(middle)]
    assert np.max(np.abs(middle - expected)) <= 2


def test_resampling_repeats_and_does_not_alias(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(48000, 2.0, 12000), 48000, subtype="FLOAT")
    pcm = read_all(path)[0]
    assert np.max(np.abs(pcm[1000:-1000])) <= 1
    np.testing.assert_array_equal(pcm, read_all(path)[0])


def test_channels_are_averaged_or_chosen(tmp_path):
    path = tmp_path / "six.wav"
    frames = np.random.default_rng(2).integers(-30000, 30000, (16000, 6)).astype(np.int16)
    soundfile.write(path, frames, 16000)
    mean, source = read_all(path)
    assert source.channels == 6
    np.testing.assert_array_equal(mean, np.rint(frames.mean(axis=1)))
    np.testing.assert_array_equal(read_all(path, channel=4)[0], frames[:, 3])
    for channel in (0, 7):
        with pytest.raises(UserError, match=r"no channel .*choose 1 to 6"):
            open_audio(path, channel=channel)


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3", "a.aiff", "a.au", "a.caf", "a.w64"])
def test_other_formats(tmp_path, name):
    path = tmp_path / name
    soundfile.write(path, tone(44100, 3.0), 44100)
    pcm, source = read_all(path)
    assert len(pcm) == pytest.approx(48000, abs=1200)
    assert np.std(pcm[8000:-8000]) == pytest.approx(0.5 * 32768 / np.sqrt(2), rel=0.05)
    assert source.warnings == []


def test_blocks_are_short_whatever_the_length(tmp_path):
    path = tmp_path / "long.wav"
    write_wav(path, np.zeros(16000 * 60, np.int16))
    with open_audio(path) as source:
        assert max(len(block) for block in source) <= 16000


def test_clipping_and_offset_are_told(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.clip(tone(16000, 1, 440, 2.0), -1, 1), 16000)
    pcm, source = read_all(path)
    at_limit = np.count_nonzero((pcm == 32767) | (pcm == -32768))
    assert any(f"{at_limit} samples clipped" in w for w in source.warnings)
    soundfile.write(path, 0.1 + tone(16000, 1, 440, 0.1), 16000)
    pcm, source = read_all(path)
    assert np.mean(pcm) == pytest.approx(3277, abs=1)
    assert source.warnings == ["DC offset of 10.0 % of full scale, left as it is"]
    soundfile.write(path, np.full(16000, 1e9), 16000, subtype="FLOAT")
    _, source = read_all(path)
    assert "DC offset of 100.0 % of full scale, left as it is" in source.warnings


def test_float_over_full_scale_is_limited(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, np.array([0.0, 2.0, -3.0, 1e30, 0.5]), 16000, subtype="FLOAT")
    pcm, source = read_all(path)
    np.testing.assert_array_equal(pcm, [0, 32767, -32768, 32767, 16384])
    assert any("3 samples clipped" in w for w in source.warnings)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("format_", ["WAV", "CAF"])
def test_not_a_number(tmp_path, value, format_):
    path = tmp_path / "a.audio"
    samples = np.zeros(48000)
    samples[36000] = value
    soundfile.write(path, samples, 16000, subtype="FLOAT", format=format_)
    with pytest.raises(UserError, match=r"a\.audio: a sample at 2\.250 s is not a finite number"):
        read_all(path)


def test_truncated_wav_ends_with_a_warning(tmp_path):
    path = tmp_path / "a.wav"
    write_wav(path, np.ones(160_000, np.int16))
    path.write_bytes(path.read_bytes()[: 44 + 2 * 67_200 + 1])
    pcm, source = read_all(path)
    assert len(pcm) == 67_200
    assert source.duration == pytest.approx(4.2)
    assert "header promises 10.0 s" in source.warnings[0]
    assert "holds 4.2 s" in source.warnings[0]


@pytest.mark.parametrize("name", ["a.flac", "a.ogg", "a.mp3"])
def test_truncated_compressed_file_never_crashes(tmp_path, name):
    path = tmp_path / name
    soundfile.write(path, np.random.default_rng(0).uniform(-0.5, 0.5, 80_000), 16000)
    whole = path.read_bytes()
    for length in (len(whole) // 2, 100, 4):
        path.write_bytes(whole[:length])
        with contextlib.suppress(UserError):
            assert len(read_all(path)[0]) < 80_000


def test_missing_folder_empty_and_garbage(tmp_path):
    cases = {"text.wav": b"not audio at all\n" * 50, "random.wav": bytes(range(256)) * 9}
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(UserError, match=rf"{name} is no recording"):
            open_audio(tmp_path / name)
    (tmp_path / "empty.wav").touch()
    with pytest.raises(UserError, match=r"empty\.wav is empty \(0 bytes\)"):
        open_audio(tmp_path / "empty.wav")
    with pytest.raises(UserError, match="does not exist"):
        open_audio(tmp_path / "none.wav")
    with pytest.raises(UserError, match="is a folder"):
        open_audio(tmp_path)
    with pytest.raises(UserError, match="cannot read"):
        open_audio(tmp_path / "empty.wav" / "x")
    with pytest.raises(UserError, match="cannot read"):
        open_audio("a\0b")


def test_no_permission(tmp_path, monkeypatch):
    path = tmp_path / "a.wav"
    write_wav(path, np.zeros(9, np.int16))

    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(UserError, match=r"a\.wav: Permission denied"):
        open_audio(path)


def test_header_without_samples(tmp_path):
    write_wav(tmp_path / "a.wav", np.zeros(0, np.int16))
    soundfile.write(tmp_path / "a.aiff", np.zeros(0), 16000)
    for name in ("a.wav", "a.aiff"):
        with pytest.raises(UserError, match="no samples"):
            read_all(tmp_path / name)


def test_write_wav_is_what_libsndfile_reads(tmp_path):
    pcm = np.random.default_rng(3).integers(-32768, 32768, 999).astype(np.int16)
    write_wav(tmp_path / "deep" / "a.wav", pcm)
    back, rate = soundfile.read(tmp_path / "deep" / "a.wav", dtype="int16")
    assert rate == 16000
    np.testing.assert_array_equal(back, pcm)
