"""Reading vectors of words from a CSV or NPZ file, with everything checked that the file alone can tell."""

import csv
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mtser.errors import FeatureError

_FIRST_COLUMNS = ["utterance", "word"]
_INSTEAD = "give a number, and where a word has none 0 and one more column that says so"


@dataclass(frozen=True, slots=True)
class WordsInFile:
    """What a file has of an utterance.

    Parameters
    ----------
    values
        float32 ``[words, features]``, finite.
    where
        The file, and the line or array, for errors.
    """

    values: np.ndarray
    where: str


def read_dimension(file: Path) -> int:
    """How many features a word has; little of the file is read.

    Raises
    ------
    FeatureError
        As :func:`read_words`.
    """
    with _told(file):
        if file.suffix == ".npz":
            with _arrays(file) as arrays:
                return _matrix(file, arrays, next(iter(arrays))).shape[1]
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return len(_header(file, next(csv.reader(lines), []))) - len(_FIRST_COLUMNS)


def read_words(file: Path) -> dict[str, WordsInFile]:
    r"""The vectors of all words of every utterance in a file.

    Parameters
    ----------
    file
        As :class:`~mtser.features.word_feature_file.WordFeatureFile` describes it.

    Raises
    ------
    FeatureError
        If the file cannot be read, a line or array is damaged, a word is missing or stands twice, or a value is NaN or
        infinite; file and line (or array) are named.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "face.csv"
    >>> _ = file.write_text("utterance,word,smile\nu1,1,0.25\nu1,0,0.5\n")
    >>> read_words(file)["u1"].values.tolist()
    [[0.5], [0.25]]
    """
    with _told(file):
        return _read_npz(file) if file.suffix == ".npz" else _read_csv(file)


def _read_npz(file: Path) -> dict[str, WordsInFile]:
    found: dict[str, WordsInFile] = {}
    with _arrays(file) as arrays:
        for id in arrays:
            values = _matrix(file, arrays, id)
            first = next(iter(found.values()), None)
            if first is not None and values.shape[1] != first.values.shape[1]:
                raise FeatureError(
                    f"{file}, {id}: has {values.shape[1]} features a word, but {next(iter(found))} has "
                    f"{first.values.shape[1]}; all need the same."
                )
            if not np.isfinite(values).all():
                word = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
                raise FeatureError(f"{file}, {id}: word {word} has a value that is NaN or infinite; {_INSTEAD}.")
            found[id] = WordsInFile(values, f"{file}, {id}")
    return found


@contextmanager
def _arrays(file: Path) -> Iterator[Mapping[str, np.ndarray]]:
    with file.open("rb") as opened:
        if not zipfile.is_zipfile(opened):
            raise FeatureError(f"{file}: is no file of numpy.savez.")
    with np.load(file, allow_pickle=False) as arrays:
        if not arrays.files:
            raise FeatureError(f"{file}: holds no array.")
        yield arrays


def _matrix(file: Path, arrays: Mapping[str, np.ndarray], id: str) -> np.ndarray:
    array = arrays[id]
    if array.ndim != 2 or array.dtype.kind not in "fiu" or not array.shape[1]:
        raise FeatureError(
            f"{file}, {id}: holds {list(array.shape)} of {array.dtype}; [words, features] of numbers was expected."
        )
    with np.errstate(over="ignore"):  # told as infinite
        return array.astype(np.float32)


def _read_csv(file: Path) -> dict[str, WordsInFile]:
    vectors: dict[str, dict[int, np.ndarray]] = {}
    first_line: dict[str, int] = {}
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = csv.reader(lines)
        width = len(_header(file, next(rows, [])))
        for row in rows:
            if not row:
                continue
            where = f"{file}, line {rows.line_num}"
            if len(row) != width:
                raise FeatureError(f"{where}: has {len(row)} columns, but the first line has {width}.")
            id, word = row[0], _word_number(where, row[1])
            words = vectors.setdefault(id, {})
            if word in words:
                raise FeatureError(f"{where}: {id} has its word {word} a second time.")
            words[word] = _numbers(where, row[2:])
            first_line.setdefault(id, rows.line_num)
    found = {}
    for id, words in vectors.items():
        where = f"{file}, line {first_line[id]}"
        if len(words) <= (last := max(words)):
            missing = next(number for number in range(last) if number not in words)
            raise FeatureError(f"{where}: {id} has a word {last}, but none with the number {missing}.")
        found[id] = WordsInFile(np.stack([words[number] for number in range(len(words))]), where)
    return found


def _header(file: Path, names: list[str]) -> list[str]:
    if names[:2] != _FIRST_COLUMNS or len(names) == 2:
        raise FeatureError(
            f"{file}, line 1: starts with {','.join(names[:3])!r}; the names of the columns were expected: utterance, "
            "word and at least one feature."
        )
    return names


def _word_number(where: str, text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise FeatureError(f"{where}: {text!r} is no number of a word; they are counted from 0.")
    return int(text)


def _numbers(where: str, fields: list[str]) -> np.ndarray:
    try:
        with np.errstate(over="ignore"):
            vector = np.array(list(map(float, fields)), dtype=np.float32)
        if np.isfinite(vector).all():
            return vector
    except ValueError:
        pass
    raise FeatureError(f"{where}: {next(filter(_is_no_number, fields))!r} is no finite number; {_INSTEAD}.")


def _is_no_number(field: str) -> bool:
    try:
        with np.errstate(over="ignore"):
            return not np.isfinite(np.float32(float(field)))
    except ValueError:
        return True


@contextmanager
def _told(file: Path) -> Iterator[None]:
    """Say in one sentence why the file cannot be read."""
    try:
        yield
    except OSError as error:
        raise FeatureError(f"{file}: the word features cannot be read ({error.strerror or error}).") from error
    except (zipfile.BadZipFile, zlib.error, csv.Error, ValueError, EOFError) as error:
        raise FeatureError(f"{file}: is no file of word features ({error}); it can be .csv or .npz.") from error
