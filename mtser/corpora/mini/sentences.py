"""The sentences of the mini corpus: templates to improvise from, and scripts to speak word for word."""

import random
import re
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

SENTENCES_FILE = "sentences.txt"


@dataclass(frozen=True, slots=True)
class ScriptLine:
    """One line of a script: who says it, what is meant by it, and its words."""

    sex: str
    emotion: str
    tone: str
    text: str


@dataclass(frozen=True)
class Sentences:
    """Everything that can be said.

    Parameters
    ----------
    slots
        Fillings by the slot's name.
    tones
        Templates by the tone of their wording.
    scripts
        The lines of each scripted dialog, in order.

    Example
    -------
    >>> sentences = read_sentences()
    >>> sorted(sentences.tones)
    ['bitter', 'cheerful', 'gloomy', 'hostile', 'ordinary']
    >>> sentences.improvise("cheerful", random.Random(1)) == sentences.improvise("cheerful", random.Random(1))
    True
    """

    slots: dict[str, tuple[str, ...]] = field(default_factory=dict)
    tones: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scripts: dict[str, tuple[ScriptLine, ...]] = field(default_factory=dict)

    def improvise(self, tone: str, chance: random.Random) -> str:
        """A sentence of the given tone; a slot that stands twice in a template gets two different fillings."""
        used: set[str] = set()

        def fill(match: re.Match[str]) -> str:
            filling = chance.choice([one for one in self.slots[match[1]] if one not in used])
            used.add(filling)
            return filling

        return re.sub(r"\{(\w+)\}", fill, chance.choice(self.tones[tone]))


@cache
def read_sentences() -> Sentences:
    """Read the sentences that come with the package."""
    sections: dict[tuple[str, str], list[str]] = {}
    for line in sentences_text().splitlines():
        if heading := re.fullmatch(r"\[(\w+) (\w+)\]", line):
            lines = sections.setdefault((heading[1], heading[2]), [])
        elif line and not line.startswith("#"):
            lines.append(line)
    sentences = Sentences()
    for (kind, name), lines in sections.items():
        if kind == "slot":
            sentences.slots[name] = tuple(" | ".join(lines).split(" | "))
        elif kind == "tone":
            sentences.tones[name] = tuple(lines)
        else:
            sentences.scripts[name] = tuple(_script_line(line) for line in lines)
    return sentences


def _script_line(line: str) -> ScriptLine:
    who, text = line.split(": ", 1)
    sex, emotion, tone = who.split()
    return ScriptLine(sex, emotion, tone, text)


def sentences_text() -> str:
    """The text of the package's sentence file."""
    return (files(__package__) / SENTENCES_FILE).read_text(encoding="utf-8")
