from collections.abc import Sequence
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus
from mtser.corpora.crema_d import EMOTIONS, SENTENCES, VOTES, read_crema_d
from mtser.errors import ConfigError, CorpusError
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import classes_of, reasons

VOTE_HEADER = '"","A","D","F","H","N","S","fileName","numResponses","agreement","emoVote","meanEmoResp"'


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    options.setdefault("alignment", "even")
    return read_crema_d(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def add(root: Path, *ids: str) -> None:
    for id in ids:
        write_tone(root / "AudioWAV" / f"{id}.wav")


def write_votes(root: Path, *rows: tuple[int, str, Sequence[object]]) -> None:
    """Rows of (number, clip, votes for A D F H N S), as R writes them."""
    lines = [VOTE_HEADER]
    for number, clip, counts in rows:
        lines.append(f'"{number}",{",".join(map(str, counts))},"{clip}",9,0.7,"A",60.5')
    (root / VOTES).parent.mkdir(exist_ok=True)
    (root / VOTES).write_text("\n".join(lines) + "\n")


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "1001_DFA_ANG_XX")
    corpus = read(tmp_path, index)
    (one,) = corpus.utterances
    assert (corpus.name, corpus.classes) == (
        "crema_d",
        ("angry", "disgust", "fearful", "happy", "neutral", "sad"),
    )
    assert (one.wav, one.speaker, one.emotion) == ("AudioWAV/1001_DFA_ANG_XX.wav", "1001", "angry")
    assert one.text == "Don't forget a jacket." and [word.word for word in one.words][0] == "Don't"
    assert one.votes is None and one.session is None


def test_every_sentence_and_emotion(tmp_path: Path, index: AudioIndex) -> None:
    assert len(SENTENCES) == 12
    add(tmp_path, *(f"1001_{code}_NEU_XX" for code in SENTENCES), *(f"1002_IEO_{code}_HI" for code in EMOTIONS))
    corpus = read(tmp_path, index)
    assert len(corpus.utterances) == 18 and not corpus.skipped and not corpus.warnings


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "1040_ITH_SAD_X", "1001_XYZ_SAD_LO", "1001_IEO_JOY_LO", "1001_IEO_SAD_ZZ", "readme")
    write_tone(tmp_path / "AudioWAV" / "1076_MTI_SAD_XX.wav", 0.0)
    (tmp_path / "AudioWAV" / "._1001_DFA_ANG_XX.wav").write_bytes(b"\x00\x05")
    corpus = read(tmp_path, index, label_map={"sad": "sad"})
    assert list(classes_of(corpus)) == ["1040_ITH_SAD_X"]
    assert reasons(corpus) == {
        "1001_XYZ_SAD_LO": "unknown sentence",
        "1001_IEO_JOY_LO": "unknown label JOY",
        "1001_IEO_SAD_ZZ": "not the name of an utterance",
        "readme": "not the name of an utterance",
        "1076_MTI_SAD_XX": "empty audio",
    }


def test_votes_on_the_voice_alone_are_soft_labels(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "1001_DFA_ANG_XX", "1002_DFA_SAD_XX")
    write_votes(
        tmp_path,
        (100001, "1001_DFA_ANG_XX", (6, 2, 0, 0, 0, 2)),
        (200001, "1001_DFA_ANG_XX", (0, 0, 0, 0, 9, 0)),
        (300001, "1001_DFA_ANG_XX", (0, 0, 9, 0, 0, 0)),
    )
    corpus = read(tmp_path, index, label_map={"anger": "angry", "sad": "sad"})
    assert [one.votes for one in corpus.utterances] == [{"angry": 0.75, "sad": 0.25}, None]


def test_labels_by_the_votes(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, "1001_DFA_ANG_XX", "1002_DFA_SAD_XX", "1003_DFA_SAD_XX", "1004_DFA_SAD_XX")
    write_votes(
        tmp_path,
        (100001, "1001_DFA_ANG_XX", (2, 0, 0, 0, 7, 0)),
        (100002, "1002_DFA_SAD_XX", (4, 4, 0, 0, 0, 1)),
        (100003, "1003_DFA_SAD_XX", (0, 0, 0, 0, 0, "many")),
        (300004, "1004_DFA_SAD_XX", (0, 0, 0, 0, 0, 9)),
    )
    corpus = read(tmp_path, index, labels="voice")
    assert classes_of(corpus) == {"1001_DFA_ANG_XX": "neutral"}
    assert reasons(corpus) == {
        "1002_DFA_SAD_XX": "no majority of the votes",
        "1003_DFA_SAD_XX": "no votes",
        "1004_DFA_SAD_XX": "no votes",
    }
    assert next(one.detail for one in corpus.skipped if "majority" in one.reason) == "anger 4, disgust 4, sad 1"
    assert corpus.warnings[0] == f"1 rows of {VOTES} cannot be read (the first: line 4): left out."


def test_folders_tables_and_options_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder; expected the folder of CREMA-D"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match="holds no audio in AudioWAV/"):
        read(tmp_path, index)
    add(tmp_path, "1001_DFA_ANG_XX")
    with pytest.raises(CorpusError, match=r"tabulatedVotes\.csv: holds no votes on the voice; without them"):
        read(tmp_path, index, labels="voice")
    (tmp_path / "processedResults").mkdir()
    (tmp_path / VOTES).write_text("clip,votes\n")
    with pytest.raises(CorpusError, match=r"tabulatedVotes\.csv: has no column 'fileName'"):
        read(tmp_path, index)
    with pytest.raises(ConfigError, match="labels is 'faces'"):
        read(tmp_path, index, labels="faces")
