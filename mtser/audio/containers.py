"""The sound track of what soundfile cannot read: videos, AAC, WMA, what browsers record. PyAV decodes it, if installed.

A file is recognised by its first bytes, not by trying: FFmpeg's guesses would find "audio" in arbitrary bytes.
"""

import io
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

_AT_START = (
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",  # ASF: WMA, WMV
    b"FLV\x01",
    b"#!AMR",
    b"\x00\x00\x01\xba",  # MPEG program stream
    b"\xff\xf1",  # AAC without a container (ADTS)
    b"\xff\xf9",
)
_WITHOUT_TIMES = {"aac", "amr"}  # FFmpeg's names of formats whose packets do not tell when they are heard
_LEAD = 1.0  # seconds that are decoded before the sound that is asked for: codecs build on what was before
_PACKET = 188  # bytes of an MPEG transport stream's packet, each of which begins with 0x47
HEAD = 2 * _PACKET + 1
"""So many bytes tell what a file is."""


class NotDecodableError(Exception):
    """What is wrong with a sound track, in the middle of a sentence."""


class NoDecoderError(NotDecodableError):
    """Nothing may be wrong with it, but PyAV is missing."""


def is_container(head: bytes) -> bool:
    r"""Whether a file is of a kind that PyAV is asked to decode.

    Parameters
    ----------
    head
        Its first :data:`HEAD` bytes.

    Example
    -------
    >>> is_container(b"\x00\x00\x00\x20ftypisom"), is_container(b"RIFF....WAVEfmt ")
    (True, False)
    """
    transport = len(head) >= HEAD and head[0] == head[_PACKET] == head[2 * _PACKET] == 0x47
    return head.startswith(_AT_START) or head[4:8] == b"ftyp" or head[8:12] == b"AVI " or transport


def open_container(source: str | Path | bytes) -> "Container":
    """Open a file's first sound track.

    Raises
    ------
    NotDecodableError
        If PyAV is missing, the file is damaged or it has no sound.
    """
    try:
        import av
    except ImportError as error:
        raise NoDecoderError("reading videos and AAC needs PyAV: pip install mtser[speech]") from error
    try:
        opened: Any = av.open(io.BytesIO(source) if isinstance(source, bytes) else str(source))
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise NotDecodableError("a damaged video or sound file") from error
    if not opened.streams.audio:
        opened.close()
        raise NotDecodableError("the video has no sound track")
    return Container(opened)


class Container:
    """An opened file; ``with`` closes it.

    Parameters
    ----------
    opened
        PyAV's container, which has at least one sound track; the first one counts.

    Attributes
    ----------
    rate
        In hertz.
    duration
        In seconds, as the file states it; 0 if it does not (what browsers record).
    """

    def __init__(self, opened: Any) -> None:
        self._opened = opened
        self._stream = opened.streams.audio[0]
        self._decoded = self._frames()  # one for all: a packet may hold several frames
        self._first: list[Any] = []  # frames that are decoded already
        if not self._stream.rate:  # some files tell it with the first sound alone
            self._first = list(itertools.islice(self._decoded, 1))
        self.rate = int(self._stream.rate or 0)
        stated = self._stream.duration
        if stated is not None:
            self.duration = float(stated * self._stream.time_base)
        else:
            self.duration = (opened.duration or 0) / 1e6

    def __enter__(self) -> "Container":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def skip_to(self, start: float) -> int | None:
        """Leave out most of what is before ``start`` (in seconds), without decoding it.

        Returns
        -------
        int
            The number of the sample that the next block begins with, ``start`` or before it; 0 if nothing is left out.
            None if the place cannot be found: the file has to be opened again, and decoded from its beginning.
        """
        import av

        unit, beginning = self._stream.time_base, self._stream.start_time or 0
        if start <= 2 * _LEAD or unit is None or _WITHOUT_TIMES & set(self._opened.format.name.split(",")):
            return 0
        try:
            self._opened.seek(beginning + int((start - _LEAD) / unit), stream=self._stream)
            self._decoded = self._frames()
            frame = next(self._decoded, None)
        except (av.error.FFmpegError, NotDecodableError):
            return None
        if frame is None or frame.pts is None:
            return None
        self._first = [frame]
        at = round(float((frame.pts - beginning) * unit) * self.rate)
        return at if 0 <= at <= start * self.rate else None

    def blocks(self) -> Iterator[np.ndarray]:
        """Decode: float32 ``[samples]``, the mean of all channels, piece by piece.

        Raises
        ------
        NotDecodableError
            Where the track is damaged.
        """
        import av

        convert = av.AudioResampler(format="fltp")
        for frame in itertools.chain(self._first, self._decoded):
            try:
                plains = convert.resample(frame)
            except (av.error.FFmpegError, ValueError) as error:
                raise NotDecodableError("the sound track changes its format in the middle") from error
            for plain in plains:
                yield plain.to_ndarray().mean(axis=0, dtype=np.float64).astype(np.float32)

    def _frames(self) -> Iterator[Any]:
        import av

        try:
            yield from self._opened.decode(self._stream)
        except av.error.FFmpegError as error:
            raise NotDecodableError("the sound track is damaged") from error


def decode_container(data: bytes) -> tuple[np.ndarray, int]:
    """All of a file's sound: float32 ``[samples]`` and their rate in hertz."""
    with open_container(data) as container:
        parts = list(container.blocks())
        return np.concatenate(parts) if parts else np.zeros(0, np.float32), container.rate
