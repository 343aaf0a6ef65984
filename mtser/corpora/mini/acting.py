"""How the emotion of a turn shows: in the tone of its words and in its delivery, and in neither alone.

The rule (:data:`EMOTION`) reads a tone and a delivery together: a loud cheerful sentence is happy where a loud
ordinary one is angry; an insult in a bright voice is a joke; something cheerful said softly is sad. Bitter sentences
("You left me alone") leave anger and sadness to the voice, loud voices leave anger, joy and despair to the words.
"""

import random
from dataclasses import dataclass

EMOTIONS = ("neu", "hap", "ang", "sad")
TONES = ("ordinary", "cheerful", "gloomy", "hostile", "bitter")

EMOTION = {
    ("ordinary", "flat"): "neu",
    ("ordinary", "soft"): "sad",
    ("ordinary", "bright"): "hap",
    ("ordinary", "loud"): "ang",
    ("cheerful", "flat"): "neu",
    ("cheerful", "soft"): "sad",
    ("cheerful", "bright"): "hap",
    ("cheerful", "loud"): "hap",
    ("gloomy", "flat"): "sad",
    ("gloomy", "soft"): "sad",
    ("gloomy", "loud"): "sad",
    ("hostile", "flat"): "ang",
    ("hostile", "bright"): "hap",
    ("hostile", "loud"): "ang",
    ("bitter", "flat"): "neu",
    ("bitter", "soft"): "sad",
    ("bitter", "bright"): "ang",
    ("bitter", "loud"): "ang",
}

SHARES = {
    "neu": {("ordinary", "flat"): 78, ("cheerful", "flat"): 12, ("bitter", "flat"): 10},
    "hap": {
        ("cheerful", "bright"): 31,
        ("cheerful", "loud"): 36,
        ("ordinary", "bright"): 18,
        ("hostile", "bright"): 15,
    },
    "ang": {
        ("hostile", "loud"): 28,
        ("hostile", "flat"): 18,
        ("bitter", "loud"): 22,
        ("bitter", "bright"): 18,
        ("ordinary", "loud"): 14,
    },
    "sad": {
        ("gloomy", "flat"): 20,
        ("gloomy", "soft"): 20,
        ("gloomy", "loud"): 18,
        ("bitter", "soft"): 20,
        ("ordinary", "soft"): 14,
        ("cheerful", "soft"): 8,
    },
}
"""Of a hundred utterances of an emotion, how many have which tone and delivery."""

MISLEADING = 0.03
"""Share of turns whose tone and delivery say nothing about their emotion: people disagree with any rule."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A way of speaking, relative to the speaker's own.

    Parameters
    ----------
    gain
        Loudness in decibels.
    tilt
        Level of the spectrum above about 1 kHz in decibels: vocal effort.
    rate
        Factor on the speaking rate.
    pitch
        Added to espeak-ng's pitch (0 to 100).
    pitch_range
        espeak-ng's pitch range (0 to 100).
    """

    gain: float
    tilt: float
    rate: float
    pitch: int
    pitch_range: int


DELIVERIES = {
    "flat": Delivery(gain=0.0, tilt=0.0, rate=1.0, pitch=0, pitch_range=35),
    "soft": Delivery(gain=-7.0, tilt=-6.0, rate=0.84, pitch=-12, pitch_range=20),
    "bright": Delivery(gain=1.0, tilt=6.0, rate=1.2, pitch=20, pitch_range=90),
    "loud": Delivery(gain=10.0, tilt=4.0, rate=1.0, pitch=10, pitch_range=60),
}


def act(emotion: str, chance: random.Random, tone: str | None = None) -> tuple[str, str]:
    """Draw the tone and the delivery of a turn.

    Parameters
    ----------
    emotion
        One of :data:`EMOTIONS`.
    chance
        The source of chance.
    tone
        The tone, where a script fixes it; the emotion must be possible with it (:func:`possible_emotions`).

    Example
    -------
    >>> act("hap", random.Random(0), tone="hostile")
    ('hostile', 'bright')
    """
    if chance.random() < MISLEADING:
        return tone or chance.choice(TONES), chance.choice(list(DELIVERIES))
    cells = {cell: share for cell, share in SHARES[emotion].items() if tone in (None, cell[0])}
    return chance.choices(list(cells), weights=list(cells.values()))[0]


def possible_emotions(tone: str) -> list[str]:
    """The emotions that a sentence of this tone can carry, depending on its delivery.

    Example
    -------
    >>> possible_emotions("bitter")
    ['neu', 'ang', 'sad']
    """
    return [emotion for emotion in EMOTIONS if any(cell[0] == tone for cell in SHARES[emotion])]
