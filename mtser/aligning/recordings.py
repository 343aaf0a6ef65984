"""Which audio files a user means, and what was said in them as far as files tell."""

import glob
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from mtser.aligning.text_table import TextTable
from mtser.aligning.texts import listed_texts, read_beside
from mtser.audio import is_recording
from mtser.errors import ConfigError
from mtser.files import walk


@dataclass(frozen=True, slots=True)
class Recording:
    """An audio file.

    Parameters
    ----------
    path
        Where it lies.
    place
        Relative to the folder that the user named: where its results go, without suffix; unique.
    text
        What was said; None if no file tells.
    source
        Where the text is from, for reports.
    """

    path: Path
    place: Path
    text: str | None = None
    source: str = ""


def find_recordings(inputs: Iterable[str]) -> tuple[Recording, ...]:
    """Find the audio files of files, folders (with all that is below) and patterns such as ``talks/*.wav``.

    A transcript is a file of the same name beside the audio (.txt or .lab), or a line of the folder's lists: IEMOCAP's
    ``transcriptions/*.txt`` and LibriSpeech's ``*.trans.txt``. Of a folder that has IEMOCAP's layout, the utterances
    are taken and the recordings of whole dialogs are not.

    Raises
    ------
    ConfigError
        If one of the inputs leads to no audio file.
    """
    found: dict[Path, Recording] = {}
    for name in inputs:
        path = Path(name).expanduser()
        if path.is_dir():
            group = _of_folder(path)
        elif path.is_file():
            group = [_alone(path)]
        else:
            group = [one for match in sorted(glob.glob(str(path), recursive=True)) for one in _of_match(Path(match))]
            if not group:
                raise ConfigError(f"{name}: there is no such file or folder, and as a pattern it matches no audio.")
        if not group:
            raise ConfigError(f"{name}: holds no audio (by its endings, such as .wav, .flac, .mp3, .mp4).")
        for one in group:
            found.setdefault(one.path.resolve(), one)
    return _told_apart(list(found.values()))


def _of_match(path: Path) -> list[Recording]:
    return [_alone(path)] if path.is_file() and is_recording(path) else []


def _alone(path: Path) -> Recording:
    text, source = read_beside(path)
    return Recording(path, Path(path.stem), text, source)


def _of_folder(folder: Path) -> list[Recording]:
    files = [Path(parent, name) for parent, _, names in walk(folder) for name in names if not name.startswith(".")]
    audio = [file for file in files if is_recording(file)]
    sentences = [file for file in audio if "sentences" in file.relative_to(folder).parts]
    if sentences and any("transcriptions" in file.parts for file in files):
        audio = sentences
    listed = listed_texts(files)
    recordings = []
    for file in audio:
        text, source = read_beside(file)
        if text is None and file.stem in listed:
            text, source = listed[file.stem]
        recordings.append(Recording(file, file.relative_to(folder).with_suffix(""), text, source))
    return recordings


def _told_apart(recordings: list[Recording]) -> tuple[Recording, ...]:
    """With places that no two of them share: a suffix, else the folder's name, is put to those that do."""
    for rename in (_with_suffix, _with_folder):
        counts: dict[Path, int] = {}
        for one in recordings:
            counts[one.place] = counts.get(one.place, 0) + 1
        recordings = [rename(one) if counts[one.place] > 1 else one for one in recordings]
    places = [one.place for one in recordings]
    if twice := {place for place in places if places.count(place) > 1}:
        raise ConfigError(f"several audio files would be written as {min(twice)}.TextGrid; align them one by one.")
    return tuple(recordings)


def _with_suffix(one: Recording) -> Recording:
    place = one.place.with_name(f"{one.place.name}_{one.path.suffix[1:].lower()}")
    return replace(one, place=place)


def _with_folder(one: Recording) -> Recording:
    return replace(one, place=Path(one.path.resolve().parent.name) / one.place)


def with_texts(recordings: Iterable[Recording], table: TextTable) -> tuple[Recording, ...]:
    """Give recordings the texts of a table; those that it does not name keep theirs."""
    texts = [(one, table.of(one.path)) for one in recordings]
    return tuple(one if text is None else replace(one, text=text, source=str(table.path)) for one, text in texts)
