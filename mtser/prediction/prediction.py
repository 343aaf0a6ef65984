"""What was found in one recording: one answer for a short one, an answer a turn for a long one."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from mtser.inference.recognition import Recognition


@dataclass(frozen=True)
class Prediction:
    """The emotions of a recording.

    Parameters
    ----------
    name
        Of the recording: its path.
    duration
        In seconds.
    turns
        One or more, in order of time: what the model makes of each stretch between two pauses.
    was_cut
        Whether the recording was cut into turns; a short one is judged as a whole, as its only turn.
    left_out
        ``(start, end, reason)`` of turns that could not be judged.

    Example
    -------
    >>> short = Recognition("a.wav", 0.0, 1.0, {"sad": 0.9, "happy": 0.1})
    >>> longer = Recognition("a.wav", 1.0, 4.0, {"sad": 0.5, "happy": 0.5})
    >>> found = Prediction("a.wav", 4.0, (short, longer), was_cut=True)
    >>> found.emotion, round(found.probability, 3)
    ('sad', 0.6)
    """

    name: str
    duration: float
    turns: tuple[Recognition, ...]
    was_cut: bool = False
    left_out: tuple[tuple[float, float, str], ...] = ()

    @property
    def probabilities(self) -> dict[str, float]:
        """Those of the only turn; of several turns the mean, each as long as it lasted."""
        if len(self.turns) == 1:
            return dict(self.turns[0].probabilities)
        seconds = sum(turn.end - turn.start for turn in self.turns)
        return {
            name: sum((turn.end - turn.start) * turn.probabilities[name] for turn in self.turns) / seconds
            for name in self.turns[0].probabilities
        }

    @property
    def emotion(self) -> str:
        """The most probable emotion; the first of equals."""
        return max(self.probabilities, key=lambda name: self.probabilities[name])

    @property
    def probability(self) -> float:
        """Of :attr:`emotion`."""
        return self.probabilities[self.emotion]

    @property
    def has_words(self) -> bool:
        """Whether words were found; without any the model had nothing to judge by, and all emotions are equal."""
        return any(turn.words for turn in self.turns)

    @property
    def text(self) -> str:
        """What was said in all turns."""
        return " ".join(turn.text for turn in self.turns if turn.text)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What qualifies the answer; a sentence that several turns share stands once, with their number."""
        told = [sentence for turn in self.turns for sentence in turn.warnings]
        counted = [
            sentence if told.count(sentence) == 1 else f"{sentence} ({told.count(sentence)} of {len(self.turns)} turns)"
            for sentence in dict.fromkeys(told)
        ]
        return (*counted, *self.lost)

    @property
    def lost(self) -> tuple[str, ...]:
        """What could not be judged: a sentence for each reason."""
        sentences = []
        for reason in dict.fromkeys(reason for *_, reason in self.left_out):
            spans = [(start, end) for start, end, other in self.left_out if other == reason]
            seconds = sum(end - start for start, end in spans)
            where = (
                f"{spans[0][0]:.1f}–{spans[0][1]:.1f} s"
                if len(spans) == 1
                else f"{len(spans)} stretches, {seconds:.1f} s"
            )
            sentences.append(f"Not judged: {where} ({reason}).")
        return tuple(sentences)

    def to_dict(self) -> dict[str, Any]:
        """All of it as JSON types."""
        return {
            "name": self.name,
            "duration": self.duration,
            "emotion": self.emotion if self.has_words else None,
            "probability": self.probability,
            "probabilities": self.probabilities,
            "was_cut": self.was_cut,
            "turns": [turn.to_dict() for turn in self.turns],
            "left_out": [{"start": start, "end": end, "reason": reason} for start, end, reason in self.left_out],
            "warnings": list(self.warnings),
        }


def table_header(classes: Sequence[str]) -> list[str]:
    """The columns of :func:`table_rows`."""
    of_classes = [f"p_{name}" for name in classes]
    return ["file", "start", "end", "emotion", *of_classes, "text", "transcribed_by", "aligned_by", "warnings"]


def table_rows(entry: dict[str, Any]) -> list[list[object]]:
    """A row for each turn, and for each stretch that could not be judged: that has no emotion, and a warning.

    Parameters
    ----------
    entry
        What :meth:`Prediction.to_dict` returned.
    """
    rows = [(turn["start"], turn["end"], _of_turn(turn)) for turn in entry["turns"]]
    nothing = [""] * (len(entry["probabilities"]) + 4)
    rows += [
        (one["start"], one["end"], [*nothing, f"Not judged: {one['reason']}."]) for one in entry.get("left_out", ())
    ]
    rows.sort(key=lambda row: row[:2])
    return [[entry["name"], f"{start:.3f}", f"{end:.3f}", *rest] for start, end, rest in rows]


def _of_turn(turn: dict[str, Any]) -> list[object]:
    return [
        turn["emotion"] if turn["words"] else "",
        *(f"{value:.4f}" for value in turn["probabilities"].values()),
        turn["text"],
        turn["transcribed_by"] or "",
        turn["aligned_by"] or "",
        " ".join(turn["warnings"]),
    ]
