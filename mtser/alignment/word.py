"""A word and its phones, and when they were spoken."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone and when it was spoken.

    Parameters
    ----------
    phone
        As the alignment spells it ("AH"), without stress.
    start, end
        In seconds from the start of the audio file; ``start < end``.
    """

    phone: str
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Word:
    """One word and when it was spoken.

    Parameters
    ----------
    word
        The word as the alignment spells it.
    start, end
        Its span in seconds from the start of the audio file; ``start < end``.
    phones
        Its phones in order of time, where the corpus has their times; else empty.
    """

    word: str
    start: float
    end: float
    phones: tuple[Phone, ...] = field(default=(), repr=False)

    def to_dict(self) -> dict[str, Any]:
        """The word as JSON types; without phones, if it has none."""
        plain: dict[str, Any] = {"word": self.word, "start": self.start, "end": self.end}
        if self.phones:
            plain["phones"] = [{"phone": one.phone, "start": one.start, "end": one.end} for one in self.phones]
        return plain

    @classmethod
    def from_dict(cls, entry: Mapping[str, Any]) -> "Word":
        """The inverse of :meth:`to_dict`."""
        return cls(**{**entry, "phones": tuple(Phone(**phone) for phone in entry.get("phones", ()))})
