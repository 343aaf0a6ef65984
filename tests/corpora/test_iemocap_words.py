import pytest

from mtser.alignment.word_times import TimedLabel
from mtser.corpora.iemocap_words import spoken_words, transcript_words

LABELS = ["<s>", "<sil>", "I'M", "THE(2)", "++LAUGHTER++", "++LIPSMACK++", "READ(12)", "(2)X", "</s>"]


@pytest.mark.parametrize("keep", [False, True])
def test_words_of_an_alignment(keep: bool) -> None:
    rows = [TimedLabel(label, line / 10, line / 10 + 0.1, line) for line, label in enumerate(LABELS)]
    words = spoken_words(rows, keep)
    tags = ["++LAUGHTER++", "++LIPSMACK++"] if keep else []
    assert [word.label for word in words] == ["I'M", "THE", *tags, "READ", "(2)X"]
    assert all(rows[word.line].start == word.start for word in words)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Don't -- you, ever!", ("DON'T", "YOU", "EVER")),
        ("[LAUGHTER] Well-known. [breathing]oh", ("WELL-KNOWN", "OH")),
        ("$20 o'clock 'cause", ("20", "O'CLOCK", "CAUSE")),
        ("... - !", ()),
        ("", ()),
        ("Über naïve", ("ÜBER", "NAÏVE")),
    ],
)
def test_words_of_a_transcript(text: str, expected: tuple[str, ...]) -> None:
    assert transcript_words(text, keep_non_speech=False) == expected


def test_tags_of_a_transcript_are_spelled_as_in_an_alignment() -> None:
    assert transcript_words("Oh [LAUGHTER]. No", keep_non_speech=True) == ("OH", "++LAUGHTER++", "NO")
