"""A text → its written words: the one place where mtser decides what a word of a transcript is."""

import re
import unicodedata

from mtser.languages import main_language

_TAG = re.compile(r"\[[^\]]*\]|<[^>]*>|\+\+\S+?\+\+")  # [LAUGHTER], <noise>, ++BREATHING++
_BETWEEN_WORDS = re.compile(r"\s+|[‐-―−]{1,}(?=\D)|--+|\.\.+|…|(?<=[^\W\d_])[;:!?,](?=[^\W\d_])")
_APOSTROPHES = str.maketrans(dict.fromkeys("‘’ʼ´`＇", "'") | {"‐": "-", "‑": "-"})
_SPOKEN_SIGNS = "$£€¥%°&@+#§"
_DOTTED = re.compile(r"(?:[^\W\d_]\.){2,}|[ap]\.m\.", re.IGNORECASE)  # e.g., U.S., a.m.
_CLIPPED = frozenset(
    [
        "'cause",
        "'em",
        "'til",
        "'till",
        "'bout",
        "'round",
        "'tis",
        "'twas",
        "'n'",
        "'n",
        "'cos",
        "'coz",
        "'kay",
        "'am",
        "'s",
    ]
)


def split_words(text: str, language: str = "en") -> tuple[str, ...]:
    """Split a text into its words, in their order.

    A word is what stands between blanks, dashes and dots, without the punctuation around it: "well-known", "don't",
    "$20", "12:30" and "e.g." are one word each. Case stays, typographic apostrophes become ``'``. Marks of what is not
    speech are left out: ``[LAUGHTER]``, ``<noise>``, ``++BREATHING++``.

    Parameters
    ----------
    text
        As written.
    language
        An ISO 639-1 code. Chinese and Japanese, which have no blanks, are split into characters.

    Returns
    -------
    tuple of str
        None of them is empty; none at all if nothing is spoken ("...").

    Example
    -------
    >>> split_words('"Well... don’t," said Dr. No -- [LAUGHTER] at 12:30, for $20.')
    ('Well', "don't", 'said', 'Dr', 'No', 'at', '12:30', 'for', '$20')
    >>> split_words("...")
    ()
    """
    plain = unicodedata.normalize("NFC", _TAG.sub(" ", text)).translate(_APOSTROPHES)
    if main_language(language) in ("zh", "ja"):
        plain = re.sub(r"([\u3040-\u30ff\u3400-\u9fff])", r" \1 ", plain)
    tokens = (token for token in _BETWEEN_WORDS.split(plain) if token)
    words = (_bare(token) for token in tokens)
    return tuple(word for word in words if word)


def _bare(token: str) -> str:
    """The token without the punctuation around it; empty if nothing in it is spoken."""
    start, end = 0, len(token)
    while start < end and not _is_spoken(token[start]):
        start += 1
    while end > start and not _is_spoken(token[end - 1]):
        end -= 1
    word = token[start:end]
    if not any(character.isalnum() or character in "%&@" for character in word):
        return ""
    before, after = token[:start], token[end:]
    if before.endswith("'") and f"'{word}{after[:1]}".lower().rstrip('.,;:!?"') in _CLIPPED:
        word = f"'{word}"
    elif before.endswith("-") and word[0].isdigit() and before == "-":
        word = f"-{word}"
    if after.startswith("'") and (word.lower().endswith("in") or word.lower() == "'n"):  # goin', rock 'n' roll
        word += "'"
    if after.startswith(".") and _DOTTED.fullmatch(f"{word}."):
        word += "."
    return word


def _is_spoken(character: str) -> bool:
    return character.isalnum() or character in _SPOKEN_SIGNS or unicodedata.category(character).startswith("M")
