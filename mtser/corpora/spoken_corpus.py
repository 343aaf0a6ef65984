"""What readers share whose corpora come without word times: labels, audio, alignment, and what is left out.

A reader collects what its corpus says of each utterance (:meth:`SpokenCorpus.add`); :meth:`SpokenCorpus.read` looks at
the audio, finds the words' times and makes the corpus.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mtser.alignment.aligner import Aligner
from mtser.alignment.find import find_aligner
from mtser.alignment.many import Spoken, align_many
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioIndex, AudioInfo
from mtser.corpora.choices import LabelMap, check_choice, check_label_map, load_label_map
from mtser.corpora.clips import Clip, ClipProblem, cut_clips
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.transcribed import transcribe_many
from mtser.corpora.usable import missing_classes, require_usable
from mtser.corpora.utterance import Utterance
from mtser.corpora.votes import shares_of_counts
from mtser.transcription.find import find_transcriber
from mtser.transcription.transcriber import Transcriber

WordTimes = Callable[[float], tuple[Word, ...]]
"""The corpus's own words of an utterance, by the duration of its audio in seconds."""

NO_ALIGNMENT = ("no alignment", "empty alignment")
"""Reasons that are no contradiction: ``unaligned="even"`` mends them where the corpus has times of its own."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What is known of an utterance before its audio is looked at; ``known`` are fields of :class:`Utterance`."""

    id: str
    audio: Path | Clip
    text: str
    language: str
    times: WordTimes | None
    longest: float | None
    known: Mapping[str, Any]


