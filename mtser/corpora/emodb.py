"""EmoDB: ten German sentences spoken by ten actors in seven emotions.

Source: Burkhardt et al., "A database of German emotional speech", Interspeech 2005. Read are ``wav`` and ``silb`` (the
starts of the syllables, set by hand) of the distribution; its phone labels (``lablaut``), stress labels (``labsilb``)
and listening tests are not.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError, check_order, place_in_audio, share_evenly
from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice, check_label_map, load_label_map
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.emodb_sentences import EMOTION_LETTERS, SENTENCES, EmodbName, Sentence, parse_emodb_name
from mtser.corpora.syllables import parse_syllables, syllables_to_words
from mtser.corpora.usable import missing_classes, require_usable
from mtser.corpora.utterance import Utterance
from mtser.errors import CorpusError
from mtser.text_files import files_by_stem, read_text

FOUR_EMOTIONS: Mapping[str, str] = MappingProxyType({"W": "angry", "F": "happy", "T": "sad", "N": "neutral"})
"""The classes that the paper has on IEMOCAP, by the letter of the file name."""

_EXPECTED = (
    "expected the folder of EmoDB's distribution that holds wav/<speaker><sentence><emotion><take>.wav and silb/"
)


def read_emodb(
    data_folder: str | Path,
    *,
    emotions: LabelMap = FOUR_EMOTIONS,
    unaligned: Literal["drop", "even"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read EmoDB in the layout of its official distribution (.flac in place of .wav is taken too).

    The sentences are fixed, so the text says nothing about the emotion. There are no sessions and no dialogs, speakers
    go by their number.

    Parameters
    ----------
    data_folder
        The folder that holds ``wav`` and ``silb``.
    emotions
        The class of each letter that is used (W anger, L boredom, E disgust, A anxiety, F happiness, T sadness, N
        neutral), or the YAML file of such a class map; the classes are in the order in which they appear there. Other
        letters are left out.
    unaligned
        What happens to an utterance without .silb file: "drop" leaves it out, "even" shares its audio out evenly over
        the words of its sentence. An empty file counts as none: the distribution has one; one with other damage always
        leads to the utterance being left out.
    audio_index
        What is known of audio files; default: the one in the cache folder.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Corpus
        Named "emodb".

    Raises
    ------
    CorpusError
        If the folder holds no usable utterance.
    ConfigError
        If an option is wrong.
    """
    check_choice("unaligned", unaligned, ("drop", "even"))
    emotions = load_label_map("emotions", emotions)
    classes = check_label_map("emotions", emotions, EMOTION_LETTERS)
    root = Path(data_folder)
    if not root.is_dir():
        raise CorpusError(f"{root}: no such folder; {_EXPECTED}.")
    paths = files_by_stem(root / "wav", (".wav", ".flac"))
    if not paths:
        raise CorpusError(f"{root}: holds no audio in wav/; {_EXPECTED}.")
    labels = files_by_stem(root / "silb", (".silb",))
    skipped: list[Skipped] = []
    names = [name for id, path in paths.items() if (name := _name(id, path.name, emotions, skipped))]
    audio = (audio_index or AudioIndex()).inspect({name.id: paths[name.id] for name in names}, progress=progress)
    utterances = []
    for name in names:
        info, sentence = audio[name.id], SENTENCES[name.sentence]
        if info.problem:
            skipped.append(Skipped(name.id, info.problem, info.detail))
            continue
        try:
            words = _words(sentence, labels.get(name.id), info.duration, unaligned)
        except UnusableAlignmentError as error:
            skipped.append(Skipped(name.id, error.reason, error.detail))
            continue
        wav, emotion = f"wav/{paths[name.id].name}", emotions[name.letter]
        utterances.append(
            Utterance(name.id, wav, info.duration, name.speaker, emotion, sentence.text, words, language="de")
        )
    skipped += [Skipped(id, "no audio file", f"silb/{labels[id].name}") for id in sorted(labels.keys() - paths.keys())]
    warnings = tuple(missing_classes(utterances, classes))
    corpus = Corpus("emodb", root, classes, tuple(utterances), tuple(skipped), warnings)
    return require_usable(corpus, "wav/*.wav with their silb/*.silb")


def _name(id: str, file: str, emotions: Mapping[str, str], skipped: list[Skipped]) -> EmodbName | None:
    """The name taken apart if the utterance is wanted; else it is listed with the reason."""
    name = parse_emodb_name(id)
    if name is None:
        skipped.append(Skipped(id, "not the name of an utterance", f"wav/{file}"))
    elif name.letter not in EMOTION_LETTERS:
        skipped.append(Skipped(id, f"unknown label {name.letter}", f"wav/{file}"))
    elif name.letter not in emotions:
        skipped.append(Skipped(id, "label not among the classes", EMOTION_LETTERS[name.letter]))
    elif name.sentence not in SENTENCES:
        skipped.append(Skipped(id, "unknown sentence", name.sentence))
    else:
        return name
    return None


def _words(sentence: Sentence, silb: Path | None, duration: float, unaligned: str) -> tuple[Word, ...]:
    shown_as = f"silb/{silb.name}" if silb else "silb"
    try:
        text = read_text(silb) if silb else ""
    except CorpusError as error:
        raise UnusableAlignmentError("unreadable alignment", str(error)) from error
    if not text.strip():
        if unaligned == "even":
            return share_evenly(["".join(word) for word in sentence.words], duration)
        raise UnusableAlignmentError("empty alignment" if silb else "no alignment", shown_as)
    rows = syllables_to_words(parse_syllables(text, duration, shown_as), sentence.words, shown_as)
    check_order(rows, shown_as)
    return place_in_audio(rows, duration, shown_as)
