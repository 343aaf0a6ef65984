from hypothesis import given
from hypothesis import strategies as st

from mtser.corpora.transcriptions import parse_transcriptions

texts = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"))).map(str.strip)


@given(st.lists(texts))
def test_any_text_without_line_ends_is_kept(texts: list[str]) -> None:
    lines = (f"Ses01F_impro01_F{n:03} [006.2901-008.2357]: {text}" for n, text in enumerate(texts))
    parsed = parse_transcriptions("\n".join(lines))
    assert [(one.text, one.line) for one in parsed] == list(zip(texts, range(1, len(texts) + 1), strict=True))


def test_the_text_starts_after_the_first_colon_that_closes_the_times() -> None:
    (one,) = parse_transcriptions("Ses01F_impro01_F000 [1-2]: He [sic]: said: no")
    assert one.text == "He [sic]: said: no"


def test_lines_off_the_record_are_no_turns() -> None:
    assert parse_transcriptions("M: sorry\nF: [LAUGHTER]\nhello [1-2]: you\n") == ()
