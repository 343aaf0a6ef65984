"""A folder of results that a batch fills, and that the same command continues after it was stopped."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mtser.audio import stream_audio
from mtser.errors import ConfigError, MtserError
from mtser.files import write_atomically, write_csv, write_json
from mtser.prediction.failure import Failure
from mtser.prediction.prediction import Prediction, table_header, table_rows
from mtser.prediction.sources import Source
from mtser.unfinished import remove_leftovers

MADE_BY = "mtser predict"
_NOTE, _TABLE, _FAILURES = "predict.json", "predictions.csv", "failures.csv"


class ResultFolder:
    """Results of a batch: for each recording a JSON file, on request a TextGrid and a picture; a table of all.

    Files are called by the recording's whole name (``talk.wav.json``, ``talk.wav.png``), in the folders it lies in, so
    that no two recordings share one. Nothing that mtser has not written itself is overwritten: the JSON file names what
    belongs to it, and is there before the others, without a result.

    Parameters
    ----------
    folder
        Made if it does not exist.
    made_with
        What determines the results: model, options.
    text_grids, pictures
        Whether to write them.

    Raises
    ------
    ConfigError
        If the folder holds results of another model or other options.
    """

    def __init__(
        self, folder: Path, made_with: Mapping[str, Any], *, text_grids: bool = False, pictures: bool = False
    ) -> None:
        self.folder = folder
        self._text_grids = text_grids
        self._pictures = pictures
        self._note = note = {"made_by": MADE_BY, **made_with}
        earlier = _read(folder / _NOTE)
        if earlier is None:
            foreign = [name for name in (_NOTE, _TABLE, _FAILURES) if (folder / name).exists()]
            if foreign:
                raise ConfigError(f"{folder / foreign[0]}: mtser predict has not written it; choose another --out.")
        elif earlier != json.loads(json.dumps(note)):
            differ = [name for name in note | earlier if earlier.get(name) != note.get(name)]
            told = ", ".join(f"{name} was {earlier.get(name)}, is {note.get(name)}" for name in differ)
            raise ConfigError(f"{folder}: it holds results of another command ({told}); choose another --out.")

    def begin(self) -> None:
        """Note what makes the results, once all of it is known to be usable.

        Raises
        ------
        MtserError
            If the folder cannot be written.
        """
        if (self.folder / _NOTE).exists():
            remove_leftovers(self.folder, below=True)
        write_json(self.folder / _NOTE, self._note)

    def done(self, source: Source) -> dict[str, Any] | None:
        """What was found earlier in a recording that has not changed since; None if it has to be judged."""
        entry = self._result(source)
        if entry is None:
            return None
        extras = self._extras(source, bool(entry.get("was_cut")))
        return entry if all(file.name in _files(entry) and file.exists() for file in extras) else None

    def keep(self, source: Source, found: Prediction, identity: Mapping[str, Any] | None = None) -> None:
        """Write the files of a recording; the JSON file last, as the sign that it is done.

        Parameters
        ----------
        source, found
            The recording, and what was found.
        identity
            What :func:`identity_of` said before it was read: who changes it meanwhile has it judged again. None: it
            cannot have changed.

        Raises
        ------
        MtserError
            If a file is there that mtser has not written, or that is about another recording, or the disk is full.
        """
        file = self._file(source, ".json")
        earlier = _read(file)
        if earlier is not None and _is_another(earlier.get("source"), source):
            raise MtserError(
                f"{file}: it is about another recording of that name "
                f"({earlier['source']['path']}); choose another --out, or name the folder around both."
            )
        own = _files(earlier or {})
        extras = self._extras(source, found.was_cut)
        for target in [*(one for one in extras if one.name not in own), *([file] if earlier is None else [])]:
            if target.exists():
                raise MtserError(
                    f"{target}: it is there already, and mtser predict has not written it; choose another --out."
                )
        files = {*(one.name for one in extras), *(name for name in own if (file.parent / name).exists())}
        entry = {"made_by": MADE_BY, "source": identity or identity_of(source), "files": sorted(files)}
        if extras:
            write_json(file, entry)
        if found.was_cut:
            rows = table_rows(found.to_dict())
            write_csv(self._file(source, ".turns.csv"), table_header(list(found.probabilities)), rows)
        if self._text_grids:
            from mtser.prediction.tiers import write_tiers

            write_tiers(self._file(source, ".TextGrid"), found)
        if self._pictures and found.was_cut:
            from mtser.prediction.pictures import draw_time_line

            draw_time_line(self._file(source, ".png"), found)
        elif self._pictures:
            from mtser.prediction.pictures import draw_recording

            samples = np.concatenate(list(stream_audio(source.audio, source.name)))
            draw_recording(self._file(source, ".png"), found.turns[0], samples)
        write_json(file, {**entry, **found.to_dict()})

    def finish(self, sources: Iterable[Source], classes: Sequence[str], failures: Sequence[Failure]) -> None:
        """Write the table of all recordings, from their files, and the table of failures."""

        def write(file: Any) -> None:
            text = io.TextIOWrapper(file, "utf-8", newline="", write_through=True)
            rows = csv.writer(text, lineterminator="\n")
            rows.writerow(table_header(classes))
            for entry in self._entries(sources):
                rows.writerows(table_rows(entry))
            text.detach()

        write_atomically(self.folder / _TABLE, write)
        rows = [(one.name, one.reason, one.detail) for one in failures]
        write_csv(self.folder / _FAILURES, ("file", "reason", "detail"), rows)

    def _entries(self, sources: Iterable[Source]) -> Iterator[dict[str, Any]]:
        for source in sources:
            if (entry := self._result(source)) is not None:
                yield entry

    def _result(self, source: Source) -> dict[str, Any] | None:
        """What was found in a recording that has not changed since."""
        entry = _read(self._file(source, ".json"))
        return entry if entry is not None and "turns" in entry and entry.get("source") == identity_of(source) else None

    def _file(self, source: Source, ending: str) -> Path:
        return self.folder / source.key.parent / f"{source.key.name}{ending}"

    def _extras(self, source: Source, was_cut: bool) -> list[Path]:
        """The files beside the JSON file."""
        endings = ((".turns.csv", was_cut), (".TextGrid", self._text_grids), (".png", self._pictures))
        return [self._file(source, ending) for ending, wanted in endings if wanted]


def _read(path: Path) -> dict[str, Any] | None:
    """A JSON file that mtser has written, or None."""
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) and entry.get("made_by") == MADE_BY else None


def _files(entry: Mapping[str, Any]) -> list[str]:
    """The names of the files that belong to a JSON file."""
    return list(entry.get("files", ()))


def _is_another(earlier: Any, source: Source) -> bool:
    """Whether what was judged earlier is another recording, which is still there."""
    path = earlier.get("path") if isinstance(earlier, dict) else None
    if path is None or isinstance(source.audio, bytes):
        return False
    return path != str(source.audio.resolve()) and Path(path).exists()


def identity_of(source: Source) -> dict[str, Any]:
    """What tells that a recording, and what is known of it, is still the same."""
    if isinstance(source.audio, bytes):
        return {"sha256": hashlib.sha256(source.audio).hexdigest(), "text": source.text}
    try:
        status = source.audio.stat()
    except OSError:  # it was there a moment ago; reading it will tell
        return {}
    path = str(source.audio.resolve())
    return {"path": path, "bytes": status.st_size, "modified": status.st_mtime_ns, "text": source.text}
