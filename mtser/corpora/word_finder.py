"""The words of utterances and their times: the corpus's own, else found by an aligner, else shared out evenly."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtser.alignment.aligner import Aligner
from mtser.alignment.files import EvenAligner
from mtser.alignment.many import Spoken, align_many
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioInfo
from mtser.corpora.clip_sound import Clip
from mtser.progress_bar import progress_bar
from mtser.transcription.find import find_transcriber
from mtser.transcription.many import transcribe_many
from mtser.transcription.transcriber import Transcript

WordTimes = Callable[[float], tuple[Word, ...]]
"""The corpus's own words of an utterance, by the duration of its audio in seconds."""

Words = tuple[Word, ...] | UnusableAlignmentError
"""The words of an utterance, or why there are none."""

NO_ALIGNMENT = ("no alignment", "empty alignment")
"""Reasons that are no contradiction: even shares mend them where the corpus has times of its own."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of an utterance before its audio is looked at.

    Parameters
    ----------
    id, text, language
        As in :class:`~mtser.corpora.utterance.Utterance`.
    audio
        Its file, or a part of one.
    times
        Its own word times, if the corpus has some.
    longest
        How many seconds its audio may last.
    known
        Other fields of the utterance.
    source
        Where it was found, for ``skipped.csv``; empty if the reader does not tell.
    """

    id: str
    audio: Path | Clip
    text: str
    language: str
    times: WordTimes | None
    longest: float | None
    known: Mapping[str, Any]
    source: str = ""


class WordFinder:
    """Finds the words of utterances.

    Parameters
    ----------
    aligner
        For utterances without times of their own.
    transcriber
        For utterances without text: its name for :func:`mtser.transcription.find.find_transcriber`, or "auto" for the
        default one. It is loaded when it is needed. None: they have no words, unless the aligner knows them.
    share_unaligned
        Whether utterances whose words cannot be found have their audio shared out evenly over them.
    n_jobs, progress
        As for :func:`~mtser.alignment.many.align_many`.

    Attributes
    ----------
    warnings
        Sentences that the user has to see.
    """

    def __init__(
        self,
        aligner: Aligner,
        transcriber: str | None = None,
        *,
        share_unaligned: bool = False,
        n_jobs: int | None = None,
        progress: bool = True,
    ) -> None:
        self.aligner = aligner
        self.transcriber = transcriber
        self.share_unaligned = share_unaligned
        self.n_jobs = n_jobs
        self.progress = progress
        self.warnings: list[str] = []

    def find(self, entries: Mapping[str, Entry], infos: Mapping[str, AudioInfo]) -> dict[str, tuple[Entry, Words]]:
        """Find the words of each entry, whose audio are usable files.

        Parameters
        ----------
        entries
            Id → entry.
        infos
            Id → what is known of its audio.

        Returns
        -------
        dict
            Id → the entry, with the text that was recognised if it had none, and its words.
        """
        entries = self._transcribe(entries, infos)
        found = self._own(entries, infos)
        found |= self._align(self.aligner, [id for id in entries if id not in found], entries, infos)
        if self.share_unaligned:
            wordless = [
                id
                for id, words in found.items()
                if isinstance(words, UnusableAlignmentError)
                and (entries[id].times is None or words.reason in NO_ALIGNMENT)
            ]
            shared = self._align(EvenAligner(), wordless, entries, infos)
            found |= {id: words for id, words in shared.items() if not isinstance(words, UnusableAlignmentError)}
        return {id: (one, found[id]) for id, one in entries.items()}

    def _own(self, entries: Mapping[str, Entry], infos: Mapping[str, AudioInfo]) -> dict[str, Words]:
        """The words of those that come with times of their own."""
        own = [(id, one.times) for id, one in entries.items() if one.times is not None]
        found: dict[str, Words] = {}
        for id, times in progress_bar(own, desc="Reading word times", unit="file", show=self.progress, delay=2.0):
            try:
                found[id] = times(infos[id].duration)
            except UnusableAlignmentError as error:
                found[id] = error
        return found

    def _transcribe(self, entries: Mapping[str, Entry], infos: Mapping[str, AudioInfo]) -> Mapping[str, Entry]:
        if self.transcriber is None or self.aligner.knows_words:
            return entries
        silent: dict[str, dict[str, Path]] = {}  # by language
        for id, one in entries.items():
            if not one.text and one.times is None and isinstance(one.audio, Path):
                silent.setdefault(one.language, {})[id] = one.audio
        if not silent:
            return entries
        transcriber = find_transcriber(None if self.transcriber == "auto" else self.transcriber)
        texts: dict[str, str] = {}
        for language, files in silent.items():
            heard = transcribe_many(transcriber, files, language=language, progress=self.progress)
            texts |= {id: found.text for id, found in heard.items() if isinstance(found, Transcript)}
        told = f"The texts of {len(texts)} utterances were recognised by {transcriber.name}: expect errors."
        self.warnings.append(told)
        return {id: replace(one, text=texts.get(id, one.text)) for id, one in entries.items()}

    def _align(
        self, aligner: Aligner, ids: Iterable[str], entries: Mapping[str, Entry], infos: Mapping[str, AudioInfo]
    ) -> Mapping[str, Words]:
        spoken = {}
        for id in ids:
            one = entries[id]
            assert isinstance(one.audio, Path)
            spoken[id] = Spoken(one.audio, one.text, one.language)
        if not spoken:
            return {}
        return align_many(aligner, spoken, infos=infos, n_jobs=self.n_jobs, progress=self.progress)
