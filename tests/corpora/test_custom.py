from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus, Word
from mtser.corpora.custom import read_custom
from mtser.errors import ConfigError, CorpusError
from mtser.training.protocols import default_protocol
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import LATE, PARROT, Parrot, classes_of, reasons


def read(place: Path, index: AudioIndex, **options: object) -> Corpus:
    options.setdefault("alignment", "even")
    return read_custom(place, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def write(root: Path, *rows: str, name: str = "table.csv", audio: bool = True, encoding: str = "utf-8") -> Path:
    """A table, and a second of sound for each file in its first column."""
    root.mkdir(parents=True, exist_ok=True)
    (root / name).write_bytes("\n".join([*rows, ""]).encode(encoding))
    for row in rows[1:] if audio else ():
        file = row.replace("\t", ",").replace(";", ",").split(",")[0]
        if file.endswith(".wav"):
            write_tone(root / file)
    return root / name


def test_file_and_label_and_text_are_enough(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path / "mine", "file,label,text", 'audio/a.wav,joy,"Oh, good!"', "audio/b.wav,anger,No.")
    corpus = read(table, index)
    first, second = corpus.utterances
    assert (corpus.name, corpus.root, corpus.classes) == ("custom", tmp_path / "mine", ("anger", "joy"))
    assert (first.id, first.wav, first.speaker, first.emotion) == ("audio/a", "audio/a.wav", "audio/a.wav", "joy")
    assert first.words == (Word("Oh", 0.0, 0.5), Word("good", 0.5, 1.0)) and first.language == "en"
    assert "every file counts as a speaker of its own: a person who is in several" in corpus.warnings[0]
    assert default_protocol(corpus) == "random_5fold"
    assert read(tmp_path / "mine", index).utterances == corpus.utterances


def test_all_columns(tmp_path: Path, index: AudioIndex) -> None:
    header = "file;label;text;speaker;group;split;language;id;remark"
    table = write(
        tmp_path,
        header,
        "a.wav;joy;Gut;anna;room 1;train;de;u1;x",
        "b.wav;joy;No;ben;room 2;Validation;;u2;y",
        "c.wav;joy;No;carl;room 2;test;en;u3;z",
    )
    corpus = read(table, index, language="nl")
    assert [(one.id, one.speaker, one.session, one.partition, one.language) for one in corpus.utterances] == [
        ("u1", "anna", "room 1", "train", "de"),
        ("u2", "ben", "room 2", "dev", "nl"),
        ("u3", "carl", "room 2", "test", "en"),
    ]
    assert not corpus.warnings and default_protocol(corpus) == "official"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("file,label,text,speaker", "lospo"),
        ("file,label,text,speaker,group", "loso"),
        ("file,label,text", "random_5fold"),
    ],
)
def test_the_protocol_follows_the_columns(header: str, expected: str, tmp_path: Path, index: AudioIndex) -> None:
    row = ",".join(["a.wav", "joy", "no", "anna", "1"][: header.count(",") + 1])
    assert default_protocol(read(write(tmp_path, header, row), index)) == expected


def test_columns_of_other_names_tabs_and_encodings(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "path\temotion\twords\twho", "a.wav\tjoie\tDéjà vu\tanna", name="t.tsv", encoding="cp1252")
    columns = {"file": "path", "label": "emotion", "text": "words", "speaker": "who"}
    (one,) = read(table, index, columns=columns).utterances
    assert (one.text, one.emotion, one.speaker) == ("Déjà vu", "joie", "anna")


def test_names_of_columns_in_capitals(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "File,Emotion,TEXT,Speaker,Split", "a.wav,joy,oh,anna,Train")
    (one,) = read(table, index, columns={"label": "EMOTION"}).utterances
    assert (one.emotion, one.text, one.speaker, one.partition) == ("joy", "oh", "anna", "train")


def test_a_named_column_that_is_not_there(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "file,label,Partition_", "a.wav,joy,train")
    with pytest.raises(CorpusError, match=r"no column 'partition'; its header has .*; the nearest is 'Partition_'\."):
        read(table, index, columns={"split": "partition"})


def test_a_column_that_stands_there_twice(tmp_path: Path, index: AudioIndex) -> None:
    for header in ("file,label,Label,text", "file,label,text,text"):
        with pytest.raises(CorpusError, match=r"table\.csv: has 2 columns '(label|text)'"):
            read(write(tmp_path, header, "a.wav,joy,fear,oh"), index)
    table = write(tmp_path, "file,label,mine,text,note,note", "a.wav,joy,fear,oh,1,2")
    assert classes_of(read(table, index, columns={"label": "mine"})) == {"a": "fear"}


