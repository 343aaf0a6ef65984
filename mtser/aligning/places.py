"""Where the results of audio files go: places that no two files share, as short as they can be."""

import os
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path


def distinct_places(files: Sequence[tuple[Path, Path]]) -> list[Path]:
    """Relative paths without suffix, one for each file.

    Files beside each other that are called alike have their suffix in the name (``a_wav``, ``a_mp3``; where that is the
    name of another one, the whole name). Where files of several folders share a place, all that lies in those folders
    has as many of the folders above in front as tell them apart.

    Parameters
    ----------
    files
        Of each file the folder that the user named (the one around it, if the file itself was named), and its path
        below that. No file is there twice.

    Example
    -------
    >>> files = ["s1/wav 1.wav", "s2/wav 1.wav", "s2/wav 2.wav", "talks a.wav", "talks a.mp3"]
    >>> [place.as_posix() for place in distinct_places([tuple(map(Path, file.split())) for file in files])]
    ['s1/wav/1', 's2/wav/1', 's2/wav/2', 'a_wav', 'a_mp3']
    """
    real = lru_cache(maxsize=None)(os.path.realpath)
    names = _names([(real(folder / file.parent), file) for folder, file in files])
    below = [file.with_name(name) for (_, file), name in zip(files, names, strict=True)]
    above = [_parts(real(folder)) for folder, _ in files]
    n_shown = dict.fromkeys(above, 0)
    while True:
        places = [Path(*parts[len(parts) - n_shown[parts] :], file) for parts, file in zip(above, below, strict=True)]
        counts = Counter(places)
        growing = {
            parts
            for parts, place in zip(above, places, strict=True)
            if counts[place] > 1 and n_shown[parts] < len(parts)
        }
        if not growing:
            return places
        for parts in growing:
            n_shown[parts] += 1


def _names(files: Sequence[tuple[str, Path]]) -> list[str]:
    """Of files and the folders they lie in, names that no two of one folder share."""
    forms = [
        (file.stem, f"{file.stem}_{file.suffix[1:].lower()}" if file.suffix else file.name, file.name)
        for _, file in files
    ]
    chosen = [0] * len(files)
    while True:
        names = [some[number] for some, number in zip(forms, chosen, strict=True)]
        counts = Counter((folder, name) for (folder, _), name in zip(files, names, strict=True))
        longer = [
            i
            for i, ((folder, _), name) in enumerate(zip(files, names, strict=True))
            if counts[folder, name] > 1 and chosen[i] < len(forms[i]) - 1
        ]
        if not longer:
            return names
        for i in longer:
            chosen[i] += 1


def _parts(folder: str) -> tuple[str, ...]:
    """The names of a folder and of those above it; on Windows the drive's letter is the first."""
    path = Path(folder)
    drive = path.anchor.strip("\\/:")
    return (*([drive] if drive else []), *path.parts[1:])
