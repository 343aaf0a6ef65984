"""What each of several joined corpora brings, for the screen and the report."""

from typing import Any

from mtser.corpora.corpus import Corpus


def describe_members(corpus: Corpus) -> list[dict[str, Any]]:
    """A row a member: what it is there for, and what is in it; none of a corpus by itself.

    Returns
    -------
    list of dict
        JSON types: "name", "role", "utterances", "speakers" (how many), "languages", "classes" (class → utterances).

    Example
    -------
    >>> from pathlib import Path
    >>> describe_members(Corpus("toy", Path("/toy"), ("sad",), ()))
    []
    """
    rows = []
    for member in corpus.members:
        own = [one for one in corpus.utterances if one.corpus == member.name]
        emotions = [one.emotion for one in own]
        rows.append(
            {
                "name": member.name,
                "role": member.role,
                "utterances": len(own),
                "speakers": len({one.speaker for one in own}),
                "languages": sorted({one.language for one in own}),
                "classes": {name: emotions.count(name) for name in corpus.classes},
            }
        )
    return rows
