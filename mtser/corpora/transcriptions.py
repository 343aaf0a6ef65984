"""IEMOCAP's transcription files."""

import re
from dataclasses import dataclass

from mtser.text_files import numbered_lines

_LINE = re.compile(r"(?P<id>Ses\S+)\s+\[[^\]]*\]:\s*(?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in one turn, and the line of the file that says so."""

    id: str
    text: str
    line: int


def parse_transcriptions(text: str) -> tuple[Transcript, ...]:
    """Parse a transcription file: lines ``id [start-end]: text``.

    The text may hold colons and brackets. Lines of another form (``M: sorry``, spoken off the record) are no turns
    and are left out.

    Example
    -------
    >>> parse_transcriptions("Ses01F_impro01_F000 [006.2901-008.2357]: He said: [LAUGHTER] no.")
    (Transcript(id='Ses01F_impro01_F000', text='He said: [LAUGHTER] no.', line=1),)
    """
    matches = ((number, _LINE.fullmatch(line)) for number, line in numbered_lines(text))
    return tuple(Transcript(match["id"], match["text"], number) for number, match in matches if match)
