"""Which files are taken for recordings, where a folder is named and not the files in it."""

from pathlib import PurePath

_SOUNDFILE = ".wav .flac .ogg .oga .opus .mp3 .aif .aiff .aifc .au .snd .caf .w64 .rf64 .sph .nist"
_CONTAINERS = ".m4a .aac .mp4 .m4v .mov .mkv .webm .avi .wma .wmv .flv .3gp .amr .ts .mpg .mpeg"

VIDEO_SUFFIXES = tuple(_CONTAINERS.split())
"""In lower case: videos, and what else PyAV and ffmpeg read and soundfile does not."""

AUDIO_SUFFIXES = (*_SOUNDFILE.split(), *VIDEO_SUFFIXES)
"""All that is taken for a recording."""


def is_recording(name: str | PurePath) -> bool:
    """Whether a file is taken for a recording, by its suffix; hidden ones are not.

    Example
    -------
    >>> is_recording("talks/first.WAV"), is_recording("talks/first.txt"), is_recording("talks/._first.wav")
    (True, False, False)
    """
    path = PurePath(name)
    return path.suffix.lower() in AUDIO_SUFFIXES and not path.name.startswith(".")
