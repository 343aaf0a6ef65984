"""CMU-MOSEI: sentences of 1000 people who speak into a camera, with intensities of six emotions and word times.

Source: Zadeh et al., "Multimodal language analysis in the wild: CMU-MOSEI dataset and interpretable dynamic fusion
graph", ACL 2018. Read are the labels and the words with their times from computational sequences (.csd), and the sound
of the whole videos; pictures, features and sentiment are not.
"""

import math
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

import numpy as np

from mtser.alignment.word import Word
from mtser.alignment.word_times import TimedLabel, UnusableAlignmentError, check_order, place_in_audio
from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice
from mtser.corpora.clip_sound import Clip
from mtser.corpora.corpus import Corpus
from mtser.corpora.csd import Sequence, read_csd
from mtser.corpora.mosei_folds import read_standard_folds
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import ConfigError, CorpusError
from mtser.text_files import files_by_stem

EMOTIONS = ("happy", "sad", "anger", "surprise", "disgust", "fear")
"""The columns of the labels, behind that of the sentiment."""

SEVEN_CLASSES: Mapping[str, str] = MappingProxyType(
    {
        "happy": "happy",
        "sad": "sad",
        "anger": "angry",
        "surprise": "surprised",
        "disgust": "disgust",
        "fear": "fearful",
        "neutral": "neutral",
    }
)
"""All emotions, each a class; neutral is what has none."""

_LABELS = ("CMU_MOSEI_Labels.csd", "CMU_MOSEI_All_Labels.csd", "All Labels.csd", "All_Labels.csd")
_WORDS = ("CMU_MOSEI_TimestampedWords.csd", "words.csd", "TimestampedWords.csd")
_AUDIO = ("Audio/Full/WAV_16000", "Raw/Audio/Full/WAV_16000", "WAV_16000", "Audio")
_PLACES = ("", "labels", "language", "csd")
_PAUSE = frozenset({"sp", ""})
_OVERLAP = (
    0.02  # seconds by which a word may start before the one above it ends: two frames, what rounding accounts for
)
_EXPECTED = (
    "expected the folder that holds CMU_MOSEI_Labels.csd, CMU_MOSEI_TimestampedWords.csd and Audio/Full/WAV_16000/"
)


