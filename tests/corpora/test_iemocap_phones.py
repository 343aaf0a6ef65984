"""Phones of words from .phseg files: on files in the real format, whole and damaged."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mtser.alignment.phone_times import phone_of, with_phones
from mtser.alignment.word import Phone, Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError
from mtser.audio import AudioIndex
from mtser.corpora import Corpus, read_iemocap
from tests.corpora.iemocap_writer import IemocapWriter, Row, wdseg_text

# Of the words that IemocapWriter writes: "OH" in the frames 10 to 29, "NO" in 40 to 79.
PHONES: tuple[Row, ...] = (
    (0, 9, "SIL"),
    (10, 29, "OW SIL N s"),
    (30, 39, "SIL"),
    (40, 54, "N OW OW b"),
    (55, 79, "OW1 N SIL e"),
    (80, 98, "SIL"),
)
GOOD, BAD = "Ses01F_impro01_F000", "Ses01F_impro01_F001"
PHSEG = f"Session1/sentences/ForcedAlignment/Ses01F_impro01/{BAD}.phseg"


def add(writer: IemocapWriter, id: str, phones: str | bytes | None, **options: object) -> None:
    writer.add(id, **options)  # type: ignore[arg-type]
    if phones is not None:
        path = writer.wdseg(id).with_suffix(".phseg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(phones if isinstance(phones, bytes) else phones.encode())


def phseg_text(rows: tuple[Row, ...] | list[Row]) -> str:
    return wdseg_text(rows).replace("Word", "Phone")


def read(writer: IemocapWriter, index: AudioIndex, **options: object) -> Corpus:
    return read_iemocap(writer.root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def warned(corpus: Corpus) -> list[str]:
    """What is said of phones; the writer's corpora also lack most of IEMOCAP."""
    return [warning for warning in corpus.warnings if "phone" in warning]


def test_words_have_their_phones(iemocap: IemocapWriter, index: AudioIndex) -> None:
    add(iemocap, GOOD, phseg_text(PHONES))
    iemocap.wdseg(GOOD).with_name(f"._{GOOD}.phseg").write_bytes(b"\x00\x05\x16\x07")
    corpus = read(iemocap, index)
    oh, no = corpus.utterances[0].words
    assert oh.phones == (Phone("OW", 0.1, 0.3),)
    assert no.phones == (Phone("N", 0.4, 0.55), Phone("OW", 0.55, 0.8))
    assert not warned(corpus)


def test_without_phone_files_words_have_none_and_nobody_warns(iemocap: IemocapWriter, index: AudioIndex) -> None:
    add(iemocap, GOOD, None)
    corpus = read(iemocap, index)
    assert not any(word.phones for word in corpus.utterances[0].words) and not warned(corpus)


@pytest.mark.parametrize(
    ("phones", "reason", "where"),
    [
        (phseg_text([*PHONES[:1], (8, 29, "OW SIL N s"), *PHONES[2:]]), "alignment rows overlap", ":3"),
        (phseg_text([*PHONES[:3], (54, 40, "N OW OW b")]), "alignment rows run backwards", ":5"),
        (phseg_text([(0, "nine", "SIL"), *PHONES[1:]]), "unreadable alignment row", ":2: '0  nine"),
        (phseg_text([*PHONES[:3], (30, 45, "N OW OW b")]), "alignment rows overlap", ":5"),
        (phseg_text([PHONES[1], (35, 54, "N OW OW b")]), "phone across a word's boundary", ":3: N OW OW b"),
        (phseg_text([PHONES[1], (40, 83, "N OW OW b")]), "phone across a word's boundary", ":3: N OW OW b"),
        (phseg_text([*PHONES, (99, 120, "T OW SIL s")]), "phone outside of the words", ":8"),
        (phseg_text([(0, 5, "T SIL OW s"), *PHONES[1:]]), "phone outside of the words", ":2"),
        (phseg_text(PHONES[:3]), "word without phones", ": NO at 0.400"),
        ("\x00\x01 rubbish\n", "unreadable alignment row", ":1"),
    ],
)
def test_bad_phone_files_cost_the_phones_alone(
    iemocap: IemocapWriter, index: AudioIndex, phones: str, reason: str, where: str
) -> None:
    add(iemocap, GOOD, phseg_text(PHONES))
    add(iemocap, BAD, phones)
    corpus = read(iemocap, index)
    good, bad = corpus.utterances
    assert all(word.phones for word in good.words) and not any(word.phones for word in bad.words)
    assert [(word.word, word.start, word.end) for word in bad.words] == [("OH", 0.1, 0.3), ("NO", 0.4, 0.8)]
    (warning,) = warned(corpus)
    assert warning.startswith(
        f"The phone times (.phseg) of 1 utterances cannot be used ({reason} 1; the first: {PHSEG}"
    )
    assert where in warning and warning.endswith("their words have no phones.")


def test_bad_phone_files_are_counted_by_reason(iemocap: IemocapWriter, index: AudioIndex) -> None:
    for number, phones in enumerate([PHONES[:3], PHONES[:3], PHONES, [*PHONES[:3], (54, 40, "N")]]):
        add(iemocap, f"Ses01F_impro01_F00{number}", phseg_text(list(phones)))
    (warning,) = warned(read(iemocap, index))
    assert "of 3 utterances" in warning and "word without phones 2, alignment rows run backwards 1" in warning


