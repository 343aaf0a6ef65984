"""Augmentation of sound: each kind does what it says, words keep their frames, nothing of it stays."""

from pathlib import Path

import numpy as np
import pytest
import torch

from mtser.encoders import FineTuning, MeanSpeech, WaveAugment
from mtser.errors import ConfigError
from mtser.features import PretrainedSpeech, WordFrames
from tests.features.speech_models import write_waves
from tests.helpers.spoken import fitted, spoken

QUIET = {"speeds": [100], "noise": 0.0}


def tone(seconds: float = 1.0, pitch: float = 440.0) -> torch.Tensor:
    return 0.1 * torch.sin(2 * torch.pi * pitch * torch.arange(round(16000 * seconds)) / 16000)


def test_off_it_is_the_same() -> None:
    state = torch.get_rng_state()
    (same,), speeds = WaveAugment(**QUIET)([tone()])
    assert torch.equal(same, tone()) and speeds == [1.0]
    torch.set_rng_state(state)


@pytest.mark.parametrize("speed", [80, 90, 110, 125])
def test_speed_changes_length_and_pitch(speed: int) -> None:
    (changed,), (told,) = WaveAugment(speeds=[speed], noise=0.0)([tone()])
    assert told == speed / 100 and abs(len(changed) - 16000 / told) <= 1
    spectrum = torch.fft.rfft(changed).abs()
    pitch = float(spectrum.argmax()) * 16000 / len(changed)
    assert pitch == pytest.approx(440 * told, abs=2)


@pytest.mark.parametrize("snr", [5.0, 20.0])
def test_noise_has_its_level(snr: float) -> None:
    torch.manual_seed(0)
    wave = tone(4.0)
    (changed,), _ = WaveAugment(speeds=[100], noise=1.0, snr=[snr, snr])([wave])
    signal = (changed @ wave) / (wave @ wave) * wave
    found = 10 * torch.log10(signal.square().mean() / (changed - signal).square().mean())
    assert float(found) == pytest.approx(snr, abs=1.0)


def test_dropped_frequencies_and_chunks() -> None:
    torch.manual_seed(0)
    noise = torch.randn(32000)
    (bands,), _ = WaveAugment(**QUIET, drop_frequencies=1.0)([noise])
    power = [torch.stft(one, 512, window=torch.hann_window(512), return_complex=True).abs() for one in (noise, bands)]
    lost = (power[1].square().mean(1) / power[0].square().mean(1)).min()
    assert float(lost) < 0.2
    (chunks,), _ = WaveAugment(**QUIET, drop_chunks=1.0, chunk_seconds=0.05)([noise])
    silent = int((chunks == 0).sum())
    assert 80 <= silent <= 3 * 800 and torch.equal(chunks[chunks != 0], noise[chunks != 0])


def test_shares_of_utterances() -> None:
    torch.manual_seed(0)
    waves = [tone(0.1)] * 200
    changed, _ = WaveAugment(speeds=[100], noise=0.25)(waves)
    assert 30 <= sum(not torch.equal(one, waves[0]) for one in changed) <= 70
    _, speeds = WaveAugment(noise=0.0)(waves)
    assert {speeds.count(one) > 40 for one in (0.9, 1.0, 1.1)} == {True}


def test_utterances_shorter_than_a_chunk() -> None:
    torch.manual_seed(0)
    changed, _ = WaveAugment(noise=1.0, drop_frequencies=1.0, drop_chunks=1.0)([tone(0.03)] * 20)
    assert all(one.isfinite().all() for one in changed)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"noise": 2}, "noise of the augmentation of waves is 2"),
        ({"speeds": []}, r"speeds are \[\]; they have to be percentages from 50 to 200"),
        ({"speeds": [1.1]}, "a speed of the augmentation of waves is 1.1"),
        ({"speeds": [300]}, r"speeds are \[300\]"),
        ({"snr": [20, 10]}, r"snr is \[20, 10\]"),
    ],
)
def test_what_makes_no_sense(options: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        WaveAugment(**options)


def test_frozen_encoders_are_not_augmented() -> None:
    with pytest.raises(ConfigError, match="frozen encoders hear it once"):
        FineTuning(augment=WaveAugment())
    for options in ({"rank": 0}, {"rank": 1000}, {"top_layers": 0}, {"lora_dropout": 2.0}, {"tune": None}):
        with pytest.raises(ConfigError):
            FineTuning(**options)


def test_words_keep_their_sound_when_it_is_faster(tmp_path: Path) -> None:
    """Twice as fast, a word has half of the frames, from where it is now."""
    pytest.importorskip("transformers", reason="needs the extra pretrained")
    utterances, source = spoken(4, seed=2)
    folder = str(write_waves(tmp_path, "wavlm"))

    def counts(speed: int) -> np.ndarray:
        how = FineTuning(tune="top", top_layers=1, augment=WaveAugment(speeds=[speed], noise=0.0))
        encoder = MeanSpeech(WordFrames(PretrainedSpeech(folder), max_frames=1000), fine_tuning=how)
        data = fitted(encoder, utterances, source)
        batch = data.inputs(np.arange(4))
        assert encoder.tuned is not None
        in_evaluation = encoder.eval().tuned(batch)
        assert torch.equal(in_evaluation.values, encoder.tuned(batch).values)  # in training alone
        return np.asarray(encoder.train().tuned(batch).lengths)

    whole, half = counts(100), counts(200)
    assert (np.abs(half - whole / 2) <= 1).all() and whole.max() > 10
    assert abs(int(half.sum()) - whole.sum() / 2) <= len(whole) / 2
