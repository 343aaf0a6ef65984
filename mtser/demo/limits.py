"""What the page takes."""

from dataclasses import dataclass
from pathlib import Path

from mtser.audio import audio_duration
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
        """Refuse what is too large, before it is decoded.

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
        if seconds > self.seconds:
            raise AudioError(
                f"The recording lasts {seconds:.0f} seconds; this page takes up to {self.seconds:g}. "
                "For longer ones there is the command mtser predict."
            )
