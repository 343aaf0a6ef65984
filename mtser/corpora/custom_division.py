"""What the columns of a table keep apart: the protocol that they ask for, and warnings of what they do not."""

import re
from collections.abc import Iterable, Mapping, Sequence

from mtser.corpora.corpus import by_speakers
from mtser.corpora.custom_table import PARTITIONS, CustomRow

_COUNTED = {"label": "labels", "speaker": "people", "group": "groups", "dialog": "dialogs"}
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?")


def division(rows: Sequence[CustomRow], present: frozenset[str]) -> tuple[str, list[str]]:
    """The protocol that the columns ask for, and warnings of what they cannot keep apart.

    Parameters
    ----------
    rows
        Of the table.
    present
        Which columns it has.
    """
    warnings = []
    if "speaker" not in present:
        warnings.append(
            "The table has no column speaker, so every file counts as a speaker of its own: a person who is in several "
            "files is in training and in test, numbers are too good for new people, and intervals too narrow."
        )
    splits = [row.fields.get("split", "").lower() for row in rows]
    groups = [row.fields.get("group", "") for row in rows]
    parts = {PARTITIONS[split] for split in splits if split}
    lacking = [part for part in ("train", "dev", "test") if part not in parts]
    if all(splits) and not lacking:
        return "official", warnings
    people = {row.fields.get("speaker") for row in rows}
    protocol = "loso" if all(groups) else by_speakers(len(people)) if "speaker" in present else "random_5fold"
    if parts:
        lacks = [f"{splits.count('')} of {len(rows)} rows have no split"] if "" in splits else []
        lacks += [f"no row has the split {' or '.join(lacking)}"] if lacking else []
        why = " and ".join(lacks)
        warnings.append(
            f"{why[0].upper()}{why[1:]}, so official is not what is run by default, but {protocol}: it trains and "
            "tests on rows of every split, those of test included."
        )
    if any(groups) and not all(groups):
        told = f"{groups.count('')} of {len(rows)} rows have no group"
        warnings.append(f"{told}, so loso is not what is run by default, but {protocol}.")
    return protocol, warnings


def twice_spelt(rows: Sequence[CustomRow], label_map: Mapping[str, str]) -> list[str]:
    """Warnings of labels, speakers, groups and dialogs that are probably the same, and count as different ones.

    Parameters
    ----------
    rows
        Of the table.
    label_map
        The class of each label: spellings of one class do no harm.
    """
    warnings = []
    for column, things in _COUNTED.items():
        found = spellings(row.fields.get(column, "") for row in rows)
        if column == "label":
            found = [some for some in found if len({label_map.get(one) for one in some}) > 1]
        if found:
            shown = "; ".join(" and ".join(some) for some in found[:3]) + ("; ..." if len(found) > 3 else "")
            warnings.append(
                f"The column {column} has values that differ only in upper and lower case, in blanks or as numbers are "
                f"written ({shown}): they count as different {things}. Write them one way if they are the same."
            )
    return warnings


def spellings(values: Iterable[str]) -> list[list[str]]:
    """Those of the values that differ only in upper and lower case, in blanks, or as numbers are written.

    Example
    -------
    >>> spellings(["SP1", "sp2", "sp1", "2", "2.0", "SP1"])
    [['2', '2.0'], ['SP1', 'sp1']]
    """
    found: dict[str | float, list[str]] = {}
    for value in sorted(set(values)):
        same = float(value) if _NUMBER.fullmatch(value) else "".join(value.split()).casefold()
        found.setdefault(same, []).append(value)
    return [some for some in found.values() if len(some) > 1]