def test_a_row_with_an_unquoted_comma_is_not_read_shifted(tmp_path: Path, index: AudioIndex) -> None:
    rows = ["a.wav,sad,Oh, no,sp1,0", 'b.wav,joy,"Oh, no",sp1,0', "c.wav,joy,Oh,sp2,0,,"]
    corpus = read(write(tmp_path, "file,label,text,speaker,group", *rows), index)
    assert [(one.text, one.speaker, one.session) for one in corpus.utterances] == [
        ("Oh, no", "sp1", "0"),
        ("Oh", "sp2", "0"),
    ]
    (one,) = corpus.skipped
    assert (one.utterance, one.reason) == ("table.csv:2", "too many fields")
    assert one.detail.startswith("table.csv:2: has 6 fields, its header names 5; put texts with a comma in quotation")


def test_a_tsv_with_commas_says_why_it_cannot_be_read(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(
        CorpusError, match=r"t\.tsv: has no column 'file'.* file,label without a tabulator between fields \(call"
    ):
        read(write(tmp_path, "file,label", "a.wav,joy", name="t.tsv"), index)


def test_parts_of_recordings(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "mine" / "long.wav", 4.0)
    rows = ["long.wav,joy,oh,anna,0.5,1.5", "long.wav,joy,oh no,anna,2.0,", "long.wav,joy,oh,anna,3.5,9"]
    table = write(tmp_path / "mine", "file,label,text,speaker,start,end", *rows, audio=False)
    corpus = read(table, index)
    assert [(one.id, one.duration) for one in corpus.utterances] == [("long@0.5-1.5", 1.0), ("long@2.0", 2.0)]
    assert corpus.root.name == "mine" and reasons(corpus) == {"long@3.5-9": "segment outside the audio"}


def test_files_outside_of_the_tables_folder(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "sounds" / "a.wav")
    write_tone(tmp_path / "sounds" / "b.wav")
    rows = [f"{tmp_path}/sounds/a.wav,joy,oh,anna", "../sounds/b.wav,joy,oh,anna"]
    table = write(tmp_path / "tables", "file,label,text,speaker", *rows, audio=False)
    corpus = read(table, index)
    assert corpus.root == tmp_path and sorted(one.wav for one in corpus.utterances) == ["sounds/a.wav", "sounds/b.wav"]


def test_missing_files_are_named_with_the_first_place_looked_for(tmp_path: Path, index: AudioIndex) -> None:
    rows = ["/elsewhere/a.wav,joy,oh", "audio\\b.wav,joy,oh"]
    table = write(tmp_path / "mine", "file,label,text", *rows, audio=False)
    told = r"mine/table\.csv: no usable utterance; left out were 2 × no audio file \(such as table\.csv:2: /elsewhere/a"
    with pytest.raises(CorpusError, match=told):
        read(table, index)
    write_tone(tmp_path / "mine" / "c.wav")
    corpus = read(write(tmp_path / "mine", "file,label,text", *rows, "c.wav,joy,oh", audio=False), index)
    assert corpus.root == tmp_path / "mine", "missing files do not decide on it"
    assert sorted(one.detail for one in corpus.skipped) == [
        "table.csv:2: /elsewhere/a.wav",
        f"table.csv:3: {tmp_path}/mine/audio\\b.wav",
    ]


def test_names_of_windows_have_the_same_ids(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "audio" / "b.wav")
    (one,) = read(write(tmp_path, "file,label,text", "audio\\b.wav,joy,oh", audio=False), index).utterances
    assert (one.id, one.wav, one.speaker) == ("audio/b", "audio/b.wav", "audio/b.wav")


def test_accents_are_written_one_way(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "e\u0301.wav")
    rows = ["file,label,text,speaker", "\xe9.wav,tristesse fe\u0301roce,e\u0301,Ren\xe9"]
    (one,) = read(write(tmp_path, *rows, audio=False), index).utterances
    assert (one.id, one.emotion, one.text, one.speaker) == ("\xe9", "tristesse f\xe9roce", "\xe9", "Ren\xe9")
    assert one.wav == "e\u0301.wav", "as it is on disk"
    (one,) = read(write(tmp_path, "file,label,text", "e\u0301.wav,joy,oh", audio=False), index).utterances
    assert (one.id, one.speaker) == ("\xe9", "\xe9.wav")


def test_files_that_share_a_stem_have_ids_with_suffix(tmp_path: Path, index: AudioIndex) -> None:
    for name in ("a.wav", "a.flac", "b.wav", "b.flac"):
        write_tone(tmp_path / name, 4.0)
    rows = ["a.wav,joy,oh,,", "a.flac,fear,oh,,", "./b.wav,joy,oh,,", "b.flac,joy,oh,0,1", "b.wav,joy,oh,0,2"]
    corpus = read(write(tmp_path, "file,label,text,start,end", *rows, audio=False), index)
    assert classes_of(corpus) == {"a.flac": "fear", "a.wav": "joy", "b": "joy", "b@0-1": "joy", "b@0-2": "joy"}
    rows = ["a.wav,joy,oh,u1", "a.flac,fear,oh,u2", "b.wav,joy,oh,", "b.wav,joy,oh,"]
    corpus = read(write(tmp_path, "file,label,text,id", *rows, audio=False), index)
    assert classes_of(corpus) == {"u1": "joy", "u2": "fear", "b": "joy"}


def test_two_labels_of_one_class_do_not_contradict_each_other(tmp_path: Path, index: AudioIndex) -> None:
    write_tone(tmp_path / "a.wav")
    table = write(tmp_path, "file,label,text,id", "a.wav,joy,oh,u1", "a.wav,fun,oh,u2", audio=False)
    corpus = read(table, index, label_map={"joy": "happy", "fun": "happy"})
    assert classes_of(corpus) == {"u1": "happy"}


def test_labels_that_contradict_each_other_are_not_trusted(tmp_path: Path, index: AudioIndex) -> None:
    for name in "abc":
        write_tone(tmp_path / f"{name}.wav", 4.0)
    rows = [
        "a.wav,joy,oh,u1,,",
        "./a.wav,fear,oh,u2,,",
        "b.wav,joy,oh,u3,,2",
        "b.wav,joy,oh,u4,0.0,2.0",
        "b.wav,fear,oh,u5,2,3",
        "c.wav,,oh,u6,,",
        "c.wav,fear,oh,u7,,",
        f"{tmp_path}/a.wav,joy,oh,u8,,",
    ]
    corpus = read(write(tmp_path, "file,label,text,id,start,end", *rows, audio=False), index)
    assert classes_of(corpus) == {"u3": "joy", "u5": "fear", "u7": "fear"}
    assert [(one.utterance, one.reason, one.detail) for one in corpus.skipped] == [
        ("u1", "repeated utterance with another label", "table.csv:2: joy"),
        ("u2", "repeated utterance with another label", "table.csv:3: fear"),
        ("u4", "repeated utterance (the first is kept)", "table.csv:5: the audio of table.csv:4"),
        ("u6", "no label", "table.csv:7"),
        ("u8", "repeated utterance with another label", "table.csv:9: joy"),
    ]


def test_bad_rows_are_listed(tmp_path: Path, index: AudioIndex) -> None:
    table = write(
        tmp_path,
        "file,label,text,speaker,start,split,language",
        "a.wav,joy,oh,anna,,,en-GB",
        "a.wav,joy,oh,anna,,,",
        "b.wav,,oh,anna,,,",
        "c.wav,joy,oh,,,,",
        "d.wav,joy,oh,anna,soon,,",
        "e.wav,joy,oh,anna,,tset,",
        ",joy,oh,anna,,,",
        "f.mp9,joy,oh,anna,,,",
        "g.wav,fear,oh,anna,,,",
        "h.wav,joy,...,anna,,,",
        "/,joy,oh,anna,,,",
        ".,joy,oh,anna,,,",
        "i.wav,joy,oh,anna,,,English",
    )
    corpus = read(table, index, label_map={"joy": "happy"}, transcriber=None)
    assert classes_of(corpus) == {"a": "happy"}
    assert reasons(corpus) == {
        "a": "repeated utterance (the first is kept)",
        "b": "no label",
        "c": "no speaker",
        "d@soon": "unreadable times",
        "e": "unknown split tset",
        "table.csv:8": "no file",
        "f": "no audio file",
        "g": "label not among the classes",
        "h": "no words",
        "/": "no audio file",
        ".": "no audio file",
        "i": "unknown language",
    }
    assert {one.detail for one in corpus.skipped if one.reason == "no label"} == {"table.csv:4"}


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a.wav,joy,0:01,0:02,", r"unreadable times \(1\), such as table.csv:2\."),
        ("a.wav,joy,,,tr", r"unknown split tr \(1\), such as table.csv:2\."),
        ("a.wav,joy,oh,no,0,1", r"too many fields \(1\), such as table.csv:2: has 6 fields, its header names 5"),
    ],
)
def test_a_table_whose_rows_are_all_wrong_says_why(tmp_path: Path, index: AudioIndex, row: str, told: str) -> None:
    table = write(tmp_path, "file,label,start,end,split", row)
    with pytest.raises(CorpusError, match=f"none of its rows has a file and a label and can be used: {told}"):
        read(table, index)


