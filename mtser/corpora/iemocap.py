"""IEMOCAP: improvised and scripted dialogs of ten actors in five sessions.

Source: Busso et al., "IEMOCAP: interactive emotional dyadic motion capture database", Language Resources and
Evaluation 42, 2008. Read are the labels, votes and ratings (dialog/EmoEvaluation), the transcripts
(dialog/transcriptions), the sentences' audio (sentences/wav; .flac is taken too) and the times of their words and
phones (sentences/ForcedAlignment: .wdseg and .phseg). Video, motion capture and the dialogs' own audio are not.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from mtser.alignment.phone_times import with_phones
from mtser.alignment.sphinx_segmentation import read_segmentation, spoken_words
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.audio import AudioIndex
from mtser.corpora.choices import LabelMap, check_choice, check_label_map, load_label_map
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.iemocap_counts import compare_with_release
from mtser.corpora.iemocap_release import SYNTHETIC_FILE, Recording, Release, read_release
from mtser.corpora.iemocap_words import transcript_words
from mtser.corpora.usable import missing_classes, require_usable
from mtser.corpora.utterance import Utterance
from mtser.corpora.votes import LABELS, label_of, vote_shares
from mtser.corpora.word_finder import NO_ALIGNMENT
from mtser.errors import ConfigError

FOUR_CLASSES: Mapping[str, str] = MappingProxyType(
    {"ang": "angry", "hap": "happy", "exc": "happy", "sad": "sad", "neu": "neutral"}
)
"""The paper's classes: happiness and excitement are one."""


@dataclass(frozen=True, slots=True)
class _Options:
    """The options of :func:`read_iemocap`, checked."""

    label_map: Mapping[str, str]
    classes: tuple[str, ...]
    share_unaligned: bool
    keep_non_speech: bool


