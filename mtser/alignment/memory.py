"""Word times that were found once and are kept: computed again only if the audio, the words or the aligner change."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import READING_VERSION
from mtser.files import cache_folder, write_text

_VERSION = 1  # of the files; raise it when what they hold changes


class AlignmentMemory:
    """A folder with one file a result, named by what determines the result.

    Parameters
    ----------
    settings
        Of the aligner.
    folder
        Default: ``alignments`` in :func:`mtser.files.cache_folder`.

    Example
    -------
    >>> import tempfile
    >>> memory = AlignmentMemory({"class": "Evenly"}, Path(tempfile.mkdtemp()))
    >>> memory.put("0" * 64, ["no"], "en", (Word("no", 0.0, 0.5),))
    >>> memory.get("0" * 64, ["no"], "en"), memory.get("0" * 64, ["yes"], "en")
    ((Word(word='no', start=0.0, end=0.5),), None)
    """

    def __init__(self, settings: dict[str, Any], folder: Path | None = None) -> None:
        self.settings = settings
        self.folder = folder if folder is not None else cache_folder() / "alignments"

    def get(self, sha256: str, words: Sequence[str], language: str) -> tuple[Word, ...] | UnusableAlignmentError | None:
        """What is known: the times, or why there are none; None if nothing is, or the file is damaged."""
        try:
            text = self._file(sha256, words, language).read_text(encoding="utf-8")
            digest, _, content = text.partition("\n")
            if digest != _digest(content):
                return None
            found = json.loads(content)
            if "reason" in found:
                return UnusableAlignmentError(found["reason"], found["detail"])
            return tuple(Word.from_dict(word) for word in found["words"])
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def put(
        self, sha256: str, words: Sequence[str], language: str, found: tuple[Word, ...] | UnusableAlignmentError
    ) -> None:
        """Keep a result.

        Raises
        ------
        MtserError
            If it cannot be written.
        """
        if isinstance(found, UnusableAlignmentError):
            content = json.dumps({"reason": found.reason, "detail": found.detail}, ensure_ascii=False)
        else:
            content = json.dumps({"words": [word.to_dict() for word in found]}, ensure_ascii=False)
        write_text(self._file(sha256, words, language), f"{_digest(content)}\n{content}")

    def _file(self, sha256: str, words: Sequence[str], language: str) -> Path:
        what = [_VERSION, READING_VERSION, sha256, list(words), language, self.settings]
        name = _digest(json.dumps(what, sort_keys=True))
        return self.folder / name[:2] / f"{name[2:]}.json"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", errors="surrogatepass")).hexdigest()
