"""MSP-Podcast: natural speech from podcasts, with primary emotions, votes and attributes.

Source: Lotfian and Busso, "Building naturalistic emotionally balanced speech corpus by retrieving emotional speech from
existing podcast recordings", IEEE Transactions on Affective Computing 10(4), 2019; releases 1.6 to 2.0. Read are
``Labels``, ``Audios``, ``Transcripts`` and the word and phone times in ``ForceAligned``.
"""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.alignment.text_grid import read_text_grid
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice
from mtser.corpora.corpus import Corpus
from mtser.corpora.msp_votes import LABELS, read_votes
from mtser.corpora.spoken_corpus import SpokenCorpus, no_corpus
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem, read_text
from mtser.text_tables import read_table

FOUR_CLASSES: Mapping[str, str] = MappingProxyType({"A": "angry", "H": "happy", "S": "sad", "N": "neutral"})
"""The classes that the paper has on IEMOCAP."""

TEST_SETS = ("Test1", "Test2", "Test3")

_PARTITIONS = {"train": "train", "development": "dev", "validation": "dev"}
_CONSENSUS = ("labels_consensus.csv", "labels_concensus.csv")  # older releases spell it so
_COLUMNS = ("FileName", "EmoClass", "EmoAct", "EmoVal", "EmoDom", "SpkrID", "Split_Set")
_UNKNOWN = "Unknown"
_EXPECTED = "expected the folder of MSP-Podcast that holds Labels/labels_consensus.csv, Audios/ and ForceAligned/"


def read_msp_podcast(
    data_folder: str | Path,
    *,
    label_map: LabelMap = FOUR_CLASSES,
    test_set: Literal["Test1", "Test2", "Test3"] = "Test1",
    alignment: str = "corpus",
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read MSP-Podcast as it is distributed, with ``Audios.tar.gz`` and the like unpacked; WAV or FLAC.

    Parameters
    ----------
    data_folder
        The folder that holds ``Labels`` and ``Audios``.
    label_map
        The class of each label (A angry, S sad, H happy, U surprise, F fear, D disgust, C contempt, N neutral, O other,
        X no agreement) that is used, or the YAML file of such a class map.
    test_set
        Which of the official test sets is the test part of ``official``; the others are left out, and listed.
    alignment
        "corpus": the corpus's own word times (``ForceAligned``). Else what aligns the transcripts: see
        :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    unaligned
        As there.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "msp_podcast". ``Utterance.vad`` is on the corpus's scale from 1 to 7.

    Raises
    ------
    CorpusError
        If the folder has no labels or no usable utterance, or the labels lack a column.
    ConfigError
        If an option is wrong.
    """
    check_choice("test_set", test_set, TEST_SETS)
    root = Path(data_folder)
    labels = next((file for name in _CONSENSUS if (file := root / "Labels" / name).is_file()), None)
    if labels is None:
        raise no_corpus(root, "holds no Labels/labels_consensus.csv", _EXPECTED)
    corpus = SpokenCorpus(
        "msp_podcast",
        root,
        label_map,
        LABELS,
        alignment="even" if alignment == "corpus" else alignment,
        unaligned=unaligned,
        audio_index=audio_index,
        licence="an agreement with its makers; no part may be passed on",
        progress=progress,
    )
    audio = files_by_stem(root / "Audios", (".wav", ".flac")) or files_by_stem(root / "Audio", (".wav", ".flac"))
    grids = files_by_stem(root / "ForceAligned", (".textgrid",))
    transcripts = files_by_stem(root / "Transcripts", (".txt",))
    votes, warnings = read_votes(root / "Labels")
    corpus.warnings += warnings
    n_unknown = 0
    for line, row in read_table(labels, _COLUMNS, delimiter=","):
        id, source = Path(row["FileName"]).stem, f"Labels/{labels.name}:{line}"
        split = row["Split_Set"]
        partition = "test" if split == test_set else _PARTITIONS.get(split.lower())
        if not id:
            corpus.skip("", "unreadable annotation", source)
        elif split in TEST_SETS and partition is None:
            corpus.skip(id, "other test set", split)
        elif not row["SpkrID"]:
            corpus.skip(id, "no speaker", source)
        else:
            own = alignment == "corpus"
            corpus.add(
                id,
                audio.get(id),
                label=row["EmoClass"],
                speaker=row["SpkrID"],
                text=_transcript(transcripts.get(id)) if row["EmoClass"] in corpus.label_map else "",
                times=partial(_words, grids.get(id), root) if own else None,
                votes=votes.get(id),
                source=source,
                vad=_vad(row),
                partition=partition,
            )
            n_unknown += row["SpkrID"] == _UNKNOWN and row["EmoClass"] in corpus.label_map
    if n_unknown:
        corpus.warnings.append(
            f"{n_unknown} utterances have no known speaker: they count as one ('{_UNKNOWN}'), and nobody can keep "
            "these people apart from those of other parts."
        )
    return corpus.read("Audios/*.wav with their ForceAligned/*.TextGrid", default_protocol="official")


def _words(grid: Path | None, root: Path, duration: float) -> tuple[Word, ...]:
    if grid is None:
        raise UnusableAlignmentError("no alignment", "ForceAligned")
    return read_text_grid(grid, duration, shown_as=grid.relative_to(root).as_posix())


def _transcript(file: Path | None) -> str:
    """What a file holds, in one line; nothing if it cannot be read: the words of the alignment then stand for it."""
    try:
        return " ".join(read_text(file).split()) if file else ""
    except CorpusError:
        return ""


def _vad(row: Mapping[str, str]) -> tuple[float | None, float | None, float | None] | None:
    valence, activation, dominance = (_rating(row[name]) for name in ("EmoVal", "EmoAct", "EmoDom"))
    return None if valence is activation is dominance is None else (valence, activation, dominance)


def _rating(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 1 <= value <= 7 else None