@pytest.mark.parametrize("phones", ["", "\n\n", " SFrm EFrm SegAScr Phone\n Total score: 0\n"])
def test_an_empty_phone_file_is_as_none(iemocap: IemocapWriter, index: AudioIndex, phones: str) -> None:
    add(iemocap, GOOD, phones)
    corpus = read(iemocap, index)
    assert not corpus.utterances[0].words[0].phones and not warned(corpus)


def test_phones_end_with_the_audio(iemocap: IemocapWriter, index: AudioIndex) -> None:
    rows = ((0, 9, "SIL"), (10, 89, "OW SIL T b"), (90, 97, "S OW T i"), (98, 102, "T S SIL e"))
    later = ((0, 9, "SIL"), (10, 99, "OW SIL T b"), (100, 102, "T OW SIL e"))
    for id, phones in ((GOOD, rows), (BAD, later)):
        add(iemocap, id, phseg_text(phones), rows=((0, 9, "<s>"), (10, 102, "OHST")), seconds=1.0)
    corpus = read(iemocap, index)
    (cut,), (lost,) = (one.words for one in corpus.utterances)
    assert cut.phones == (Phone("OW", 0.1, 0.9), Phone("S", 0.9, 0.98), Phone("T", 0.98, 1.0)) and cut.end == 1.0
    assert lost.phones == (Phone("OW", 0.1, 1.0),) and not warned(corpus)


def test_noises_have_no_phones(iemocap: IemocapWriter, index: AudioIndex) -> None:
    rows = ((0, 9, "<s>"), (10, 29, "++LAUGHTER++"), (30, 79, "OH"), (80, 98, "</s>"))
    phones = ((0, 9, "SIL"), (10, 29, "+LAUGHTER+"), (30, 79, "OW SIL SIL s"), (80, 98, "SIL"))
    add(iemocap, GOOD, phseg_text(phones), rows=rows)
    (oh,) = read(iemocap, index).utterances[0].words
    laughter, kept = read(iemocap, index, non_speech="keep").utterances[0].words
    assert oh.phones == kept.phones == (Phone("OW", 0.3, 0.8),) and not laughter.phones


def test_shared_out_words_get_no_phones_of_another_alignment(iemocap: IemocapWriter, index: AudioIndex) -> None:
    add(iemocap, GOOD, phseg_text(PHONES), rows=None)
    corpus = read(iemocap, index, unaligned="even")
    assert not any(word.phones for word in corpus.utterances[0].words) and not warned(corpus)


def test_two_frames_beyond_the_word_are_rounding(iemocap: IemocapWriter, index: AudioIndex) -> None:
    add(iemocap, GOOD, phseg_text([(0, 7, "SIL"), (8, 31, "OW SIL N s"), (38, 81, "OW SIL N s")]))
    oh, no = read(iemocap, index).utterances[0].words
    assert oh.phones == (Phone("OW", 0.1, 0.3),) and no.phones == (Phone("OW", 0.4, 0.8),)


@pytest.mark.parametrize(
    ("label", "phone"),
    [
        ("AY SIL K b", "AY"),
        ("AH0 B T i", "AH"),
        ("SIL", None),
        ("+BREATHING+", None),
        ("++SMACK++", None),
        ("<sil>", None),
    ]
    + [("sil", None), ("aa1 T B i", "AA"), ("0", None)],
)
def test_phone_of_a_label(label: str, phone: str | None) -> None:
    assert phone_of(label) == phone


@given(st.lists(st.lists(st.integers(1, 20), min_size=1, max_size=5), min_size=1, max_size=6), st.data())
def test_what_was_aligned_is_found(words: list[list[int]], data: st.DataObject) -> None:
    at, rows, expected = 0, [], []
    for number, lengths in enumerate(words):
        pause = data.draw(st.integers(0, 10))
        rows.append(TimedLabel("SIL", at / 100, (at + pause) / 100, len(rows) + 2)) if pause else None
        at, start, phones = at + pause, at + pause, []
        for length in lengths:
            phones.append(Phone("K", at / 100, (at + length) / 100))
            rows.append(TimedLabel("K AA B i", at / 100, (at + length) / 100, len(rows) + 2))
            at += length
        expected.append(Word(f"w{number}", start / 100, at / 100, tuple(phones)))
    bare = [Word(word.word, word.start, word.end) for word in expected]
    assert with_phones(bare, rows, at / 100, "a.phseg") == tuple(expected)


def test_a_phone_in_a_pause_is_an_error() -> None:
    words = [Word("A", 0.0, 0.2), Word("B", 0.5, 0.6)]
    rows = [TimedLabel("AH", 0.0, 0.2, 2), TimedLabel("B", 0.3, 0.4, 3), TimedLabel("IY", 0.5, 0.6, 4)]
    with pytest.raises(UnusableAlignmentError, match="a.phseg:3: B at 0.300-0.400 s: phone outside of the words"):
        with_phones(words, rows, 1.0, "a.phseg")