def test_commas_in_numbers_and_labels_that_are_numbers(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "file;label;text;start;end", "a.wav;1;oh;0,0;0,5", "b.wav;2;oh;0,25;0,75")
    assert read(table, index, label_map={1: 0, 2: 1}, transcriber=None).classes == ("0", "1")
    corpus = read(table, index, label_map={1: "happy", 2: "sad"}, transcriber=None)
    assert sorted(classes_of(corpus).values()) == ["happy", "sad"]
    assert [one.duration for one in corpus.utterances] == [0.5, 0.5]


def test_groups_of_some_rows_are_told(tmp_path: Path, index: AudioIndex) -> None:
    rows = ["a.wav,joy,oh,anna,one", "b.wav,joy,oh,ben,", "c.wav,joy,oh,cem,two"]
    corpus = read(write(tmp_path, "file,label,text,speaker,group", *rows), index)
    assert default_protocol(corpus) == "lospo"
    assert any("1 of 3 rows have no group, so loso is not what is run by default" in one for one in corpus.warnings)


def test_a_division_that_is_not_run_is_told(tmp_path: Path, index: AudioIndex) -> None:
    rows = ["a.wav,joy,oh,Anna,Train", "b.wav,joy,oh,anna,eval", "c.wav,joy,oh,cem,evaluation"]
    corpus = read(write(tmp_path, "file,label,text,speaker,split", *rows), index)
    assert [one.partition for one in corpus.utterances] == ["train", "test", "test"]
    assert default_protocol(corpus) == "lospo"
    assert corpus.warnings[0].startswith(
        "No row has the split dev, so official is not what is run by default, but lospo"
    )
    assert "(Anna and anna): they count as different people" in corpus.warnings[1]


