"""Transcripts in the files that people keep them in."""

from collections.abc import Iterable
from pathlib import Path

from mtser.corpora.transcriptions import parse_transcriptions
from mtser.errors import ConfigError, CorpusError
from mtser.text_files import numbered_lines, read_text

BESIDE = (".txt", ".lab")
"""Suffixes of a transcript beside its audio; the first that is there counts."""


def read_beside(audio: Path) -> tuple[str | None, str]:
    """The transcript beside an audio file, and its path; None if there is none.

    Raises
    ------
    ConfigError
        If it is there but cannot be read.
    """
    for suffix in BESIDE:
        file = audio.with_suffix(suffix)
        if file.is_file():
            try:
                return " ".join(read_text(file).split()), str(file)
            except CorpusError as error:
                raise ConfigError(str(error)) from error
    return None, ""


def listed_texts(files: Iterable[Path]) -> dict[str, tuple[str, str]]:
    """The texts of lists in a folder: name of the audio without suffix → text and the list's path.

    Known are IEMOCAP's ``transcriptions/*.txt`` (``id [start-end]: text``) and LibriSpeech's ``*.trans.txt`` (``id
    text``).
    """
    found: dict[str, tuple[str, str]] = {}
    for file in files:
        if file.name.endswith(".trans.txt"):
            for _, line in numbered_lines(read_text(file)):
                id, _, text = line.partition(" ")
                found.setdefault(id, (text, str(file)))
        elif file.suffix.lower() == ".txt" and file.parent.name == "transcriptions":
            for one in parse_transcriptions(read_text(file)):
                found.setdefault(one.id, (one.text, str(file)))
    return found
