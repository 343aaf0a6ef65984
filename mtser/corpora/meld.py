"""MELD: turns of dialogs from a television series, in seven emotions.

Source: Poria et al., "MELD: a multimodal multi-party dataset for emotion recognition in conversations", ACL 2019. Read
are the tables ``*_sent_emo.csv`` and the sound of the clips; pictures, sentiments and the later features are not.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap
from mtser.corpora.clip_sound import Clip
from mtser.corpora.corpus import Corpus
from mtser.corpora.spoken_corpus import SpokenCorpus, no_corpus
from mtser.text_files import files_by_stem, subfolders
from mtser.text_tables import read_table

SEVEN_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "anger": "angry",
        "disgust": "disgust",
        "fear": "fearful",
        "joy": "happy",
        "neutral": "neutral",
        "sadness": "sad",
        "surprise": "surprised",
    }
)
"""All emotions, each a class."""

BROKEN = frozenset({"train_dia125_utt3", "dev_dia110_utt7"})
"""Clips that the release is known not to have, or to have without sound: they are listed as such."""

TOO_LONG = 10.0
"""By how many seconds a clip may be longer than its times say; some clips hold minutes around their utterance."""

_CLIP_FOLDERS = {"train": "train_splits", "dev": "dev_splits_complete", "test": "output_repeated_splits_test"}
_COLUMNS = ("Utterance", "Speaker", "Emotion", "Dialogue_ID", "Utterance_ID")
_AUDIO_SUFFIXES = (".wav", ".flac", ".mp4")  # sound that was taken out before goes first
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)[,.](\d{1,3})", re.ASCII)
_EXPECTED = (
    "expected the folder MELD.Raw that holds train_sent_emo.csv, dev_sent_emo.csv, test_sent_emo.csv and the clips"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A partition, the folders that its clips may lie in, and its table."""

    name: str
    folders: tuple[str, ...]
    table: Path


def read_meld(
    data_folder: str | Path,
    *,
    label_map: LabelMap = SEVEN_CLASSES,
    alignment: str = "pocketsphinx",
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read MELD as it is distributed, with ``train.tar.gz``, ``dev.tar.gz`` and ``test.tar.gz`` unpacked.

    The sound is taken out of the clips by ffmpeg (or by PyAV, where there is no ffmpeg), once, into the cache folder;
    where WAV or FLAC files of the same names lie beside the clips or instead of them, those are read. Turns whose
    emotion is in no class are the context for models that look at dialogs. Speakers go by their names: those of the
    main cast are in all partitions.

    Parameters
    ----------
    data_folder
        The folder that holds the three tables, or the one around it; some of them are enough.
    label_map
        The class of each label (anger, disgust, fear, joy, neutral, sadness, surprise) that is used, or the YAML file
        of such a class map.
    alignment, unaligned
        Where word times come from: see :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "meld". Its root is the folder of the sounds in the cache, where they were taken out.

    Raises
    ------
    CorpusError
        If the folder holds no table or no usable utterance, a table lacks a column, or neither ffmpeg nor PyAV
        is there to decode the clips.
    ConfigError
        If an option is wrong.
    """
    root = _root(Path(data_folder))
    parts = _parts(root)
    if not parts:
        raise no_corpus(root, "holds no *_sent_emo.csv", _EXPECTED)
    corpus = SpokenCorpus(
        "meld",
        root,
        label_map,
        SEVEN_CLASSES,
        alignment=alignment,
        unaligned=unaligned,
        audio_index=audio_index,
        licence="annotations under GPL-3.0; the clips, of a television series, for research only",
        progress=progress,
    )
    for part in parts:
        clips = {
            stem: path
            for folder in part.folders
            for stem, path in files_by_stem(root / folder, _AUDIO_SUFFIXES).items()
        }
        for line, row in read_table(part.table, _COLUMNS, delimiter=","):
            _add(corpus, part, clips, row, f"{part.table.relative_to(root).as_posix()}:{line}")
    return corpus.read(
        "clips such as train_splits/dia0_utt0.mp4",
        default_protocol="official" if len(parts) == 3 else None,
    )


def _root(folder: Path) -> Path:
    """The folder with the tables: the given one, or MELD.Raw in it."""
    return next((one for one in (folder, *subfolders(folder)) if _parts(one)), folder)


def _parts(root: Path) -> list[_Part]:
    """The partitions that have a table, which may lie in the folder that was unpacked beside it, too."""
    parts = []
    for name, folder in _CLIP_FOLDERS.items():
        tables = [place / f"{name}_sent_emo.csv" for place in (root, root / name)]
        if table := next((one for one in tables if one.is_file()), None):
            parts.append(_Part(name, (folder, f"{name}/{folder}", name), table))
    return parts


def _add(corpus: SpokenCorpus, part: _Part, clips: Mapping[str, Path], row: Mapping[str, str], source: str) -> None:
    dialog, turn = row["Dialogue_ID"], row["Utterance_ID"]
    if not (dialog.isdecimal() and turn.isdecimal() and row["Speaker"]):
        corpus.skip(f"{part.name}_dia{dialog}_utt{turn}", "unreadable annotation", source)
        return
    id = f"{part.name}_dia{dialog}_utt{turn}"
    path = clips.get(f"dia{dialog}_utt{turn}")
    if path is None and id in BROKEN:
        corpus.skip(id, "clip known to be broken", source)
        return
    start, end = _seconds(row.get("StartTime", "")), _seconds(row.get("EndTime", ""))
    lasts = end - start if start is not None and end is not None and end > start else None
    corpus.add(
        id,
        Clip(path) if path is not None and path.suffix.lower() == ".mp4" else path,
        label=row["Emotion"].lower(),
        speaker=row["Speaker"],
        text=_plain(row["Utterance"]),
        longest=None if lasts is None else lasts + TOO_LONG,
        source=source,
        dialog=f"{part.name}_{dialog}",
        start=start,
        partition=part.name,
    )


def _seconds(time: str) -> float | None:
    """``00:16:16,059`` in seconds; None if it is no time."""
    match = _TIME.fullmatch(time)
    if match is None:
        return None
    hours, minutes, seconds, fraction = match.groups()
    return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(text: str) -> str:
    r"""A transcript without the traces of its encoding.

    The tables are Windows-1252 whose bytes were once read as Latin-1: \x92 stands for an apostrophe.

    Example
    -------
    >>> _plain("I\x92m  fine.")
    'I’m fine.'
    """
    controls = {code: bytes([code]).decode("cp1252", errors="ignore") or " " for code in range(0x80, 0xA0)}
    return " ".join(text.translate(controls).split())