def test_rows_without_text_are_transcribed_once(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "file,label,speaker", "a.wav,joy,anna", "b.wav,joy,ben")
    write_tone(tmp_path / "b.wav", 0.2)
    Parrot.n_calls = 0
    for _ in range(2):
        corpus = read(table, index, transcriber=PARROT)
        (one,) = corpus.utterances
        assert one.text == "hello there" and [word.word for word in one.words] == ["hello", "there"]
        assert reasons(corpus) == {"b": "no words"}
        assert corpus.warnings[0] == "The texts of 2 utterances were recognised by parrot: expect errors."
    assert Parrot.n_calls == 2
    with pytest.raises(CorpusError, match="left out were 2 × no words"):
        read(table, index, transcriber=None)


def test_words_that_the_aligner_does_not_find(tmp_path: Path, index: AudioIndex) -> None:
    table = write(tmp_path, "file,label,text,speaker", "a.wav,joy,oh,anna", "b.wav,joy,mumble,anna")
    dropped = read(table, index, alignment=LATE)
    assert reasons(dropped) == {"b": "no pronunciation"} and dropped.utterances[0].words == (Word("oh", 0.5, 1.0),)
    even = read(table, index, alignment=LATE, unaligned="even")
    assert even.utterances[1].words == (Word("mumble", 0.0, 1.0),) and not even.skipped


def test_word_times_from_a_folder(tmp_path: Path, index: AudioIndex) -> None:
    from mtser.alignment.text_grid import write_text_grid

    table = write(tmp_path, "file,label,speaker", "a.wav,joy,anna", "b.wav,joy,anna")
    write_text_grid(tmp_path / "grids" / "a.TextGrid", [Word("oh", 0.2, 0.4)], 1.0)
    corpus = read(table, index, alignment=str(tmp_path / "grids"))
    (one,) = corpus.utterances
    assert one.words == (Word("oh", 0.2, 0.4),) and one.text == "oh"
    assert list(reasons(corpus)) == ["b"]


def test_tables_and_options_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such file or folder; expected a table"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match=r"holds no table; give the \.csv or \.tsv file itself"):
        read(tmp_path, index)
    (tmp_path / "labels.xlsx").touch()
    with pytest.raises(CorpusError, match=r"labels\.xlsx: is a spreadsheet; save it as CSV UTF-8"):
        read(tmp_path, index)
    table = write(tmp_path, "file,emotion", "a.wav,joy")
    with pytest.raises(CorpusError, match=r"table\.csv: has no column 'label'; its header has file, emotion"):
        read(table, index)
    with pytest.raises(ConfigError, match="columns names 'lable'; there are file, label"):
        read(table, index, columns={"lable": "emotion"})
    with pytest.raises(ConfigError, match="columns is 'emotion'; it has to map"):
        read(table, index, columns="emotion")
    write(tmp_path, "file,label", ",", "a.wav,")
    with pytest.raises(CorpusError, match="none of its rows has a file and a label"):
        read(table, index)
    write(tmp_path, "file,label", "a.wav,joy", name="second.csv")
    with pytest.raises(CorpusError, match=r"holds 2 tables \(second\.csv, table\.csv\)"):
        read(tmp_path, index)
    with pytest.raises(ConfigError, match="there is no transcriber 'vosk'"):
        read(tmp_path / "second.csv", index, transcriber="vosk")
