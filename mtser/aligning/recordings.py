"""Which audio files a user means, and what was said in them as far as files tell."""

import glob
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mtser.aligning.places import distinct_places
from mtser.aligning.text_table import TextTable
from mtser.aligning.texts import ListedTexts, read_beside
from mtser.audio import is_recording
from mtser.errors import ConfigError, CorpusError
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
    problem
        Why the file that should tell does not; empty if all is well.
    """

    path: Path
    place: Path
    text: str | None = None
    source: str = ""
    problem: str = ""

    @property
    def is_unheard(self) -> bool:
        """Whether only its audio tells what was said."""
        return self.text is None and not self.problem


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
    return _with_text(path, Path(path.stem), ListedTexts([]))


def _of_folder(folder: Path) -> list[Recording]:
    files = [Path(parent, name) for parent, _, names in walk(folder) for name in names if not name.startswith(".")]
    audio = [file for file in files if is_recording(file)]
    sentences = [file for file in audio if "sentences" in file.relative_to(folder).parent.parts]
    if sentences and any("transcriptions" in file.relative_to(folder).parent.parts for file in files):
        audio = sentences
    listed = ListedTexts(files)
    return [_with_text(file, file.relative_to(folder).with_suffix(""), listed) for file in audio]


def _with_text(file: Path, place: Path, listed: ListedTexts) -> Recording:
    try:
        text, source = read_beside(file)
        if text is None:
            text, source = listed.of(file.stem)
    except CorpusError as error:
        return Recording(file, place, problem=str(error).rstrip("."))
    return Recording(file, place, text, source)


def _told_apart(recordings: Sequence[Recording]) -> tuple[Recording, ...]:
    """With places that no two of them share."""
    folders = [one.path.parents[len(one.place.parts) - 1] for one in recordings]
    files = [(folder, one.path.relative_to(folder)) for folder, one in zip(folders, recordings, strict=True)]
    places = distinct_places(files)
    return tuple(replace(one, place=place) for one, place in zip(recordings, places, strict=True))


def with_texts(recordings: Iterable[Recording], table: TextTable) -> tuple[Recording, ...]:
    """Give recordings the texts of a table; those that it does not name keep theirs."""
    texts = [(one, table.of(one.path)) for one in recordings]
    return tuple(one if text is None else with_text(one, text, str(table.path)) for one, text in texts)


def with_text(recording: Recording, text: str, source: str) -> Recording:
    """Give a recording a text that counts more than what its files tell."""
    return replace(recording, text=text, source=source, problem="")
