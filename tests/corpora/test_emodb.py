from collections import Counter
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus, Word, read_emodb
from mtser.corpora.emodb_sentences import SENTENCES, parse_emodb_name
from mtser.errors import ConfigError, CorpusError
from tests.corpora.iemocap_writer import write_tone

SILB = "0.1\tder\n0.2\tla\n0.3\tpen\n0.4\tliegt\n0.5\tauf\n0.6\tdem\n0.7\teis\n0.8\tschrank\n0.9\t.\n"


def add(root: Path, id: str, silb: str | None = SILB, suffix: str = ".wav", encoding: str = "utf-8") -> None:
    write_tone(root / "wav" / f"{id}{suffix}")
    if silb is not None:
        (root / "silb").mkdir(exist_ok=True)
        (root / "silb" / f"{id}.silb").write_bytes(silb.encode(encoding))


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    return read_emodb(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "03a01Wa")
    corpus = read(tmp_path, index)
    (utterance,) = corpus.utterances
    assert (corpus.name, corpus.root) == ("emodb", tmp_path)
    assert corpus.classes == ("angry", "happy", "sad", "neutral")
    assert (utterance.id, utterance.wav, utterance.duration) == ("03a01Wa", "wav/03a01Wa.wav", 1.0)
    assert (utterance.speaker, utterance.emotion) == ("03", "angry")
    assert utterance.text == "Der Lappen liegt auf dem Eisschrank."
    assert utterance.words == (
        Word("Der", 0.1, 0.2),
        Word("Lappen", 0.2, 0.4),
        Word("liegt", 0.4, 0.5),
        Word("auf", 0.5, 0.6),
        Word("dem", 0.6, 0.7),
        Word("Eisschrank", 0.7, 0.9),
    )
    assert {utterance.session, utterance.dialog, utterance.style, utterance.votes, utterance.vad} == {None}


def test_all_letters_can_be_mapped(tmp_path: Path, index: AudioIndex) -> None:
    emotions = {"L": "bored", "E": "other", "A": "other", "W": "W", "F": "F", "T": "T", "N": "N"}
    for letter in emotions:
        add(tmp_path, f"03a01{letter}a")
    corpus = read(tmp_path, index, emotions=emotions)
    assert corpus.classes == ("bored", "other", "W", "F", "T", "N")
    assert Counter(one.emotion for one in corpus.utterances) == Counter(emotions.values())


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "03a01Wa")
    add(tmp_path, "03a01La")
    add(tmp_path, "03a01Xa")
    add(tmp_path, "03c01Wa")
    add(tmp_path, "readme")
    add(tmp_path, "08a01Wa", None)
    add(tmp_path, "09a01Wa", "")
    add(tmp_path, "10a02Wa")
    add(tmp_path, "11a01Wa", SILB.replace("0.9", "1.9").replace("0.8", "1.4"))
    add(tmp_path, "12a01Wa", SILB.replace("0.9", "0.75"))
    add(tmp_path, "13a01Wa")
    (tmp_path / "wav" / "13a01Wa.wav").write_bytes(b"")
    add(tmp_path, "14a01Wa")
    (tmp_path / "wav" / "14a01Wa.wav").unlink()
    corpus = read(tmp_path, index)
    assert [one.id for one in corpus.utterances] == ["03a01Wa"]
    assert {one.utterance: one.reason for one in corpus.skipped} == {
        "03a01La": "label not among the classes",
        "03a01Xa": "unknown label X",
        "03c01Wa": "unknown sentence",
        "readme": "not the name of an utterance",
        "08a01Wa": "no alignment",
        "09a01Wa": "empty alignment",
        "10a02Wa": "alignment is of another sentence",
        "11a01Wa": "alignment outside the audio",
        "12a01Wa": "alignment rows run backwards",
        "13a01Wa": "empty audio",
        "14a01Wa": "no audio file",
    }


