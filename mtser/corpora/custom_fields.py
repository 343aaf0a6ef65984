"""What a row of one's own table may tell besides who said what: ratings of attributes, and its turn of a dialog."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from mtser.corpora.custom_table import CustomRow, number
from mtser.corpora.utterance import ATTRIBUTES


class CustomFields:
    """Reads them row by row; what is no number counts as missing, and is told in :meth:`warnings`.

    Parameters
    ----------
    rows
        Of the table.

    Example
    -------
    >>> fields = {"valence": "2,5", "dominance": "high", "dialog": "d1", "dialog_start": "12.5"}
    >>> row = CustomRow("u1", Path("a.wav"), True, None, None, fields, "table.csv:2")
    >>> custom_fields = CustomFields([row])
    >>> custom_fields.of(row)
    {'vad': (2.5, None, None), 'dialog': 'd1', 'start': 12.5}
    >>> custom_fields.warnings()[0].split(", ", 2)[-1]
    "dominance or dialog_start is no number and counts as missing (table.csv:2: dominance 'high')."
    """

    def __init__(self, rows: Iterable[CustomRow]) -> None:
        self._no_numbers: list[str] = []
        self._no_place: list[str] = []
        self._some_have_a_place = False
        recordings: dict[str, set[Path]] = defaultdict(set)
        told = set()
        for row in rows:
            if dialog := row.fields.get("dialog"):
                recordings[dialog].add(row.path)
                if row.fields.get("dialog_start"):
                    told.add(dialog)
        self._cut_from_one = {dialog for dialog, paths in recordings.items() if len(paths) == 1} - told

    def of(self, row: CustomRow) -> Mapping[str, Any]:
        """``vad``, ``dialog`` and ``start`` of the utterance.

        Where a turn begins in its dialog tells ``dialog_start``; of a dialog without it ``start``, if all its turns are
        parts of one recording.
        """
        ratings = tuple(self._number(row, name) for name in ATTRIBUTES)
        dialog, start = row.fields.get("dialog") or None, None
        if dialog is not None:
            start = row.start if dialog in self._cut_from_one else self._number(row, "dialog_start")
            if start is None:
                self._no_place.append(row.source)
            else:
                self._some_have_a_place = True
        return {"vad": ratings if any(one is not None for one in ratings) else None, "dialog": dialog, "start": start}

    def warnings(self) -> list[str]:
        """What could not be used in the rows so far."""
        warnings = []
        if wrong := self._no_numbers:
            values = "value" if len(wrong) == 1 else "values"
            verbs = "is no number and counts" if len(wrong) == 1 else "are no numbers and count"
            first = wrong[0] if len(wrong) == 1 else f"the first: {wrong[0]}"
            names = f"{', '.join(ATTRIBUTES)} or dialog_start"
            warnings.append(f"{len(wrong)} {values} of {names} {verbs} as missing ({first}).")
        if self._no_place and self._some_have_a_place:  # else the table has no dialogs, and models that ask say so
            count = f"{len(self._no_place)} {'row names' if len(self._no_place) == 1 else 'rows name'} a dialog"
            warnings.append(
                f"{count} without telling when the turn begins in it (dialog_start, or start where all turns are parts "
                f"of one recording; the first: {self._no_place[0]}): no turn before it is known."
            )
        return warnings

    def _number(self, row: CustomRow, column: str) -> float | None:
        text = row.fields.get(column)
        found = number(text)
        if found is None or math.isfinite(found):
            return found
        self._no_numbers.append(f"{row.source}: {column} {text!r}")
        return None
