"""Word vectors from a file in GloVe's or word2vec's text format."""

import gzip
from pathlib import Path
from typing import TextIO

import numpy as np

from mtser.errors import ConfigError


def read_vectors(file: Path, wanted: set[str], size: int, n_first: int = 0) -> dict[str, np.ndarray]:
    r"""Read the vectors of some words.

    Parameters
    ----------
    file
        A line a word: the word, then ``size`` numbers, separated by blanks (GloVe); packed by gzip or not. A first line
        of two numbers (word2vec, fastText) is passed over.
    wanted
        These words are kept.
    size
        Width that the vectors must have.
    n_first
        So many words from the beginning of the file are kept, too; only lower-case ones count.

    Returns
    -------
    dict
        Word → ``[size]``, float32.

    Raises
    ------
    ConfigError
        If the file is missing or is no text, has vectors of another width, or a line is no vector; the line is named.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "glove.txt"
    >>> _ = file.write_text("oh 0.5 1\nno 2 3\n")
    >>> read_vectors(file, {"no"}, 2)
    {'no': array([2., 3.], dtype=float32)}
    """
    found: dict[str, np.ndarray] = {}
    number, first, n_left = 0, True, n_first
    try:
        with _opened(file) as lines:
            for number, line in enumerate(lines, start=1):
                line = line.rstrip()
                n_numbers = line.count(" ")
                if number == 1 and n_numbers == 1 and all(field.isdigit() for field in line.split(" ")):
                    continue
                # Some files have words with blanks, so only the first word's line tells the width.
                if (first and n_numbers != size) or n_numbers < size:
                    raise ConfigError(
                        f"{file}, line {number}: has {n_numbers} numbers, but the embedding has size {size}; "
                        "set the embedding's size to that of the file."
                    )
                first = False
                word = line.partition(" ")[0] if n_numbers == size else line.rsplit(" ", size)[0]
                if word in found:
                    continue
                if n_left and word == word.lower():
                    n_left -= 1
                elif word not in wanted:
                    continue
                vector = np.array(line.rsplit(" ", size)[1:], dtype=np.float32)
                if not np.isfinite(vector).all():
                    raise ConfigError(f"{file}, line {number}: the vector of {word!r} has a NaN or infinite number.")
                found[word] = vector
    except ValueError as error:
        raise ConfigError(f"{file}, line {number}: is no word vector ({error}).") from error
    except (OSError, EOFError) as error:  # the latter of a gzip file that ends too early
        why = getattr(error, "strerror", None) or error
        raise ConfigError(f"{file}: the word vectors cannot be read ({why}).") from error
    return found


def _opened(file: Path) -> TextIO:
    """The file as text; a broken word is no word that is wanted.

    Raises
    ------
    ConfigError
        If it is none.
    """
    with file.open("rb") as raw:
        beginning = raw.read(1024)
    if beginning.startswith(b"PK"):
        raise ConfigError(f"{file}: is a zip archive; unpack it, and name one of its files.")
    if beginning.startswith(b"\x1f\x8b"):
        return gzip.open(file, "rt", encoding="utf-8", errors="replace")
    if b"\0" in beginning:
        raise ConfigError(
            f"{file}: is no text, but perhaps word2vec's or fastText's binary format; save the vectors as text "
            "(gensim: save_word2vec_format(..., binary=False))."
        )
    return file.open(encoding="utf-8", errors="replace")
