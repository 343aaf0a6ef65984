"""A recording without an answer, and why."""

from dataclasses import dataclass

from mtser.audio import UnusableAudioError
from mtser.errors import MtserError
from mtser.inference.recordings import FailedRecording


@dataclass(frozen=True)
class Failure:
    """A recording without an answer.

    Parameters
    ----------
    name
        The recording.
    reason
        In words that can be counted ("silent audio").
    detail
        What was found.
    """

    name: str
    reason: str
    detail: str = ""

    @property
    def sentence(self) -> str:
        """Without the name."""
        return f"{self.reason} ({self.detail})" if self.detail else self.reason

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


def of_error(name: str, error: MtserError) -> Failure:
    """What an error says about a recording."""
    if isinstance(error, UnusableAudioError):
        return Failure(name, error.problem, error.detail)
    return Failure(name, str(error).removeprefix(f"{name}: ").rstrip("."))


def of_failed(name: str, failed: FailedRecording) -> Failure:
    """A failure whose detail repeats neither the name nor the reason."""
    detail = failed.detail.removeprefix(f"{failed.name}: ").removeprefix(failed.reason).strip().rstrip(".")
    if detail.startswith("(") and detail.endswith(")"):
        detail = detail[1:-1]
    return Failure(name, failed.reason, detail)