def read_iemocap(
    data_folder: str | Path,
    *,
    label_map: LabelMap = FOUR_CLASSES,
    classes: Sequence[str] | None = None,
    unaligned: Literal["drop", "even"] = "drop",
    non_speech: Literal["drop", "keep"] = "drop",
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read a copy of the IEMOCAP release, or another corpus in its layout.

    Every utterance that cannot be used is listed in ``Corpus.skipped`` with its reason; so are those whose label is
    not among the classes. Those of the latter that can be heard and have words are the context for models that look at
    dialogs (:meth:`~mtser.corpora.corpus.Corpus.with_context` reads them). The words are those of the alignment, not of
    the transcript, from which they may differ. A missing transcript loses nothing but ``Utterance.text``, which then
    holds the words of the alignment. Words have phones where a .phseg file has them; one that is damaged or contradicts
    the words costs nothing but the phones, and is counted in ``Corpus.warnings``.

    Parameters
    ----------
    data_folder
        The folder that holds ``Session1`` to ``Session5``, or the one around it if that is called
        ``IEMOCAP_full_release``. Some of the sessions are enough.
    label_map
        The class of each label that is used, or the YAML file of such a class map; the others are left out.
    classes
        The classes in their order; default: as they appear in ``label_map``.
    unaligned
        What happens to an utterance without .wdseg file, or with one that holds no row: "drop" leaves it out, "even"
        shares its audio out evenly over the words of its transcript. One with any other damage is always left out:
        its alignment contradicts itself or its audio, and which of the two is wrong nobody can tell.
    non_speech
        "drop" leaves out tags such as ``++LAUGHTER++``, "keep" makes them words.
    audio_index
        What is known of audio files; default: the one in the cache folder.
    progress
        Whether to show a progress bar.

    Returns
    -------
    Corpus
        Named "iemocap"; the same for any order of the files on disk. ``synthetic`` if ``synthetic.json`` lies at the
        root.

    Raises
    ------
    CorpusError
        If the folder holds no session or no usable utterance.
    ConfigError
        If an option is wrong.
    """
    check_choice("unaligned", unaligned, ("drop", "even"))
    check_choice("non_speech", non_speech, ("drop", "keep"))
    label_map = load_label_map("label_map", label_map)
    options = _Options(label_map, _class_order(label_map, classes), unaligned == "even", non_speech == "keep")
    audio_index = audio_index or AudioIndex()
    release = read_release(data_folder)
    skipped = list(release.skipped)
    candidates: dict[str, Recording] = {}
    audio_files: dict[str, Path] = {}
    for one in release.recordings:
        id = one.name.id
        if one.turn.label not in LABELS:
            skipped.append(Skipped(id, f"unknown label {one.turn.label}", one.source))
        elif one.turn.label not in label_map:
            skipped.append(Skipped(id, "label not among the classes", one.turn.label))
        elif one.audio is None:
            skipped.append(Skipped(id, "no audio file", one.source))
        else:
            candidates[id], audio_files[id] = one, one.audio
    audio = audio_index.inspect(audio_files, progress=progress)
    utterances = []
    unusable_phones: list[UnusableAlignmentError] = []
    for id, one in candidates.items():
        info = audio[id]
        if info.problem:
            skipped.append(Skipped(id, info.problem, info.detail))
            continue
        try:
            words = _words(one, release, info.duration, options, unusable_phones)
        except UnusableAlignmentError as error:
            skipped.append(Skipped(id, error.reason, error.detail))
            continue
        utterances.append(_utterance(one, release.relative(audio_files[id]), info.duration, words, options))
    warnings = [*release.warnings, *compare_with_release(release.recordings)]
    warnings += _warnings(candidates, utterances, options.classes, unusable_phones)
    corpus = Corpus(
        "iemocap",
        release.root,
        options.classes,
        tuple(utterances),
        tuple(skipped),
        tuple(warnings),
        synthetic=(release.root / SYNTHETIC_FILE).is_file(),
        read_context=partial(_context, release, options, audio_index, progress),
    )
    expected = "sentences/wav/<dialog>/*.wav and sentences/ForcedAlignment/<dialog>/*.wdseg"
    if any(one.reason in NO_ALIGNMENT for one in skipped):
        expected += " (--unaligned even does without the latter: it shares the time out evenly over the words)"
    return require_usable(corpus, expected)


def _context(release: Release, options: _Options, audio_index: AudioIndex, progress: bool) -> list[Utterance]:
    """The turns outside of the classes that can be heard and have words, without labels and votes.

    What cannot be read is no context; all of them are listed as skipped anyway.
    """
    others = {one.name.id: one for one in release.recordings if one.turn.label not in options.label_map}
    files = {id: one.audio for id, one in others.items() if one.audio is not None}
    turns = []
    for id, info in audio_index.inspect(files, progress=progress).items():
        if info.problem:
            continue
        try:
            words = _words(others[id], release, info.duration, options, [])
        except UnusableAlignmentError:
            continue
        unlabelled = replace(others[id], turn=replace(others[id].turn, ballots=(), vad=None))
        turns.append(_utterance(unlabelled, release.relative(files[id]), info.duration, words, options))
    return turns


def _class_order(label_map: Mapping[str, str], classes: Sequence[str] | None) -> tuple[str, ...]:
    appearing = check_label_map("label_map", label_map, LABELS)
    if classes is None:
        return appearing
    if (
        not isinstance(classes, Sequence)
        or isinstance(classes, str)
        or not all(isinstance(one, str) for one in classes)
    ):
        raise ConfigError(f"classes is {classes!r}; it has to be a list of names.")
    if sorted(classes) != sorted(appearing):
        raise ConfigError(f"classes are {', '.join(classes)}, but label_map maps to {', '.join(appearing)}.")
    return tuple(classes)


def _words(
    one: Recording,
    release: Release,
    duration: float,
    options: _Options,
    unusable_phones: list[UnusableAlignmentError],
) -> tuple[Word, ...]:
    """The words of a recording with their times, or an error that says why there are none.

    Why its phones cannot be used, if so, is added to ``unusable_phones``.
    """
    reason, where = "no alignment", one.source
    if one.alignment is not None:
        where = release.relative(one.alignment)
        if rows := read_segmentation(one.alignment, where):
            words = spoken_words(rows, duration, where, keep_tags=options.keep_non_speech)
            try:
                return _with_phones(words, one, release, duration)
            except UnusableAlignmentError as error:
                unusable_phones.append(error)
                return words
        reason = "empty alignment"
    if not options.share_unaligned:
        raise UnusableAlignmentError(reason, where)
    transcript = transcript_words(one.text, options.keep_non_speech)
    if not transcript:
        raise UnusableAlignmentError("neither alignment nor transcript", one.source)
    return share_evenly(transcript, duration)


def _with_phones(words: tuple[Word, ...], one: Recording, release: Release, duration: float) -> tuple[Word, ...]:
    if one.phones is None:
        return words
    where = release.relative(one.phones)
    rows = read_segmentation(one.phones, where)
    return with_phones(words, rows, duration, where) if rows else words


def _utterance(one: Recording, wav: str, duration: float, words: tuple[Word, ...], options: _Options) -> Utterance:
    return Utterance(
        id=one.name.id,
        wav=wav,
        duration=duration,
        speaker=one.name.speaker,
        emotion=options.label_map.get(one.turn.label, ""),
        text=one.text or " ".join(word.word for word in words),
        words=words,
        session=one.name.session,
        dialog=one.name.dialog,
        style=one.name.style,
        start=one.turn.start,
        votes=vote_shares(one.turn.ballots, options.label_map, options.classes),
        vad=one.turn.vad,
    )


def _warnings(
    candidates: Mapping[str, Recording],
    utterances: Sequence[Utterance],
    classes: Sequence[str],
    unusable_phones: Sequence[UnusableAlignmentError],
) -> list[str]:
    warnings = []
    if unusable_phones:
        reasons = Counter(error.reason for error in unusable_phones)
        warnings.append(
            f"The phone times (.phseg) of {len(unusable_phones)} utterances cannot be used "
            f"({', '.join(f'{reason} {count}' for reason, count in reasons.most_common())}; the first: "
            f"{unusable_phones[0].detail}): their words have no phones."
        )
    n_untranscribed = sum(not candidates[utterance.id].text for utterance in utterances)
    if n_untranscribed:
        warnings.append(f"Without transcript, {n_untranscribed} utterances have the words of their alignment as text.")
    ticked = Counter(category for one in candidates.values() for ballot in one.turn.ballots for category in ballot)
    unknown = sorted(category for category in ticked if label_of(category) is None)
    if unknown:
        n_votes = sum(ticked[category] for category in unknown)
        warnings.append(f"{n_votes} votes are for categories that nobody knows ({', '.join(unknown)}): left out.")
    return warnings + missing_classes(utterances, classes)
