"""Ratings and dialogs in a table of one's own."""

from pathlib import Path

from mtser.audio import AudioIndex
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.test_custom import read, write


def test_ratings_and_dialogs(tmp_path: Path, index: AudioIndex) -> None:
    table = write(
        tmp_path,
        "file,label,text,id,arousal,Valence,dialog,dialog_start,start",
        "a.wav,joy,oh,u1,4.5,1,d1,12.5,0.1",
        "b.wav,joy,oh,u2,,,d1,10,",
        "c.wav,joy,oh,u3,high,2,d1,,",
        "d.wav,joy,oh,u4,nan,,d2,soon,",
        "e.wav,joy,oh,u5,0,,,3,",
        "f.wav,other,oh,u6,2,2,d1,11,",
    )
    corpus = read(table, index, columns={"activation": "arousal"}, label_map={"joy": "happy"})
    assert {one.id: (one.vad, one.dialog, one.start) for one in corpus.with_context().utterances} == {
        "u1": ((1.0, 4.5, None), "d1", 12.5),
        "u2": (None, "d1", 10.0),
        "u3": ((2.0, None, None), "d1", None),
        "u4": (None, "d2", None),
        "u5": ((None, 0.0, None), None, None),
    }
    assert [(one.id, one.vad, one.start) for one in corpus.with_context().context] == [("u6", None, 11.0)]
    assert corpus.warnings[-2:] == (
        "3 values of valence, activation, dominance or dialog_start are no numbers and count as missing (the first: "
        "table.csv:4: activation 'high').",
        "2 rows name a dialog without telling when the turn begins in it (dialog_start, or start where all turns are "
        "parts of one recording; the first: table.csv:4): no turn before it is known.",
    )


def test_parts_of_one_recording_are_turns_by_their_start(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "talk.wav", 4.0)
    rows = ["talk.wav,joy,oh,2,3,one", "talk.wav,joy,no,0.5,1.5,one"]
    corpus = read(write(tmp_path, "file,label,text,start,end,dialog", *rows, audio=False), index)
    assert [(one.text, one.dialog, one.start) for one in corpus.utterances] == [("no", "one", 0.5), ("oh", "one", 2.0)]


def test_starts_in_different_files_are_no_places_in_a_dialog(tmp_path: Path, index: AudioIndex) -> None:
    for name in "ab":
        write_tone(tmp_path / f"{name}.wav", 4.0)
    rows = ["a.wav,joy,oh,2,3,one", "b.wav,joy,no,0.5,1.5,one"]
    corpus = read(write(tmp_path, "file,label,text,start,end,dialog", *rows, audio=False), index)
    assert [(one.dialog, one.start) for one in corpus.utterances] == [("one", None)] * 2
    assert len(corpus.warnings) == 1  # of speakers: a table may have dialogs without telling their order


def test_a_column_that_means_something_else_is_not_read_twice(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "file,Valence,text,dialog", "a.wav,pos,oh,d1", "b.wav,neg,oh,d2")
    corpus = read(table, index, columns={"label": "valence", "group": "dialog"})
    assert [(one.emotion, one.vad, one.session, one.dialog) for one in corpus.utterances] == [
        ("pos", None, "d1", None),
        ("neg", None, "d2", None),
    ]
