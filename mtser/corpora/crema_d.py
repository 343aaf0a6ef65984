"""CREMA-D: twelve sentences spoken by 91 actors in six emotions, with votes of 2443 raters.

Source: Cao et al., "CREMA-D: Crowd-sourced emotional multimodal actors dataset", IEEE Transactions on Affective
Computing 5(4), 2014. Read are ``AudioWAV`` and the tabulated votes on the voice alone; videos, single responses and
what is known of the actors (``VideoDemographics.csv``) are not.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice
from mtser.corpora.corpus import Corpus
from mtser.corpora.spoken_corpus import SpokenCorpus, no_corpus
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem
from mtser.text_tables import read_table

EMOTIONS: Mapping[str, str] = MappingProxyType(
    {"ANG": "anger", "DIS": "disgust", "FEA": "fear", "HAP": "happy", "NEU": "neutral", "SAD": "sad"}
)
"""The labels by their code in the file names; the votes have the first letters as columns."""

SIX_CLASSES: Mapping[str, str] = MappingProxyType(
    {"anger": "angry", "disgust": "disgust", "fear": "fearful", "happy": "happy", "neutral": "neutral", "sad": "sad"}
)
"""All emotions, each a class."""

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        "IEO": "It's eleven o'clock.",
        "TIE": "That is exactly what happened.",
        "IOM": "I'm on my way to the meeting.",
        "IWW": "I wonder what this is about.",
        "TAI": "The airplane is almost full.",
        "MTI": "Maybe tomorrow it will be cold.",
        "IWL": "I would like a new alarm clock.",
        "ITH": "I think I have a doctor's appointment.",
        "DFA": "Don't forget a jacket.",
        "ITS": "I think I've seen this before.",
        "TSI": "The surface is slick.",
        "WSI": "We'll stop in a couple of minutes.",
    }
)

VOTES = "processedResults/tabulatedVotes.csv"
_VOICE = 1  # rows are numbered mode * 100000 + clip; the modes are voice, face, both
_NAME = re.compile(r"(?P<actor>\d{4})_(?P<sentence>[A-Z]{3})_(?P<emotion>[A-Z]{3})_(?P<level>LO|MD|HI|XX?)", re.ASCII)
_EXPECTED = "expected the folder of CREMA-D that holds AudioWAV/<actor>_<sentence>_<emotion>_<level>.wav"


def read_crema_d(
    data_folder: str | Path,
    *,
    label_map: LabelMap = SIX_CLASSES,
    labels: Literal["intended", "voice"] = "intended",
    alignment: str = "pocketsphinx",
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read CREMA-D as its repository lays it out; WAV, or FLAC of the same names.

    The sentences are fixed, so the text says nothing about the emotion. There are no sessions and no dialogs. Where the
    votes are there, those on the voice alone are ``Utterance.votes``.

    Parameters
    ----------
    data_folder
        The folder that holds ``AudioWAV`` and, for votes, ``processedResults``.
    label_map
        The class of each label (anger, disgust, fear, happy, neutral, sad) that is used, or the YAML file of such a
        class map.
    labels
        "intended": what the actor was asked for (the file name). "voice": what most raters heard who had the voice
        alone; a tie is no label.
    alignment, unaligned
        Where word times come from: see :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "crema_d".

    Raises
    ------
    CorpusError
        If the folder holds no usable utterance, or no votes although the labels are to be theirs.
    ConfigError
        If an option is wrong.
    """
    check_choice("labels", labels, ("intended", "voice"))
    root = Path(data_folder)
    files = files_by_stem(root / "AudioWAV", (".wav", ".flac"))
    if not files:
        raise no_corpus(root, "holds no audio in AudioWAV/", _EXPECTED)
    corpus = SpokenCorpus(
        "crema_d",
        root,
        label_map,
        EMOTIONS.values(),
        alignment=alignment,
        unaligned=unaligned,
        sure_of_text=True,
        audio_index=audio_index,
        licence="Open Database License 1.0, contents under the Database Contents License",
        progress=progress,
    )
    votes = _votes(root / VOTES, corpus)
    if labels == "voice" and not votes:
        raise CorpusError(f"{root / VOTES}: holds no votes on the voice; without them, labels can only be 'intended'.")
    for id, path in files.items():
        source = f"AudioWAV/{path.name}"
        name, label = _NAME.fullmatch(id), None
        if name is None:
            corpus.skip(id, "not the name of an utterance", source)
        elif name["sentence"] not in SENTENCES:
            corpus.skip(id, "unknown sentence", source)
        elif labels == "voice" and id not in votes:
            corpus.skip(id, "no votes", source)
        elif labels == "voice" and (label := _majority(votes[id])) is None:
            corpus.skip(id, "no majority of the votes", ", ".join(f"{one} {n:g}" for one, n in votes[id].items() if n))
        else:
            label = label or EMOTIONS.get(name["emotion"], name["emotion"])
            text = SENTENCES[name["sentence"]]
            corpus.add(id, path, label=label, speaker=name["actor"], text=text, votes=votes.get(id), source=source)
    return corpus.read("files such as AudioWAV/1001_DFA_ANG_XX.wav")


def _votes(file: Path, corpus: SpokenCorpus) -> dict[str, dict[str, float]]:
    """Clip → label → votes of those who heard the voice alone; rows that cannot be read are counted in a warning."""
    if not file.is_file():
        return {}
    columns = {label: label[0].upper() for label in EMOTIONS.values()}
    found: dict[str, dict[str, float]] = {}
    bad = []
    for line, row in read_table(file, ["fileName", *columns.values()]):
        try:
            mode = int(row.get("", next(iter(row.values())))) // 100_000  # R writes the row's number without a name
            counts = {label: float(row[column]) for label, column in columns.items()}
        except ValueError:
            bad.append(line)
            continue
        if mode == _VOICE and min(counts.values()) >= 0 and sum(counts.values()) < float("inf"):
            found[Path(row["fileName"]).stem] = counts
    if bad:
        corpus.warnings.append(f"{len(bad)} rows of {VOTES} cannot be read (the first: line {bad[0]}): left out.")
    return found


def _majority(counts: Mapping[str, float]) -> str | None:
    """The label with most votes; None for a tie."""
    most = max(counts.values())
    first, *others = [label for label, count in counts.items() if count == most]
    return None if others or not most else first
