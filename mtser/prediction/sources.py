"""What ``mtser predict`` is given: files, folders, patterns, standard input → recordings, one after the other."""

import glob
import os
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path, PurePath

from mtser.audio import is_recording
from mtser.errors import ConfigError
from mtser.files import walk

STDIN = "-"
_WILD = "*?["


@dataclass(frozen=True)
class Source:
    """A recording that shall be judged.

    Parameters
    ----------
    name
        The path as given; of standard input ``-``.
    audio
        A file, or the bytes of one.
    key
        Relative path that no other recording of the same command has: results are filed under it.
    text
        What is said in it; None to have it transcribed.
    """

    name: str
    audio: Path | bytes
    key: PurePath
    text: str | None = None


class Sources:
    """The recordings of a command line, each once.

    They are found anew whenever they are gone through: those of one argument cost no memory, however many they are.

    Parameters
    ----------
    arguments
        Files, folders (with all below), patterns (``**`` for any depth); ``-`` for one recording on standard input.
    stdin
        Its bytes.

    Raises
    ------
    ConfigError
        If an argument leads nowhere.
    """

    def __init__(self, arguments: Sequence[str], stdin: bytes = b"") -> None:
        self._stdin = stdin
        kept = list(dict.fromkeys(os.path.normpath(one) if one != STDIN else one for one in arguments))
        for argument in kept:
            if argument != STDIN and not os.path.exists(argument) and not any(c in argument for c in _WILD):
                raise ConfigError(f"{argument}: there is no such file or folder.")
        folders = {PurePath(os.path.realpath(one)) for one in kept if os.path.isdir(one)}
        self._arguments = [one for one in kept if one == STDIN or not _inside(os.path.realpath(one), folders)]
        self._keys = dict(zip(self._arguments, distinct_names([_root(one) for one in self._arguments]), strict=True))
        for argument in self._arguments:
            if next(self._of(argument), None) is None:
                kinds = "recordings (by their endings, such as .wav, .flac, .mp3, .mp4)"
                raise ConfigError(f"{argument}: no {kinds} are found there.")

    def __iter__(self) -> Iterator[Source]:
        if len(self._arguments) == 1:
            yield from self._of(self._arguments[0])
            return
        seen = set()  # a file and a pattern, or two patterns, may name the same
        for source in (one for argument in self._arguments for one in self._of(argument)):
            real = os.path.realpath(source.audio) if isinstance(source.audio, Path) else source.name
            if real not in seen:
                seen.add(real)
                yield source

    def count(self) -> int:
        """How many there are."""
        return sum(1 for _ in self)

    def _of(self, argument: str) -> Iterator[Source]:
        key = PurePath(self._keys[argument])
        if argument == STDIN:
            yield Source(STDIN, self._stdin, PurePath("stdin"))
        elif os.path.isdir(argument):
            for path in _walk(argument):
                yield Source(path, Path(path), key / os.path.relpath(path, argument))
        elif os.path.exists(argument):
            yield Source(argument, Path(argument), key)
        else:
            root = _root(argument)
            for path in sorted(glob.iglob(argument, recursive=True)):
                if os.path.isfile(path):
                    yield Source(path, Path(path), key / os.path.relpath(path, root))


def distinct_names(paths: Sequence[str]) -> list[str]:
    """The last parts of paths, as many as tell each from all others.

    Example
    -------
    >>> distinct_names(["a/x.wav", "b/x.wav", "b/y.wav"])
    ['a/x.wav', 'b/x.wav', 'y.wav']
    """
    parts = [PurePath(os.path.abspath(path)).parts[1:] or ("root",) for path in paths]
    n_parts = [1] * len(parts)
    alike = list(range(len(parts)))
    while alike:
        counts = Counter(parts[i][-n_parts[i] :] for i in alike)
        alike = [i for i in alike if counts[parts[i][-n_parts[i] :]] > 1 and n_parts[i] < len(parts[i])]
        for i in alike:
            n_parts[i] += 1
    return [str(PurePath(*own[-n:])) for own, n in zip(parts, n_parts, strict=True)]


def _walk(folder: str) -> Iterator[str]:
    """The visible recordings below a folder, in order."""
    for parent, folders, files in walk(folder):
        folders[:] = [one for one in folders if not one.startswith(".")]
        for file in files:
            if is_recording(file):
                yield os.path.join(parent, file)


def _root(argument: str) -> str:
    """Of a pattern the folder that its fixed part names; else the argument."""
    if argument == STDIN or os.path.exists(argument):
        return argument
    fixed = []
    for part in PurePath(argument).parts:
        if any(character in part for character in _WILD):
            break
        fixed.append(part)
    return str(PurePath(*fixed)) if fixed else "."


def _inside(path: str, folders: Set[PurePath]) -> bool:
    return any(parent in folders for parent in PurePath(path).parents)
