import pytest

from mtser.corpora.iemocap_words import transcript_words


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
