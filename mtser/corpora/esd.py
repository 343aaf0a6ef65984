"""ESD: 350 sentences spoken by ten English and ten Chinese speakers in five emotions.

Source: Zhou et al., "Emotional voice conversion: theory, databases and ESD", Speech Communication 137, 2022. Read are
the audio, its division into train, evaluation and test, and each speaker's transcripts.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice
from mtser.corpora.corpus import Corpus
from mtser.corpora.spoken_corpus import SpokenCorpus, no_corpus
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem, numbered_lines, read_text, subfolders

FIVE_CLASSES: Mapping[str, str] = MappingProxyType(
    {"angry": "angry", "happy": "happy", "neutral": "neutral", "sad": "sad", "surprise": "surprised"}
)
"""All emotions, each a class; the labels are the names of the folders in lower case."""

PARTITIONS: Mapping[str, str | None] = MappingProxyType(
    {"train": "train", "evaluation": "dev", "test": "test", "": None}
)
"""Folders in a folder of an emotion; the files may also lie in it themselves, undivided."""

_EMOTION_COLUMN = frozenset({*FIVE_CLASSES, "中立", "生气", "愤怒", "快乐", "开心", "伤心", "悲伤", "惊喜", "惊讶"})
_SPEAKER = re.compile(r"00(0[1-9]|1\d|20)", re.ASCII)
_ID = re.compile(r"(?P<speaker>\d{4})_\d{6}", re.ASCII)
_EXPECTED = "expected the folder of ESD that holds 0001 to 0020 with <emotion>/ and the transcripts <speaker>.txt"


def read_esd(
    data_folder: str | Path,
    *,
    language: Literal["en", "zh", "both"] = "en",
    label_map: LabelMap = FIVE_CLASSES,
    alignment: str = "pocketsphinx",
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read ESD as it is distributed; WAV, or FLAC of the same names.

    The sentences of a speaker are the same in every emotion, and those of the speakers of a language, too, so the text
    says nothing about the emotion. The official partitions share speakers (they were made for voice conversion), so
    the default protocol leaves a speaker out.

    Parameters
    ----------
    data_folder
        The folder that holds 0001 to 0020, or the one around it; some of the speakers are enough.
    language
        "en": speakers 0011 to 0020. "zh": 0001 to 0010; each character counts as a word, and ``alignment`` has to
        know Chinese ("ctc:MODEL", a folder of TextGrids, "even"). "both".
    label_map
        The class of each label (angry, happy, neutral, sad, surprise) that is used, or the YAML file of such a class
        map.
    alignment, unaligned
        Where word times come from: see :class:`~mtser.corpora.spoken_corpus.SpokenCorpus`.
    audio_index, progress
        What is known of audio files (default: the index in the cache folder); whether to show progress bars.

    Returns
    -------
    Corpus
        Named "esd".

    Raises
    ------
    CorpusError
        If the folder holds no usable utterance.
    ConfigError
        If an option is wrong.
    """
    check_choice("language", language, ("en", "zh", "both"))
    root = Path(data_folder)
    speakers = _speakers(root)
    if not speakers:
        raise no_corpus(root, "holds no speaker", _EXPECTED)
    corpus = SpokenCorpus(
        "esd",
        root,
        label_map,
        FIVE_CLASSES,
        alignment=alignment,
        unaligned=unaligned,
        sure_of_text=True,
        audio_index=audio_index,
        licence="for research only",
        progress=progress,
    )
    n_other = 0
    for folder in speakers:
        spoken = "zh" if folder.name <= "0010" else "en"
        if language not in ("both", spoken):
            n_other += 1
            continue
        texts = _transcripts(folder, corpus)
        for label, partition, path in _files(folder):
            source = path.relative_to(root).as_posix()
            name = _ID.fullmatch(path.stem)
            if name is None or name["speaker"] != folder.name:
                corpus.skip(path.stem, "not the name of an utterance", source)
            elif not texts.get(path.stem):
                corpus.skip(path.stem, "no transcript", source)
            else:
                corpus.add(
                    path.stem,
                    path,
                    label=label,
                    speaker=folder.name,
                    text=texts[path.stem],
                    language=spoken,
                    partition=PARTITIONS[partition],
                    source=source,
                )
    if n_other == len(speakers):
        raise CorpusError(
            f"{root}: none of its {n_other} speakers has the language {language!r}; --language both reads all."
        )
    return corpus.read("files such as 0011/Angry/evaluation/0011_000351.wav", default_protocol="lospo")


def _speakers(root: Path) -> list[Path]:
    for parent in (root, *subfolders(root)):
        if found := [folder for folder in subfolders(parent) if _SPEAKER.fullmatch(folder.name)]:
            return found
    return []


def _files(speaker: Path) -> Iterator[tuple[str, str, Path]]:
    """Label, partition and file of all utterances of a speaker."""
    for emotion in subfolders(speaker):
        for partition in PARTITIONS:
            for path in files_by_stem(emotion / partition, (".wav", ".flac")).values():
                yield emotion.name.lower(), partition, path


def _transcripts(speaker: Path, corpus: SpokenCorpus) -> dict[str, str]:
    """The sentences of a speaker; files come in UTF-8, UTF-16 and GBK, with tabulators or blanks between columns."""
    file = speaker / f"{speaker.name}.txt"
    try:
        text = read_text(file, legacy="gb18030" if speaker.name <= "0010" else "cp1252")
    except CorpusError as error:
        corpus.warnings.append(f"{error} Without it, no utterance of {speaker.name} has a text.")
        return {}
    found: dict[str, str] = {}
    for _, line in numbered_lines(text):
        if "\t" in line:
            id, sentence = (field.strip() for field in line.split("\t")[:2])
        else:
            id, _, sentence = line.partition(" ")
            before, _, last = sentence.rpartition(" ")
            if last.lower() in _EMOTION_COLUMN:
                sentence = before
        if _ID.fullmatch(id):
            found.setdefault(id, sentence.strip())
    return found
