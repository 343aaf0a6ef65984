"""The ten sentences of EmoDB and what its file names say."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Syllables as the label files count them.
_SYLLABLES = {
    "a01": "Der Lap|pen liegt auf dem Eis|schrank.",
    "a02": "Das will sie am Mitt|woch ab|ge|ben.",
    "a04": "Heu|te a|bend könn|te ich es ihm sa|gen.",
    # The published list prints "Stück Papier"; the syllable and phone labels of all recordings have "Blatt".
    "a05": "Das schwar|ze Blatt Pa|pier be|fin|det sich da o|ben ne|ben dem Holz|stück.",
    "a07": "In sie|ben Stun|den wird es so|weit sein.",
    "b01": "Was sind denn das für Tü|ten, die da un|ter dem Tisch ste|hen?",
    "b02": "Sie ha|ben es ge|ra|de hoch|ge|tra|gen und jetzt ge|hen sie wie|der run|ter.",
    "b03": "An den Wo|chen|en|den bin ich jetzt im|mer nach Hau|se ge|fah|ren und ha|be Ag|nes be|sucht.",
    # "gehen" is one syllable here in all recordings, two in b02.
    "b09": "Ich will das e|ben weg|brin|gen und dann mit Karl was trin|ken gehen.",
    "b10": "Die wird auf dem Platz sein, wo wir sie im|mer hin|le|gen.",
}

EMOTION_LETTERS: Mapping[str, str] = MappingProxyType(
    {
        "A": "anxiety (Angst)",
        "E": "disgust (Ekel)",
        "F": "happiness (Freude)",
        "L": "boredom (Langeweile)",
        "N": "neutral",
        "T": "sadness (Trauer)",
        "W": "anger (Wut)",
    }
)
"""The letters of the file names, which come from the German words."""

_NAME = re.compile(r"(?P<speaker>\d\d)(?P<sentence>[a-z]\d\d)(?P<letter>[A-Z])(?P<take>[a-z]?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the corpus.

    Parameters
    ----------
    text
        As it is printed.
    words
        Its words without punctuation, each as its syllables: ``("Lap", "pen")``.
    """

    text: str
    words: tuple[tuple[str, ...], ...]


def _sentence(marked: str) -> Sentence:
    words = tuple(tuple(word.strip(".,?").split("|")) for word in marked.split())
    return Sentence(marked.replace("|", ""), words)


SENTENCES: Mapping[str, Sentence] = MappingProxyType({code: _sentence(marked) for code, marked in _SYLLABLES.items()})
"""The sentences by their code."""


@dataclass(frozen=True, slots=True)
class EmodbName:
    """A file name taken apart: ``03a01Fa`` is speaker 03, sentence a01, emotion F, take a."""

    id: str
    speaker: str
    sentence: str
    letter: str


def parse_emodb_name(id: str) -> EmodbName | None:
    """Take a file name apart; None if it is not one of the corpus.

    Example
    -------
    >>> parse_emodb_name("03a01Fa")
    EmodbName(id='03a01Fa', speaker='03', sentence='a01', letter='F')
    """
    match = _NAME.fullmatch(id)
    return EmodbName(id, match["speaker"], match["sentence"], match["letter"]) if match else None
