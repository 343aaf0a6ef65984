"""What the names of IEMOCAP's utterances say."""

import re
from dataclasses import dataclass

_NAME = re.compile(
    r"(?P<dialog>Ses(?P<session>\d\d)[FM]_(?P<style>impro|script)(?:(?<=impro)\d\d[ab]?|(?<=script)\d\d_\d[ab]?))"
    r"_(?P<sex>[FM])\d{3}",
    re.ASCII,
)
_STYLES = {"impro": "improvised", "script": "scripted"}


@dataclass(frozen=True, slots=True)
class IemocapName:
    """An utterance's name taken apart.

    Parameters
    ----------
    id
        The whole name.
    dialog
        The name of its dialog, the leading part.
    session
        "1" to "5".
    speaker
        Session and sex of the speaker, "1F". The sex is the *last* letter: the first one, which is part of the
        dialog's name, says who wore the motion capture markers.
    style
        "improvised" or "scripted".
    """

    id: str
    dialog: str
    session: str
    speaker: str
    style: str


def parse_utterance_name(id: str) -> IemocapName | None:
    """Take an utterance's name apart; None if it is not one (``Ses01F_impro01_MXX0`` is a turn without annotation).

    Example
    -------
    >>> parse_utterance_name("Ses01F_impro01_M003")
    IemocapName(id='Ses01F_impro01_M003', dialog='Ses01F_impro01', session='1', speaker='1M', style='improvised')
    """
    match = _NAME.fullmatch(id)
    if match is None:
        return None
    session = str(int(match["session"]))
    return IemocapName(id, match["dialog"], session, session + match["sex"], _STYLES[match["style"]])
