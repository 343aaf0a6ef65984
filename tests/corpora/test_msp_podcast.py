import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from mtser.audio import AudioIndex
from mtser.corpora import Corpus, Word
from mtser.corpora.msp_podcast import read_msp_podcast
from mtser.errors import ConfigError, CorpusError
from mtser.training.protocols import default_protocol, make_folds
from tests.corpora.iemocap_writer import write_tone
from tests.corpora.spoken import LATE, classes_of, reasons

CONSENSUS = "FileName,EmoClass,EmoAct,EmoVal,EmoDom,SpkrID,Gender,Split_Set"
A, B, C, D = (f"MSP-PODCAST_0001_000{number}" for number in range(4))


def read(root: Path, index: AudioIndex, **options: object) -> Corpus:
    return read_msp_podcast(root, audio_index=index, progress=False, **options)  # type: ignore[arg-type]


def grid(*rows: tuple[float, float, str], phones: Sequence[tuple[float, float, str]] = ()) -> str:
    """A TextGrid as the Montreal Forced Aligner writes it."""
    tiers = [("words", rows), *([("phones", phones)] if phones else [])]
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "xmin = 0", f"xmax = {rows[-1][1]}"]
    lines += ["tiers? <exists>", f"size = {len(tiers)}", "item []:"]
    for number, (name, intervals) in enumerate(tiers, 1):
        lines += [f"    item [{number}]:", '        class = "IntervalTier"', f'        name = "{name}"']
        lines += ["        xmin = 0", f"        xmax = {rows[-1][1]}", f"        intervals: size = {len(intervals)}"]
        for i, (start, end, text) in enumerate(intervals, 1):
            lines += [f"        intervals [{i}]:", f"            xmin = {start}", f"            xmax = {end}"]
            lines += [f'            text = "{text}"']
    return "\n".join(lines) + "\n"


GRID = grid((0, 0.1, ""), (0.1, 0.4, "oh"), (0.4, 0.5, "sp"), (0.5, 0.9, "no"), (0.9, 1.0, ""))


def add(
    root: Path,
    id: str,
    label: str = "A",
    split: str = "Train",
    *,
    speaker: str = "12",
    vad: str = "4.5,2.25,5.0",
    words: str | None = GRID,
    text: str | None = "Oh, no!",
    audio: bool = True,
) -> None:
    table = root / "Labels" / "labels_consensus.csv"
    table.parent.mkdir(parents=True, exist_ok=True)
    before = table.read_text() if table.exists() else CONSENSUS + "\n"
    activation, valence, dominance = vad.split(",")
    table.write_text(f"{before}{id}.wav,{label},{activation},{valence},{dominance},{speaker},Female,{split}\n")
    if audio:
        write_tone(root / "Audios" / f"{id}.wav")
    for folder, suffix, content in (("ForceAligned", "TextGrid", words), ("Transcripts", "txt", text)):
        if content is not None:
            (root / folder).mkdir(exist_ok=True)
            (root / folder / f"{id}.{suffix}").write_text(content)


def test_everything_that_is_known_of_an_utterance(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, A)
    corpus = read(tmp_path, index)
    (one,) = corpus.utterances
    assert (corpus.name, corpus.classes) == ("msp_podcast", ("angry", "happy", "sad", "neutral"))
    assert (one.id, one.wav, one.speaker, one.emotion) == (A, f"Audios/{A}.wav", "12", "angry")
    assert one.words == (Word("oh", 0.1, 0.4), Word("no", 0.5, 0.9)) and one.text == "Oh, no!"
    assert (one.vad, one.partition, one.votes) == ((2.25, 4.5, 5.0), "train", None)
    assert default_protocol(corpus) == "official"


def test_phones_of_the_alignment(tmp_path: Path, index: AudioIndex) -> None:
    words = grid(
        (0, 0.1, ""), (0.1, 0.4, "no"), (0.4, 1, ""), phones=[(0.1, 0.2, "N"), (0.2, 0.4, "OW1"), (0.4, 1, "sp")]
    )
    add(tmp_path, A, words=words)
    (one,) = read(tmp_path, index).utterances
    assert [phone.phone for phone in one.words[0].phones] == ["N", "OW"]


@pytest.mark.parametrize(("test_set", "tested"), [("Test1", [C]), ("Test2", [D])])
def test_official_partitions(test_set: str, tested: list[str], tmp_path: Path, index: AudioIndex) -> None:
    for id, split in zip((A, B, C, D), ("Train", "Development", "Test1", "Test2"), strict=True):
        add(tmp_path, id, split=split, speaker=id[-1])
    corpus = read(tmp_path, index, label_map={"A": "angry"}, test_set=test_set)
    (fold,) = make_folds(corpus, "official").folds
    assert (fold.train, fold.dev, list(fold.test)) == ((A,), (B,), tested)
    assert list(reasons(corpus).values()) == ["other test set"]