def read_cmu_mosei(
    data_folder: str | Path,
    *,
    label_map: LabelMap = SEVEN_CLASSES,
    threshold: float = 0.0,
    without_emotion: Literal["neutral", "drop"] = "neutral",
    standard_folds: str | None = None,
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read CMU-MOSEI from the computational sequences of its labels and words, and the sound of its videos.

    A segment's label is the emotion of the greatest intensity (means of three raters, 0 to 3); one with several equally
    strong ones has none and is left out. The intensities are the soft labels (``Utterance.votes``). The corpus does not
    say who speaks, so each video counts as a speaker; it has one, but one person may have several. Segments are
    cut out of the videos' sound, once, into the cache folder. A segment of which no word has a time is left out.

    Parameters
    ----------
    data_folder
        The folder with the .csd files (in it, or in ``labels``, ``language`` or ``csd``) and the audio.
    label_map
        The class of each label (happy, sad, anger, surprise, disgust, fear, neutral) that is used, or the YAML file of
        such a class map.
    threshold
        Intensities up to it count as none.
    without_emotion
        "neutral": a segment without any emotion has this label. "drop": it is left out.
    standard_folds
        The file of the official partitions: the SDK's ``cmu_mosei_std_folds.py`` (read, not run), or YAML or JSON with
        lists of videos under train, valid and test. None: there are no partitions.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "cmu_mosei".

    Raises
    ------
    CorpusError
        If a file is missing or is none of its kind, or no segment is usable.
    ConfigError
        If an option is wrong.
    MtserError
        If h5py is not installed.
    """
    check_choice("without_emotion", without_emotion, ("neutral", "drop"))
    if not isinstance(threshold, int | float) or not 0 <= threshold < 3:
        raise ConfigError(f"threshold is {threshold!r}; intensities go from 0 to 3.")
    root = Path(data_folder)
    partitions = read_standard_folds(standard_folds) if standard_folds is not None else {}
    labels, damaged_labels = read_csd(_find(root, _LABELS, "labels"))
    words, _ = read_csd(_find(root, _WORDS, "words"))
    audio: dict[str, Path] = {}
    for folder in _AUDIO:
        audio = files_by_stem(root / folder, (".wav", ".flac")) | audio
    corpus = SpokenCorpus(
        "cmu_mosei",
        root,
        label_map,
        SEVEN_CLASSES,
        alignment="even",
        audio_index=audio_index,
        licence="annotations free for research; the videos belong to their speakers",
        progress=progress,
    )
    for video in damaged_labels:
        corpus.skip(video, "unreadable annotation", "labels")
    for video, segments in labels.items():
        for number, (start, end) in enumerate(segments.intervals):
            id, source = f"{video}[{number}]", f"labels: {video}, row {number}"
            intensities = _intensities(segments.features[number], threshold)
            if intensities is None or not (math.isfinite(start) and start < end):
                corpus.skip(id, "unreadable annotation", source)
                continue
            label, reason = _label(intensities, without_emotion)
            if label is None:
                corpus.skip(id, reason, source)
                continue
            corpus.add(
                id,
                Clip(audio[video], float(start), float(end)) if video in audio else None,
                label=label,
                speaker=video,
                times=partial(_words, words.get(video), float(start), float(end), f"words: {video}"),
                votes=intensities or {"neutral": 1.0},
                source=source,
                dialog=video,
                start=float(start),
                partition=partitions.get(video),
            )
    return corpus.read(
        "segments with words and Audio/Full/WAV_16000/<video>.wav",
        default_protocol="official" if partitions else None,
    )


def _find(root: Path, names: tuple[str, ...], what: str) -> Path:
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; {_EXPECTED}.")
    for place in _PLACES:
        for name in names:
            if (file := root / place / name).is_file():
                return file
    raise CorpusError(f"{root}: holds no file of {what} ({names[0]}); {_EXPECTED}.")


def _intensities(row: np.ndarray, threshold: float) -> dict[str, float] | None:
    """The emotions above the threshold; None if the row does not hold seven numbers."""
    try:
        values = np.asarray(row, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        return None
    if len(values) != 1 + len(EMOTIONS) or not np.isfinite(values).all():
        return None
    return {name: float(value) for name, value in zip(EMOTIONS, values[1:], strict=True) if value > threshold}


def _label(intensities: Mapping[str, float], without_emotion: str) -> tuple[str | None, str]:
    """The label, or None and the reason why there is none."""
    if not intensities:
        return ("neutral", "") if without_emotion == "neutral" else (None, "no emotion above the threshold")
    greatest = max(intensities.values())
    first, *others = [name for name, value in intensities.items() if value == greatest]
    return (None, "several emotions are equally strong") if others else (first, "")


def _words(rows: Sequence | None, start: float, end: float, source: str, duration: float) -> tuple[Word, ...]:
    """The words whose centre lies in the segment, with times from its start; ``sp`` marks pauses."""
    if rows is None:
        raise UnusableAlignmentError("no alignment", source)
    labels = []
    for number, (first, last) in enumerate(rows.intervals):
        if not start <= (first + last) / 2 < end:  # NaN is in no segment
            continue
        raw = np.ravel(rows.features[number])[0]
        word = raw.decode("utf-8", errors="replace") if isinstance(raw, bytes) else str(raw)
        if word.strip().lower() not in _PAUSE:
            bounds = max(float(first), start) - start, min(float(last), end) - start
            labels.append(TimedLabel(word.strip(), *bounds, number))
    labels.sort(key=lambda row: row.start)
    mended = []
    for number, row in enumerate(labels):
        after = labels[number + 1].start if number + 1 < len(labels) else math.inf
        end_of_word = after if 0 < row.end - after <= _OVERLAP else row.end
        mended.append(TimedLabel(row.label, row.start, end_of_word, row.line))
    check_order(mended, source)
    return place_in_audio(mended, duration, source)
