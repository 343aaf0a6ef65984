"""Who says what with which emotion in which dialog: the whole mini corpus before anybody speaks.

Proportions follow IEMOCAP: of the classes in every session, of improvised and scripted turns, and of scripted turns
that come back word for word in another session, with the same emotion or with another one.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mtser.corpora.mini.acting import EMOTIONS, act, possible_emotions
from mtser.corpora.mini.dialog import Dialog, Turn
from mtser.corpora.mini.sentences import Sentences, read_sentences

SEED = "mini corpus"

TURNS = {  # by session, in the order of EMOTIONS: IEMOCAP's counts divided by 11
    1: (35, 25, 21, 18),
    2: (33, 30, 12, 18),
    3: (29, 26, 22, 28),
    4: (23, 27, 30, 13),
    5: (35, 40, 15, 22),
}
DIALOGS = {  # some with IEMOCAP's irregular names
    1: ("F_impro01", "F_impro04", "M_impro02", "M_impro06", "F_script01_1", "M_script02_1", "F_script03_1"),
    2: ("F_impro02", "F_impro05", "M_impro01", "M_impro07", "M_script01_1", "F_script02_1", "M_script03_1"),
    3: ("F_impro03", "M_impro05a", "M_impro05b", "M_impro08a", "F_script01_1", "F_script02_1", "M_script03_1"),
    4: ("F_impro01", "F_impro06", "M_impro03", "M_impro04", "M_script01_1", "M_script02_1", "F_script03_1"),
    5: ("F_impro02", "F_impro07", "M_impro05", "M_impro08", "F_script02_1", "F_script03_1", "M_script01_1b"),
}
WITHOUT_ALIGNMENT = "Ses03M_impro05a"
"""The dialog whose last turn of the four classes has no alignment."""

SCRIPTED = 0.47
"""Share of scripted turns."""
WORD_FOR_WORD = 0.55
"""Share of scripted turns in the script's own words; the others are paraphrased in the same tone."""
AS_WRITTEN = 0.84
"""Share of scripted turns with the emotion that the script means."""
EXCITED = 0.64
"""Share of happy turns that are labelled excited."""
OTHER_LABELS = {"fru": 0.05, "xxx": 0.04, "sur": 0.01}
"""Chance, before each turn, of one with a label outside the four classes."""
FELT: dict[str, tuple[str, ...]] = {"fru": ("ang", "sad"), "xxx": EMOTIONS, "sur": ("hap",)}
"""How such a turn is acted."""
BREATHS = 0.06
"""Share of improvised turns that begin with a breath."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A turn that is not written out yet: no words, and perhaps no tone."""

    sex: str
    label: str
    tone: str | None = None
    text: str | None = None


def write_script() -> list[Dialog]:
    """Every dialog of the mini corpus, the same at every call.

    Example
    -------
    >>> dialogs = write_script()
    >>> len(dialogs), dialogs[0].name, dialogs[0].turns[0].id
    (35, 'Ses01F_impro01', 'Ses01F_impro01_M000')
    """
    sentences = read_sentences()
    chance = random.Random(SEED)
    said = {line.text for script in sentences.scripts.values() for line in script}
    dialogs = []
    for session in DIALOGS:
        for name, parts in _distribute(session, sentences, chance).items():
            turns = tuple(_write_out(name, parts, sentences, said, chance))
            dialogs.append(Dialog(name, turns))
    return [_lose_alignment(dialog) if dialog.name == WITHOUT_ALIGNMENT else dialog for dialog in dialogs]


def _distribute(session: int, sentences: Sentences, chance: random.Random) -> dict[str, list[_Part]]:
    """The parts of each dialog: first the scripts are performed, then the rest of the session is improvised."""
    names = [f"Ses{session:02d}{name}" for name in DIALOGS[session]]
    wanted = dict(zip(EMOTIONS, TURNS[session], strict=True))
    scripted = {emotion: round(SCRIPTED * count) for emotion, count in wanted.items()}
    dialogs: dict[str, list[_Part]] = {name: [] for name in names}

    lines = [(name, line) for name in names for line in sentences.scripts.get(name.split("_", 1)[1].rstrip("b"), ())]
    performed: dict[int, _Part] = {}
    for index in chance.sample(range(len(lines)), len(lines)):
        line = lines[index][1]
        others = [emotion for emotion in possible_emotions(line.tone) if emotion != line.emotion]
        emotion = chance.choice(others) if others and chance.random() > AS_WRITTEN else line.emotion
        if scripted[emotion] > 0:
            scripted[emotion] -= 1
            wanted[emotion] -= 1
            text = line.text if chance.random() < WORD_FOR_WORD else None
            performed[index] = _Part(line.sex, emotion, line.tone, text)
    for index in sorted(performed):
        dialogs[lines[index][0]].append(performed[index])

    emotions = [emotion for emotion, count in wanted.items() for _ in range(count)]
    chance.shuffle(emotions)
    improvised = [name for name in names if "impro" in name]
    for position, emotion in enumerate(emotions):
        parts = dialogs[improvised[position % len(improvised)]]
        sex = chance.choice("FM") if len(parts) % 5 == 4 or not parts else "FM"[parts[-1].sex == "F"]
        parts.append(_Part(sex, emotion))
    return dialogs


def _write_out(
    name: str, parts: list[_Part], sentences: Sentences, said: set[str], chance: random.Random
) -> Iterator[Turn]:
    """The turns of a dialog. No sentence is made up twice in the corpus (``said`` grows)."""
    count = {"F": 0, "M": 0}
    for part in _interrupted(parts, chance):
        tone, delivery = act(chance.choice(FELT.get(part.label, (part.label,))), chance, part.tone)
        text = part.text or sentences.improvise(tone, chance)
        while text in said and text != part.text:
            text = sentences.improvise(tone, chance)
        said.add(text)
        excited = part.label == "hap" and chance.random() < EXCITED
        breath = "impro" in name and chance.random() < BREATHS
        id = f"{name}_{part.sex}{count[part.sex]:03d}"
        count[part.sex] += 1
        yield Turn(
            id, f"{int(name[3:5])}{part.sex}", "exc" if excited else part.label, tone, delivery, text, breath=breath
        )


def _interrupted(parts: list[_Part], chance: random.Random) -> Iterator[_Part]:
    """The parts, with some outside the four classes before those of the same speaker."""
    shares = [*OTHER_LABELS.values(), 1 - sum(OTHER_LABELS.values())]
    for part in parts:
        label = chance.choices([*OTHER_LABELS, None], shares)[0]
        if label is not None:
            yield _Part(part.sex, label)
        yield part


def _lose_alignment(dialog: Dialog) -> Dialog:
    lost = [turn.id for turn in dialog.turns if turn.label in (*EMOTIONS, "exc")][-1]
    return replace(dialog, turns=tuple(replace(turn, aligned=turn.id != lost) for turn in dialog.turns))