@pytest.mark.parametrize("form", ["columns", "detail", "json"])
def test_soft_labels_are_the_workers_votes(form: str, tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, A)
    heard = ["Angry", "Angry", "Angry", "Neutral", "Disgust", "Other-annoyed", "Wat"]
    if form == "json":
        votes = {f"{A}.wav": {f"WORKER{n}": {"EmoClass_Major": one, "EmoAct": 4.0} for n, one in enumerate(heard)}}
        (tmp_path / "Labels" / "labels_detailed.json").write_text(json.dumps(votes))
    else:
        lines = [
            "FileName,Workers,EmoClass_Major,EmoClass_Second,EmoAct" if form == "columns" else "FileName,EmoDetail"
        ]
        for n, one in enumerate(heard):
            detail = f"WORKER0{n}; {one}; {one},Concerned; A:4.0; V:2.0; D:5.0;"
            lines.append(
                f'{A}.wav,WORKER0{n},{one},"{one},Concerned",4.0' if form == "columns" else f'{A}.wav,"{detail}"'
            )
        (tmp_path / "Labels" / "labels_detailed.csv").write_text("\n".join(lines) + "\n")
    corpus = read(tmp_path, index)
    assert corpus.utterances[0].votes == {"angry": 0.75, "happy": 0.0, "sad": 0.0, "neutral": 0.25}
    assert corpus.warnings[0] == "1 votes are for emotions that nobody knows ('Wat'): left out."


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("labels_detailed.csv", "File,Votes\n"),
        ("labels_detailed.csv", f"FileName,Votes\n{A},x\n"),
        ("labels_detailed.json", "[]"),
    ],
)
def test_votes_that_cannot_be_read_cost_the_soft_labels_only(
    name: str, text: str, tmp_path: Path, index: AudioIndex
) -> None:
    add(tmp_path, A)
    (tmp_path / "Labels" / name).write_text(text)
    corpus = read(tmp_path, index)
    assert corpus.utterances[0].votes is None
    assert name in corpus.warnings[0] and corpus.warnings[0].endswith("There are no soft labels without it.")


def test_what_cannot_be_used_is_listed(tmp_path: Path, index: AudioIndex) -> None:
    ids = iter(range(10, 30))
    wrong: dict[str, str] = {}

    def add_wrong(reason: str, **options: object) -> None:
        id = f"MSP-PODCAST_0002_00{next(ids)}"
        add(tmp_path, id, **options)  # type: ignore[arg-type]
        wrong[id] = reason

    add(tmp_path, A)
    add_wrong("label not among the classes", label="X")
    add_wrong("unknown label Q", label="Q")
    add_wrong("no label", label="")
    add_wrong("no audio file", audio=False)
    add_wrong("no speaker", speaker="")
    add_wrong("no alignment", words=None)
    add_wrong("malformed TextGrid", words="no TextGrid")
    add_wrong("alignment outside the audio", words=grid((0, 0.1, ""), (0.1, 4.0, "oh")))
    add_wrong("no words in the alignment", words=grid((0, 1.0, "")))
    corpus = read(tmp_path, index)
    assert list(classes_of(corpus)) == [A] and reasons(corpus) == wrong


def test_words_from_elsewhere(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, A, words=None)
    add(tmp_path, B, words="rubbish")
    add(tmp_path, C, words=None, text=None)
    even = read(tmp_path, index, unaligned="even")
    assert list(classes_of(even)) == [A] and even.utterances[0].words[1] == Word("no", 0.5, 1.0)
    late = read(tmp_path, index, alignment=LATE)
    assert list(classes_of(late)) == [A, B] and late.utterances[1].words[0] == Word("Oh", 0.5, 0.75)
    assert reasons(late) == {C: "no words"}


def test_ratings_and_transcripts_that_are_missing(tmp_path: Path, index: AudioIndex) -> None:
    add(tmp_path, A, vad="4.0,,9.5", text=None)
    add(tmp_path, B, vad=",,", speaker="Unknown")
    corpus = read(tmp_path, index)
    assert [one.vad for one in corpus.utterances] == [(None, 4.0, None), None]
    assert corpus.utterances[0].text == "oh no"
    assert corpus.warnings[0].startswith("1 utterances have no known speaker: they count as one ('Unknown')")


def test_folders_tables_and_options_that_are_wrong(tmp_path: Path, index: AudioIndex) -> None:
    with pytest.raises(CorpusError, match="gone: no such folder; expected the folder of MSP-Podcast"):
        read(tmp_path / "gone", index)
    with pytest.raises(CorpusError, match=r"holds no Labels/labels_consensus\.csv"):
        read(tmp_path, index)
    (tmp_path / "Labels").mkdir()
    (tmp_path / "Labels" / "labels_concensus.csv").write_text("FileName,EmoClass\n")
    with pytest.raises(CorpusError, match=r"labels_concensus\.csv: has no column 'EmoAct'"):
        read(tmp_path, index)
    with pytest.raises(ConfigError, match="test_set is 'Test9'"):
        read(tmp_path, index, test_set="Test9")