class SpokenCorpus:
    """Collects the utterances of a corpus without word times, then reads it.

    Parameters
    ----------
    name
        Of the corpus.
    root
        Its folder.
    label_map
        The class of each label that is used, or the YAML file of such a class map.
    labels
        All labels of the corpus.
    alignment
        What finds the words' times: a name for :func:`mtser.alignment.find.find_aligner` ("pocketsphinx",
        "ctc:MODEL", "even", a dotted path) or a folder of TextGrid files, as ``mtser align`` writes them. Not used for
        utterances that have times of their own.
    unaligned
        What happens to an utterance whose words cannot be found: "drop" leaves it out, "even" shares its audio out
        evenly over them. With times of its own that contradict themselves or the audio, it is always left out.
    transcriber
        What finds out the words of utterances without text: a name for
        :func:`mtser.transcription.find.find_transcriber`; None: they are left out, unless ``alignment`` knows words.
    audio_index, progress
        As for every reader.

    Raises
    ------
    ConfigError
        If an option is wrong.

    Example
    -------
    >>> corpus = SpokenCorpus("toy", Path("/toy"), {"joy": "happy"}, ("joy", "sorrow"), alignment="even")
    >>> corpus.add("u1", Path("/toy/u1.wav"), label="sorrow", speaker="A", text="Oh no.")
    >>> corpus.skipped
    [Skipped(utterance='u1', reason='label not among the classes', detail='sorrow')]
    """

    def __init__(
        self,
        name: str,
        root: Path,
        label_map: LabelMap,
        labels: Iterable[str],
        *,
        alignment: str | Path | Aligner = "pocketsphinx",
        unaligned: str = "drop",
        transcriber: str | Transcriber | None = None,
        audio_index: AudioIndex | None = None,
        progress: bool = True,
    ) -> None:
        check_choice("unaligned", unaligned, ("drop", "even"))
        self.name = name
        self.root = root
        self.labels = frozenset(labels)
        self.label_map = load_label_map("label_map", label_map)
        self.classes = check_label_map("label_map", self.label_map, self.labels)
        self.aligner = find_aligner(str(alignment)) if isinstance(alignment, str | Path) else alignment
        self.transcriber = transcriber
        self.share_unaligned = unaligned == "even"
        self.audio_index = audio_index or AudioIndex()
        self.progress = progress
        self.skipped: list[Skipped] = []
        self.warnings: list[str] = []
        self._entries: dict[str, _Entry] = {}
        self._others: dict[str, _Entry] = {}
        self._ids: set[str] = set()

    def skip(self, utterance: str, reason: str, detail: str = "") -> None:
        """List an utterance as left out."""
        self.skipped.append(Skipped(utterance, reason, detail))

    def add(
        self,
        id: str,
        audio: Path | Clip | None,
        *,
        label: str,
        speaker: str,
        text: str = "",
        language: str = "en",
        times: WordTimes | None = None,
        votes: Mapping[str, float] | None = None,
        longest: float | None = None,
        source: str = "",
        **known: Any,
    ) -> None:
        """Take an utterance in, or list why it is left out.

        Parameters
        ----------
        id
            Of the utterance; the first with an id counts.
        audio
            Its file, or a part of one; None if there is none.
        label
            As the corpus spells it.
        speaker, text, language
            As in :class:`~mtser.corpora.utterance.Utterance`.
        times
            Gives the corpus's own word times, and raises UnusableAlignmentError where they cannot be used.
        votes
            How many votes, or which weight, each label got.
        longest
            How many seconds its audio may last: one that lasts longer is not that of the utterance.
        source
            Where it was found, for ``skipped.csv``.
        known
            Other fields of the utterance: session, dialog, style, start, vad, partition.
        """
        if id in self._ids:
            self.skip(id, "repeated utterance (the first is kept)", source)
            return
        self._ids.add(id)
        if label not in self.labels:
            self.skip(id, f"unknown label {label}" if label else "no label", source)
        elif audio is None:
            self.skip(id, "no audio file", source)
        else:
            known = {**known, "speaker": speaker, "emotion": self.label_map.get(label, "")}
            known["votes"] = shares_of_counts(votes, self.label_map, self.classes) if votes else None
            entry = _Entry(id, audio, text, language, times, longest, known)
            if label in self.label_map:
                self._entries[id] = entry
                return
            self.skip(id, "label not among the classes", label)
            if known.get("dialog") is not None:
                self._others[id] = replace(entry, known={**known, "votes": None, "vad": None})

    def read(self, expected: str, *, default_protocol: str | None = None) -> Corpus:
        """Look at the audio, find the words' times, and make the corpus.

        Parameters
        ----------
        expected
            The files that the reader looks for, for the error of a corpus without usable utterance.
        default_protocol
            As in :class:`~mtser.corpora.corpus.Corpus`.

        Raises
        ------
        CorpusError
            If no usable utterance is left.
        MtserError
            If the aligner cannot work at all.
        """
        in_clips = any(isinstance(one.audio, Clip) for one in self._entries.values())
        root, utterances = self._utterances(self._entries, self.skipped, in_clips)
        warnings = [*self.warnings, *missing_classes(utterances, self.classes)]
        corpus = Corpus(
            self.name,
            root,
            self.classes,
            tuple(utterances),
            tuple(self.skipped),
            tuple(warnings),
            # What cannot be read is no context; all of it is listed as skipped anyway.
            read_context=(lambda: self._utterances(self._others, [], in_clips)[1]) if self._others else None,
            default_protocol=default_protocol,
        )
        return require_usable(corpus, expected)

    def _utterances(
        self, entries: Mapping[str, _Entry], skipped: list[Skipped], in_clips: bool
    ) -> tuple[Path, list[Utterance]]:
        """The usable ones, and the folder that their audio lies in; the others are added to ``skipped``."""
        root, files = self.root, {id: one.audio for id, one in entries.items() if isinstance(one.audio, Path)}
        if in_clips:
            clips = {id: one.audio if isinstance(one.audio, Clip) else Clip(one.audio) for id, one in entries.items()}
            root, cut = cut_clips(clips, self.root, n_jobs=self.audio_index.n_jobs, progress=self.progress)
            files = {id: file for id, file in cut.items() if isinstance(file, Path)}
            skipped += [Skipped(id, one.reason, one.detail) for id, one in cut.items() if isinstance(one, ClipProblem)]
        infos = self.audio_index.inspect(files, progress=self.progress)
        usable = {}
        for id, info in infos.items():
            if info.problem:
                skipped.append(Skipped(id, info.problem, info.detail))
            elif (longest := entries[id].longest) is not None and info.duration > longest:
                found = f"{info.duration:.1f} s, at most {longest:.1f} s were expected"
                skipped.append(Skipped(id, "audio far too long", found))
            else:
                usable[id] = replace(entries[id], audio=files[id])
        usable = self._transcribe(usable, infos, skipped)
        words = self._words(usable, infos, skipped)
        utterances = [
            Utterance(
                id=id,
                wav=files[id].relative_to(root).as_posix(),
                duration=infos[id].duration,
                text=usable[id].text or " ".join(word.word for word in found),
                words=found,
                language=usable[id].language,
                **usable[id].known,
            )
            for id, found in words.items()
        ]
        return root, utterances

    def _transcribe(
        self, entries: Mapping[str, _Entry], infos: Mapping[str, AudioInfo], skipped: list[Skipped]
    ) -> Mapping[str, _Entry]:
        """The entries, those that had no text with one; those in which nobody speaks are added to ``skipped``."""
        silent = {id: one for id, one in entries.items() if not one.text and one.times is None}
        if self.transcriber is None or not silent or self.aligner.knows_words:
            return entries
        texts = transcribe_many(
            find_transcriber(self.transcriber) if isinstance(self.transcriber, str) else self.transcriber,
            {id: (one.audio, one.language) for id, one in silent.items() if isinstance(one.audio, Path)},
            infos,
            progress=self.progress,
        )
        skipped += [Skipped(id, "no speech was recognised", str(entries[id].audio)) for id, text in texts.items() if not text]
        return {id: replace(one, text=texts.get(id, one.text)) for id, one in entries.items() if texts.get(id, "-")}

    def _words(
        self, entries: Mapping[str, _Entry], infos: Mapping[str, AudioInfo], skipped: list[Skipped]
    ) -> dict[str, tuple[Word, ...]]:
        """The words of each utterance that has some; the others are added to ``skipped``."""
        found: dict[str, tuple[Word, ...] | UnusableAlignmentError] = {}
        for id, one in entries.items():
            if one.times is not None:
                try:
                    found[id] = one.times(infos[id].duration)
                except UnusableAlignmentError as error:
                    found[id] = error
        rest = [id for id in entries if id not in found]
        found |= self._align(self.aligner, rest, entries, infos)
        if self.share_unaligned:
            wordless = [
                id
                for id, result in found.items()
                if isinstance(result, UnusableAlignmentError)
                and (entries[id].times is None or result.reason in NO_ALIGNMENT)
            ]
            shared = self._align(find_aligner("even"), wordless, entries, infos)
            found |= {id: words for id, words in shared.items() if not isinstance(words, UnusableAlignmentError)}
        words = {}
        for id, result in found.items():
            if isinstance(result, UnusableAlignmentError):
                skipped.append(Skipped(id, result.reason, result.detail))
            else:
                words[id] = result
        return words

    def _align(
        self, aligner: Aligner, ids: Iterable[str], entries: Mapping[str, _Entry], infos: Mapping[str, AudioInfo]
    ) -> dict[str, tuple[Word, ...] | UnusableAlignmentError]:
        spoken = {}
        for id in ids:
            one = entries[id]
            assert isinstance(one.audio, Path)
            spoken[id] = Spoken(one.audio, one.text, one.language)
        if not spoken:
            return {}
        return align_many(aligner, spoken, infos=infos, n_jobs=self.audio_index.n_jobs, progress=self.progress)