def test_utterances_without_labels_are_shared_out_on_demand(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "03a01Wa", "\n")
    add(tmp_path, "08a01Wa", None)
    add(tmp_path, "09a01Wa", "rubbish")
    corpus = read(tmp_path, index, unaligned="even")
    assert [one.id for one in corpus.utterances] == ["03a01Wa", "08a01Wa"]
    for one in corpus.utterances:
        assert [word.word for word in one.words] == ["Der", "Lappen", "liegt", "auf", "dem", "Eisschrank"]
        assert one.words[2].start == pytest.approx(2 / 6)


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "cp1252", "utf-16"])
def test_umlauts_in_any_encoding(tmp_path: Path, index: AudioIndex, encoding: str) -> None:
    syllables = ["heu", "te", "a", "bend", "könn", "te", "ich", "es", "ihm", "sa", "gen", "."]
    silb = "".join(f"{n / 20 + 0.1:.2f}\t{syllable}\r\n" for n, syllable in enumerate(syllables))
    add(tmp_path, "03a04Wa", silb, encoding=encoding)
    assert [word.word for word in read(tmp_path, index).utterances[0].words][2] == "könnte"


def test_flac_and_twins(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "03a01Wa", suffix=".flac")
    (tmp_path / "wav" / "._03a01Wa.flac").write_bytes(b"\x00\x05")
    (tmp_path / "silb" / "._03a01Wa.silb").write_bytes(b"\x00\x05")
    corpus = read(tmp_path, index)
    assert [one.wav for one in corpus.utterances] == ["wav/03a01Wa.flac"] and not corpus.skipped


def test_folders_that_are_no_emodb(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder; expected the folder of EmoDB"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match="holds no audio in wav/; expected the folder of EmoDB"):
        read(tmp_path, index)
    add(tmp_path, "03a01La")
    with pytest.raises(CorpusError, match="no usable utterance; left out were 1 × label not among the classes"):
        read(tmp_path, index)


def test_wrong_options(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="emotions maps 'angry'"):
        read_emodb(tmp_path, emotions={"angry": "W"})
    with pytest.raises(ConfigError, match="unaligned is 'all'"):
        read_emodb(tmp_path, unaligned="all")  # type: ignore[arg-type]


@pytest.mark.parametrize("id", ["03a01W", "16b10Tb"])
def test_names(id: str) -> None:
    name = parse_emodb_name(id)
    assert name is not None
    assert (name.speaker, name.sentence, name.letter) == (id[:2], id[2:5], id[5])


@pytest.mark.parametrize("id", ["", "3a01Wa", "03A01Wa", "03a01wa", "03a01Waxx", "03a01Wa "])
def test_other_names_are_none(id: str) -> None:
    assert parse_emodb_name(id) is None


def test_sentences_are_spelled_without_marks() -> None:
    assert len(SENTENCES) == 10
    for sentence in SENTENCES.values():
        assert "|" not in sentence.text
        assert " ".join("".join(word) for word in sentence.words) == "".join(
            letter for letter in sentence.text if letter not in ".,?"
        )


def test_real_corpus(shared_data: Path, index: AudioIndex) -> None:
    corpus = read(shared_data / "emodb", index)
    assert [(one.utterance, one.reason) for one in corpus.skipped] == [("13a01Wb", "empty alignment")]
    assert Counter(one.emotion for one in corpus.utterances) == {"angry": 126, "neutral": 79, "happy": 71, "sad": 62}
    assert {one.speaker for one in corpus.utterances} == {"03", "08", "09", "10", "11", "12", "13", "14", "15", "16"}
    for one in corpus.utterances:
        times = [time for word in one.words for time in (word.start, word.end)]
        assert times == sorted(times) and times[-1] <= one.duration
        longest = max(one.words, key=lambda word: word.end - word.start)
        assert longest.end - longest.start < 1.5
    assert not corpus.warnings
    assert len(read(shared_data / "emodb", index, unaligned="even").utterances) == 339
