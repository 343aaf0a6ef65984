"""RAVDESS: two sentences spoken by 24 actors in eight emotions.

Source: Livingstone and Russo, "The Ryerson Audio-Visual Database of Emotional Speech and Song", PLoS ONE 13(5), 2018.
Read is the speech of the audio-only files (``Audio_Speech_Actors_01-24.zip``); song and videos are listed as left out.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice
from mtser.corpora.corpus import Corpus
from mtser.corpora.spoken_corpus import SpokenCorpus
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem, subfolders

EMOTIONS: Mapping[str, str] = MappingProxyType(
    {
        "01": "neutral",
        "02": "calm",
        "03": "happy",
        "04": "sad",
        "05": "angry",
        "06": "fearful",
        "07": "disgust",
        "08": "surprised",
    }
)
"""The labels by their code in the file names."""

EIGHT_CLASSES: Mapping[str, str] = MappingProxyType({label: label for label in EMOTIONS.values()})
"""All emotions, each a class."""

STATEMENTS: Mapping[str, str] = MappingProxyType(
    {"01": "Kids are talking by the door.", "02": "Dogs are sitting by the door."}
)

INTENSITIES: Mapping[str, str] = MappingProxyType({"01": "normal", "02": "strong"})

FILES_OF_AN_ACTOR = 60
"""Speech files: eight emotions, two intensities (neutral has one), two statements, two repetitions."""

_NAME = re.compile(
    r"(?P<modality>\d\d)-(?P<channel>\d\d)-(?P<emotion>\d\d)-(?P<intensity>\d\d)-(?P<statement>\d\d)-"
    r"(?P<repetition>\d\d)-(?P<actor>\d\d)",
    re.ASCII,
)
_EXPECTED = "expected the folder that holds Actor_01 to Actor_24 (or their files, or the unpacked zip files)"


def read_ravdess(
    data_folder: str | Path,
    *,
    label_map: LabelMap = EIGHT_CLASSES,
    intensities: Literal["both", "normal", "strong"] = "both",
    alignment: str = "pocketsphinx",
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read RAVDESS as it is distributed, WAV or FLAC of the same names.

    Files may lie in folders of the actors, all in one folder, or in the folders of the zip files. The two sentences are
    spoken in every emotion, so the text says nothing about it. Speakers are called by number and sex ("03M", "04F": odd
    actors are male). There are no sessions and no dialogs.

    Parameters
    ----------
    data_folder
        The folder with the files, or one or two above it.
    label_map
        The class of each label (neutral, calm, happy, sad, angry, fearful, disgust, surprised) that is used, or the
        YAML file of such a class map.
    intensities
        Which emotional intensities are used; neutral has the normal one only.
    alignment, unaligned
        Where word times come from: see :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "ravdess".

    Raises
    ------
    CorpusError
        If the folder holds no usable utterance.
    ConfigError
        If an option is wrong.
    """
    check_choice("intensities", intensities, ("both", "normal", "strong"))
    root = Path(data_folder)
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; {_EXPECTED}.")
    corpus = SpokenCorpus(
        "ravdess",
        root,
        label_map,
        EMOTIONS.values(),
        alignment=alignment,
        unaligned=unaligned,
        sure_of_text=True,
        audio_index=audio_index,
        licence="CC BY-NC-SA 4.0, not for commercial use",
        progress=progress,
    )
    files_of: Counter[str] = Counter()
    for path in _files(root):
        id, source = path.stem, path.relative_to(root).as_posix()
        name = _NAME.fullmatch(id)
        if name is None:
            corpus.skip(id, "not the name of an utterance", source)
        elif name["modality"] != "03":
            corpus.skip(id, "video, not audio only", source)
        elif name["channel"] != "01":
            corpus.skip(id, "song, not speech", source)
        elif name["statement"] not in STATEMENTS:
            corpus.skip(id, "unknown sentence", source)
        elif intensities not in ("both", INTENSITIES.get(name["intensity"])):
            corpus.skip(id, "intensity not asked for", source)
        else:
            speaker = name["actor"] + ("M" if int(name["actor"]) % 2 else "F")
            label = EMOTIONS.get(name["emotion"], name["emotion"])
            corpus.add(id, path, label=label, speaker=speaker, text=STATEMENTS[name["statement"]], source=source)
            files_of[speaker] += 1
    if intensities == "both" and (short := sorted(one for one, count in files_of.items() if count < FILES_OF_AN_ACTOR)):
        corpus.warnings.append(
            f"Of {len(short)} actors not all {FILES_OF_AN_ACTOR} speech files are there ({', '.join(short[:5])}): an "
            "incomplete copy?"
        )
    return corpus.read("files such as Actor_12/03-01-06-01-02-01-12.wav")


def _files(root: Path) -> Iterator[Path]:
    """Audio and video files of the folder and two levels below it."""
    for folder in (root, *subfolders(root), *(inner for outer in subfolders(root) for inner in subfolders(outer))):
        yield from files_by_stem(folder, (".wav", ".flac", ".mp4")).values()
