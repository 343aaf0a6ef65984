"""Transcripts in the files that people keep them in."""

from collections.abc import Iterable
from pathlib import Path

from mtser.corpora.transcriptions import parse_transcriptions
from mtser.errors import CorpusError
from mtser.text_files import numbered_lines, read_text

BESIDE = (".txt", ".lab")
"""Suffixes of a transcript beside its audio; the first that is there counts."""

_LIBRISPEECH = ".trans.txt"


def read_beside(audio: Path) -> tuple[str | None, str]:
    """The transcript beside an audio file, and its path; None if there is none.

    Raises
    ------
    CorpusError
        If it is there but cannot be read.
    """
    for suffix in BESIDE:
        file = audio.with_suffix(suffix)
        if file.is_file():
            return " ".join(read_text(file).split()), str(file)
    return None, ""


class ListedTexts:
    """The texts of lists in a folder.

    Known are IEMOCAP's ``transcriptions/*.txt`` (``id [start-end]: text``) and LibriSpeech's ``*.trans.txt`` (``id
    text``).

    Parameters
    ----------
    files
        All files of the folder.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "103-1240.trans.txt"
    >>> _ = file.write_text("103-1240-0000 CHAPTER ONE")
    >>> ListedTexts([file]).of("103-1240-0000")[0]
    'CHAPTER ONE'
    """

    def __init__(self, files: Iterable[Path]) -> None:
        self._texts: dict[str, tuple[str, str]] = {}
        self._unreadable: dict[str, str] = {}
        for file in files:
            is_iemocap = file.suffix.lower() == ".txt" and file.parent.name == "transcriptions"
            if file.name.endswith(_LIBRISPEECH) or is_iemocap:
                try:
                    self._add(file)
                except CorpusError as error:
                    self._unreadable[file.name.removesuffix(_LIBRISPEECH).removesuffix(file.suffix)] = str(error)

    def of(self, name: str) -> tuple[str | None, str]:
        """The text of the audio of this name (without suffix) and the list's path; None if there is none.

        Raises
        ------
        CorpusError
            If the list that should have it, whose name begins that of the audio, cannot be read.
        """
        if name in self._texts:
            return self._texts[name]
        for beginning, problem in self._unreadable.items():
            if name.startswith((f"{beginning}-", f"{beginning}_")):
                raise CorpusError(problem)
        return None, ""

    def _add(self, file: Path) -> None:
        text = read_text(file)
        if file.name.endswith(_LIBRISPEECH):
            for _, line in numbered_lines(text):
                id, _, said = line.partition(" ")
                self._texts.setdefault(id, (said, str(file)))
        else:
            for one in parse_transcriptions(text):
                self._texts.setdefault(one.id, (one.text, str(file)))
