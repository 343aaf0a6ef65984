"""What the page takes."""

from dataclasses import dataclass
from pathlib import Path

from mtser.audio import SAMPLE_RATE, audio_duration, stream_audio
from mtser.errors import AudioError

LONGEST_TEXT = 10_000
"""Letters of a transcript."""


@dataclass(frozen=True)
class Limits:
    """How long and how large a recording may be.

    Parameters
    ----------
    seconds, megabytes
        At most.
    """

    seconds: float = 600.0
    megabytes: float = 50.0

    def check(self, path: Path) -> None:
        """Refuse what is too large, before all of it is decoded.

        Raises
        ------
        AudioError
            With a sentence for the person who uploaded it.

        Example
        -------
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / "a.wav"
        >>> _ = file.write_bytes(bytes(2_000_000))
        >>> Limits(megabytes=1).check(file)
        Traceback (most recent call last):
        mtser.errors.AudioError: The recording has 2.0 MB; this page takes up to 1 MB.
        """
        try:
            megabytes = path.stat().st_size / 1e6
        except OSError as error:
            raise AudioError("The recording is not there any more; upload it again.") from error
        if megabytes > self.megabytes:
            raise AudioError(f"The recording has {megabytes:.1f} MB; this page takes up to {self.megabytes:g} MB.")
        seconds = audio_duration(path, "The recording")
        if seconds > self.seconds or (not seconds and self._is_longer(path)):
            lasts = f"{seconds:.0f} seconds" if seconds else "longer"
            raise AudioError(
                f"The recording lasts {lasts}; this page takes up to {self.seconds:g} seconds. "
                "For longer ones there is the command mtser predict."
            )

    def _is_longer(self, path: Path) -> bool:
        """Of a file that does not state its length, as browsers record it: decoded as far as is needed to tell."""
        seconds = 0.0
        for block in stream_audio(path, "The recording"):
            seconds += len(block) / SAMPLE_RATE
            if seconds > self.seconds:
                return True
        return False
