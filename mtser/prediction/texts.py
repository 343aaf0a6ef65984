"""What is said in recordings, where a user knows it."""

from pathlib import Path

from mtser.aligning.text_table import TextTable
from mtser.aligning.texts import read_beside
from mtser.errors import CorpusError
from mtser.prediction.sources import Source


class Texts:
    """Finds the text of a recording.

    Parameters
    ----------
    text
        Of the only recording.
    table
        A table of texts (:class:`~mtser.aligning.text_table.TextTable`).
    beside
        Whether ``a.txt`` (or ``a.lab``) holds the text of ``a.wav`` in the same folder; where there is none, the
        recording is transcribed.

    Raises
    ------
    ConfigError
        If the table cannot be read, lacks a column or has a file twice.
    """

    def __init__(self, text: str | None = None, table: Path | None = None, *, beside: bool = False) -> None:
        self._text = text
        self._table = TextTable(table) if table else None
        self._beside = beside

    def of(self, source: Source) -> str | None:
        """The text of a recording; None if it is not known.

        Raises
        ------
        CorpusError
            If the file beside it cannot be read, or its text is empty.
        """
        if self._text is not None:
            return self._text
        text, place = None, ""
        if self._table is not None:
            text, place = self._table.of(source.name), f"{self._table.path}: {source.name}"
        if text is None and self._beside and isinstance(source.audio, Path):
            text, place = read_beside(source.audio)
        if text == "":
            raise CorpusError(
                f"{place}: it has no text there; write what is said, or remove it to have it transcribed."
            )
        return text

    def warn_of_unused(self) -> None:
        """Tell which recordings of the table nobody asked for."""
        if self._table is not None:
            self._table.warn_of_unused()
