"""The manifest: what is known of a corpus's utterances as JSON, the same on every machine.

Written and hashed utterance by utterance: as one text, that of a large corpus takes gigabytes.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from json.encoder import encode_basestring as quoted
from pathlib import Path
from typing import BinaryIO

from mtser.alignment.word import Phone, Word
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError
from mtser.files import write_atomically


def manifest_pieces(utterances: Iterable[Utterance]) -> Iterator[str]:
    r"""The text of a manifest, piece by piece.

    It is ``json.dumps({id: utterance.to_dict(), ...}, indent=1, ensure_ascii=False, sort_keys=True)`` and a final
    newline. The words, which are nearly all of it, are put together here, which takes a fifth of the time.

    Parameters
    ----------
    utterances
        In the order of their ids.

    Example
    -------
    >>> "".join(manifest_pieces([]))
    '{}\n'
    """
    before = "{\n"
    for one in utterances:
        yield before + _entry(one)
        before = ",\n"
    yield "{}\n" if before == "{\n" else "\n}\n"


def manifest_hash(utterances: Iterable[Utterance]) -> str:
    """SHA-256 of a manifest."""
    found = hashlib.sha256()
    for piece in manifest_pieces(utterances):
        found.update(piece.encode("utf-8"))
    return found.hexdigest()


def write_manifest(path: str | Path, utterances: Iterable[Utterance]) -> Path:
    """Write a manifest, atomically."""

    def write(file: BinaryIO) -> None:
        for piece in manifest_pieces(utterances):
            file.write(piece.encode("utf-8", "backslashreplace"))

    return write_atomically(path, write)


def read_manifest(path: str | Path) -> tuple[Utterance, ...]:
    """Read the utterances of a manifest.

    Raises
    ------
    CorpusError
        If the file is missing or is no manifest.
    """
    path = Path(path)
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        return tuple(Utterance.from_dict(id, entry) for id, entry in entries.items())
    except OSError as error:
        raise CorpusError(f"{path}: cannot be read ({error.strerror}).") from error
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise CorpusError(f"{path}: is no manifest of mtser ({error}).") from error


def _entry(one: Utterance) -> str:
    """One utterance; its words come last, as they do in the order of the alphabet."""
    about = one.to_dict(words=False)
    head = json.dumps({one.id: about}, indent=1, ensure_ascii=False, sort_keys=True)[2:-5]
    words = ",\n".join(map(_word, one.words))
    return f'{head},\n  "words": ' + (f"[\n{words}\n  ]\n }}" if words else "[]\n }")


def _word(one: Word) -> str:
    phones = ",\n".join(map(_phone, one.phones))
    inner = f'    "phones": [\n{phones}\n    ],\n' if phones else ""
    return (
        f'   {{\n    "end": {_number(one.end)},\n{inner}    "start": {_number(one.start)},\n'
        f'    "word": {quoted(one.word)}\n   }}'
    )


def _phone(one: Phone) -> str:
    return (
        f'     {{\n      "end": {_number(one.end)},\n      "phone": {quoted(one.phone)},\n'
        f'      "start": {_number(one.start)}\n     }}'
    )


def _number(value: float) -> str:
    """A finite number as JSON has it, also one of numpy's."""
    return float.__repr__(value) if isinstance(value, float) else repr(value)
