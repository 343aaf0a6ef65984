"""A dialog of the mini corpus on paper: its turns, before anybody speaks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a dialog.

    Parameters
    ----------
    id
        As IEMOCAP names utterances.
    speaker
        Session and sex: a key of :data:`mtser.corpora.mini.cast.CAST`.
    label
        The consensus in IEMOCAP's abbreviation.
    tone, delivery
        How the turn is worded and spoken (:mod:`mtser.corpora.mini.acting`).
    text
        The sentence.
    breath
        Whether the speaker takes an audible breath first, which the alignment tags.
    aligned
        Whether the turn has an alignment on disk.
    """

    id: str
    speaker: str
    label: str
    tone: str
    delivery: str
    text: str
    breath: bool = False
    aligned: bool = True


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog and its turns in order of time.

    Example
    -------
    >>> Dialog("Ses03M_impro05a", ()).session
    3
    """

    name: str
    turns: tuple[Turn, ...]

    @property
    def session(self) -> int:
        """The session's number."""
        return int(self.name[3:5])
