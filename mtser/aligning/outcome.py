"""What came of a recording."""

from dataclasses import dataclass

from mtser.aligning.recordings import Recording


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one recording.

    Parameters
    ----------
    recording
        Which.
    status
        "aligned", "partly" (some of the stretches that were transcribed), "even" (times were shared out) or "failed".
    reason, detail
        Why it is not "aligned"; empty if it is.
    duration
        Of the audio, in seconds.
    words
        How many words have times.
    seconds
        How long the alignment took; None if it was known from before.
    """

    recording: Recording
    status: str
    reason: str
    detail: str
    duration: float
    words: int
    seconds: float | None
