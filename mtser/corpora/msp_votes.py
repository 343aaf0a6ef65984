"""MSP-Podcast's single annotations (labels_detailed): which worker heard which primary emotion."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from mtser.errors import CorpusError
from mtser.text_files import read_text
from mtser.text_tables import read_table

LABELS: Mapping[str, str] = MappingProxyType(
    {
        "A": "angry",
        "S": "sad",
        "H": "happy",
        "U": "surprise",
        "F": "fear",
        "D": "disgust",
        "C": "contempt",
        "N": "neutral",
        "O": "other",
        "X": "no agreement",
    }
)
"""The labels and what they mean."""

_CODE = {meaning: code for code, meaning in LABELS.items()}
_DETAIL = re.compile(r"\s*WORKER\w*\s*;\s*(?P<primary>[^;]*);")

Votes = dict[str, dict[str, float]]
"""File without its suffix → label → votes."""


def read_votes(folder: Path) -> tuple[Votes, list[str]]:
    """Count the workers' primary emotions in ``labels_detailed.csv``, else ``labels_detailed.json``.

    The CSV files come in two forms: with a column ``EmoClass_Major``, or with one ``EmoDetail`` that holds "WORKER;
    primary; secondary; A:...; V:...; D:...;".

    Returns
    -------
    dict
        Empty if there is no such file.
    list of str
        Warnings: a file that cannot be read, votes that nobody knows.
    """
    votes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    unknown: Counter[str] = Counter()
    try:
        for file, primary in _annotations(folder):
            code = vote_of(primary)
            if code is None:
                unknown[primary] += 1
            else:
                votes[Path(file).stem][code] += 1
    except CorpusError as error:
        return {}, [f"{error} There are no soft labels without it."]
    warnings = []
    if unknown:
        named = ", ".join(repr(name) for name, _ in unknown.most_common(3))
        warnings.append(f"{unknown.total()} votes are for emotions that nobody knows ({named}): left out.")
    return {file: dict(counts) for file, counts in votes.items()}, warnings


def vote_of(primary: str) -> str | None:
    """The label of a worker's primary emotion; None if it is unknown. Emotions that workers wrote in are "other".

    Example
    -------
    >>> vote_of("Happy"), vote_of("Other-annoyed"), vote_of("?")
    ('H', 'O', None)
    """
    name = primary.strip().lower()
    return "O" if name.startswith("other") else _CODE.get(name)


def _annotations(folder: Path) -> Iterator[tuple[str, str]]:
    """File and primary emotion of every annotation."""
    table, tree = folder / "labels_detailed.csv", folder / "labels_detailed.json"
    if table.is_file():
        for _, row in read_table(table, ["FileName"], delimiter=","):
            if "EmoClass_Major" in row:
                yield row["FileName"], row["EmoClass_Major"]
            elif "EmoDetail" in row:
                match = _DETAIL.match(row["EmoDetail"])
                yield row["FileName"], match["primary"] if match else row["EmoDetail"]
            else:
                raise CorpusError(f"{table}: has neither a column EmoClass_Major nor EmoDetail.")
    elif tree.is_file():
        try:
            for file, workers in json.loads(read_text(tree)).items():
                for annotation in workers.values():
                    yield file, annotation["EmoClass_Major"]
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise CorpusError(f"{tree}: is no list of annotations by file and worker ({error}).") from error
