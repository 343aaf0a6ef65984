"""The ten voices of the mini corpus: a woman and a man in each of the five sessions."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker.

    Parameters
    ----------
    variant
        The espeak-ng voice variant.
    pitch
        espeak-ng's pitch (0 to 100) of ordinary speech.
    rate
        Words a minute of ordinary speech.
    gain
        Own loudness in decibels relative to the others'.
    """

    variant: str
    pitch: int
    rate: int
    gain: float

    @property
    def name(self) -> str:
        """The name espeak-ng knows the voice by."""
        return f"en-us+{self.variant}"


CAST = {
    "1F": Voice("f2", 50, 180, 0.5),
    "1M": Voice("m3", 46, 175, -0.5),
    "2F": Voice("linda", 48, 172, -0.8),
    "2M": Voice("m1", 50, 182, 0.6),
    "3F": Voice("f3", 44, 186, 0.0),
    "3M": Voice("Michael", 48, 178, 0.8),
    "4F": Voice("aunty", 52, 176, 0.9),
    "4M": Voice("m4", 44, 184, -0.7),
    "5F": Voice("belinda", 46, 180, -0.3),
    "5M": Voice("robert", 50, 174, -0.6),
}
