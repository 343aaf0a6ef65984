from hypothesis import given
from hypothesis import strategies as st

from mtser.corpora.emo_evaluation import parse_emo_evaluation
from tests.corpora.iemocap_writer import EVALUATION_HEADER, Annotated

ids = st.from_regex(r"Ses0[1-5][FM]_impro\d\d_[FM]\d{3}", fullmatch=True)
labels = st.sampled_from(["ang", "hap", "exc", "sad", "neu", "fru", "xxx"])
categories = st.sampled_from(["Neutral", "Neutral state", "Anger", "Happiness", "Excited", "Sadness", "Other"])
ratings = st.one_of(st.none(), st.floats(1, 5).map(lambda value: round(value, 4)))
turns = st.lists(
    st.tuples(ids, labels, st.tuples(ratings, ratings, ratings), st.lists(st.lists(categories, min_size=1), max_size=4))
)


@given(turns)
def test_what_is_written_is_read(turns: list[tuple]) -> None:
    def rating(value: float | None) -> str:
        return "" if value is None else f"{value:.4f}"

    text = EVALUATION_HEADER + "".join(
        Annotated(id, label, ", ".join(map(rating, vad)), ballots).text() for id, label, vad, ballots in turns
    )
    parsed, damaged = parse_emo_evaluation(text)
    assert damaged == ()
    assert [(turn.id, turn.label, turn.vad or (None, None, None), turn.ballots) for turn in parsed] == [
        (id, label, vad, tuple(map(tuple, ballots))) for id, label, vad, ballots in turns
    ]
    assert [text.split("\n")[turn.line - 1].split("\t")[1] for turn in parsed] == [turn.id for turn in parsed]


def test_self_reports_and_comments_are_no_votes() -> None:
    text = "[1 - 2]\tSes01F_impro01_F000\tneu\t[2, 3, 4]\n"
    text += "C-E2:\tNeutral; Anger;\t(sure; not: Sadness;)\nC-E4:\t;\t()\nC-F1:\tSadness;\t()\nC-M1:\tFear;\t()\n"
    ((turn,), _) = parse_emo_evaluation(text)
    assert turn.ballots == (("Neutral", "Anger"),)


def test_ratings_that_are_no_numbers_are_missing() -> None:
    ((turn, other, third), _) = parse_emo_evaluation(
        "[1 - 2]\ta\tneu\t[2, nan, x]\n[1 - 2]\tb\tneu\t[ , , ]\n[1 - 2]\tc\tNEU\n"
    )
    assert (turn.vad, other.vad, third.vad) == ((2.0, None, None), None, None)
    assert third.label == "neu"


def test_when_a_turn_begins() -> None:
    spans = ["6.2901 - 8.2357", "006.5-7", "0 - 1", "", "? - 2", "nan - 1"]
    text = "".join(f"[{span}]\tid{n}\tneu\t[2, 3, 4]\n" for n, span in enumerate(spans))
    turns, damaged = parse_emo_evaluation(text)
    assert [turn.start for turn in turns] == [6.2901, 6.5, 0.0, None, None, None] and not damaged


def test_a_damaged_turn_is_reported_and_its_votes_go_to_nobody() -> None:
    text = "[1 - 2]\ta\tneu\t[2, 2, 2]\nC-E2:\tNeutral;\t()\n\n[3 - 4]\tb\nC-E2:\tAnger;\t()\n"
    ((turn,), (damaged,)) = parse_emo_evaluation(text)
    assert (turn.id, turn.ballots) == ("a", (("Neutral",),))
    assert (damaged.line, damaged.text) == (4, "[3 - 4]\tb")
