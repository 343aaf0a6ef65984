"""A turn as it is recorded: espeak-ng's speech in the turn's delivery, in a room with some noise."""

import zlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, lfilter, resample_poly, sosfilt

from mtser.corpora.mini.acting import DELIVERIES
from mtser.corpora.mini.cast import CAST
from mtser.corpora.mini.dialog import Turn
from mtser.corpora.mini.espeak import Espeak, Spoken

SAMPLE_RATE = 16_000
FRAME = SAMPLE_RATE // 100
"""Samples in a frame of an alignment."""

SPEECH_LEVEL = -32.0
"""Of ordinary speech, in decibels below full scale."""
NOISE_LEVEL = (-68.0, -54.0)
"""Of a room, in decibels below full scale."""
STRENGTH = (0.7, 1.3)
"""How far a turn goes along its delivery: 1 is the delivery as described."""
GAIN_SPREAD, TILT_SPREAD, RATE_SPREAD, PITCH_SPREAD = 1.5, 1.0, 0.05, 4.0
"""Standard deviations between turns: decibels, decibels, relative, espeak-ng's units."""
EDGE = 3_500.0
"""Cut-off of the rooms' noise, in hertz."""
TILT_CORNER = 1_000.0
"""Hertz, where the delivery's tilt sets in."""
BREATH_SECONDS, BREATH_LEVEL = 0.3, -46.0


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded of a turn.

    Parameters
    ----------
    samples
        `[samples]`, 16 bit, 16 kHz; a whole number of frames.
    words
        The words in order of time, with silences ("<sil>") and tags ("++BREATHING++") between them, each with its
        start in seconds. The last is "</s>", which lasts until the end.
    phones
        For each of ``words`` its phones ("SIL" of a silence, "+BREATHING+" of a breath), each with its start in
        seconds; None if they are not known.
    """

    samples: NDArray[np.int16]
    words: tuple[tuple[str, float], ...]
    phones: tuple[tuple[tuple[str, float], ...], ...] | None = None

    @property
    def seconds(self) -> float:
        """Duration of the audio."""
        return len(self.samples) / SAMPLE_RATE


def record(turn: Turn, espeak: Espeak) -> Recording:
    """Let a turn's speaker say it.

    Parameters
    ----------
    turn
        What to say, and how.
    espeak
        The synthesiser; its state goes on with every turn, so the order of turns matters to the last bit.
    """
    chance = np.random.default_rng(zlib.crc32(turn.id.encode()))
    voice, delivery = CAST[turn.speaker], DELIVERIES[turn.delivery]
    strength = chance.uniform(*STRENGTH)
    rate = voice.rate * delivery.rate**strength * (1 + RATE_SPREAD * chance.standard_normal())
    pitch = voice.pitch + strength * delivery.pitch + PITCH_SPREAD * chance.standard_normal()
    tilt = strength * delivery.tilt + TILT_SPREAD * chance.standard_normal()
    gain = voice.gain + strength * delivery.gain + GAIN_SPREAD * chance.standard_normal()

    spoken = espeak.say(
        turn.text, voice.name, rate=round(rate), pitch=round(np.clip(pitch, 0, 99)), pitch_range=delivery.pitch_range
    )
    speech = resample_poly(spoken.samples / 32_768, SAMPLE_RATE, spoken.sample_rate)
    speech = _level(_tilted(speech, tilt), SPEECH_LEVEL + gain)
    lead = [np.zeros(int(chance.uniform(0.10, 0.25) * SAMPLE_RATE))]
    words = [("<s>", 0.0)]
    if turn.breath:
        words.append(("++BREATHING++", len(lead[0]) / SAMPLE_RATE))
        lead.append(_breath(chance))
    offset = sum(map(len, lead))
    words += _words(spoken, offset / SAMPLE_RATE)
    audio = np.concatenate([*lead, speech, np.zeros(int(chance.uniform(0.10, 0.20) * SAMPLE_RATE))])
    audio = audio[: len(audio) // FRAME * FRAME]
    audio = audio + _room(turn.id.rsplit("_", 1)[0], len(audio), chance)
    phones = _phones(words, spoken, offset / SAMPLE_RATE)
    return Recording(np.round(np.clip(audio, -1, 1) * 32_767).astype(np.int16), tuple(words), phones)


def _words(spoken: Spoken, offset: float) -> list[tuple[str, float]]:
    """Words and pauses in seconds from the start of the recording."""
    words: list[tuple[str, float]] = []
    last = spoken.words[0][1]
    for index, (word, start, end) in enumerate(spoken.words):
        if index == 0 or start > last:
            words.append(("<sil>", offset + last / spoken.sample_rate))
        words.append((word, offset + start / spoken.sample_rate))
        last = end
    words.append(("</s>", offset + last / spoken.sample_rate))
    return words[1:]  # the silence before the first word belongs to <s>


def _phones(
    words: list[tuple[str, float]], spoken: Spoken, offset: float
) -> tuple[tuple[tuple[str, float], ...], ...] | None:
    """The phones of words and pauses in seconds from the start of the recording."""
    if spoken.phones is None:
        return None
    of_words = iter(spoken.phones)
    found: list[tuple[tuple[str, float], ...]] = []
    for word, start in words:
        if word.startswith("<"):
            found.append((("SIL", start),))
        elif word.startswith("+"):
            found.append(((word[1:-1], start),))
        else:
            found.append(tuple((phone, offset + at / spoken.sample_rate) for phone, at in next(of_words)))
    return tuple(found)


def _level(audio: NDArray[np.float64], decibels: float) -> NDArray[np.float64]:
    """Bring audio to a root mean square in decibels below full scale."""
    return np.asarray(audio * 10 ** (decibels / 20) / np.sqrt(np.mean(audio**2)))


def _tilted(audio: NDArray[np.float64], decibels: float) -> NDArray[np.float64]:
    """Raise (or lower) the spectrum above :data:`TILT_CORNER` by a first-order shelf."""
    corner, gain = np.tan(np.pi * TILT_CORNER / SAMPLE_RATE), 10 ** (decibels / 20)
    return np.asarray(lfilter([corner + gain, corner - gain], [corner + 1, corner - 1], audio))


def _breath(chance: np.random.Generator) -> NDArray[np.float64]:
    """An audible breath: band-passed noise that swells and fades."""
    length = int(BREATH_SECONDS * SAMPLE_RATE)
    band = butter(2, (500, 3_000), "bandpass", fs=SAMPLE_RATE, output="sos")
    return _level(sosfilt(band, chance.standard_normal(length)) * np.hanning(length), BREATH_LEVEL)


def _room(dialog: str, length: int, chance: np.random.Generator) -> NDArray[np.float64]:
    """The noise of the room that a dialog was recorded in: its level is the dialog's, its samples the turn's."""
    level = np.random.default_rng(zlib.crc32(dialog.encode())).uniform(*NOISE_LEVEL)
    return _level(lfilter(*butter(1, EDGE, fs=SAMPLE_RATE), chance.standard_normal(length)), level)
