"""What readers share whose corpora come without word times: labels, audio, alignment, and what is left out.

A reader collects what its corpus says of each utterance (:meth:`SpokenCorpus.add`); :meth:`SpokenCorpus.read` looks at
the audio, finds the words' times and makes the corpus.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mtser.alignment.aligner import Aligner
from mtser.alignment.files import FileAligner, Origin
from mtser.alignment.find import find_aligner
from mtser.alignment.sphinx import SphinxAligner
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio import AudioIndex
from mtser.checks import check_language
from mtser.corpora.choices import LabelMap, check_choice, check_label_map, load_label_map
from mtser.corpora.clip_sound import Clip, ClipProblem
from mtser.corpora.clips import cut_clips
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.usable import missing_classes, require_usable
from mtser.corpora.utterance import Utterance
from mtser.corpora.votes import shares_of_counts
from mtser.corpora.word_finder import Entry, WordFinder, WordTimes
from mtser.errors import CorpusError

_ANY_SCORE = -1000.0  # lower than any: on RAVDESS, quite another sentence scores about -60


def no_corpus(root: Path, missing: str, expected: str) -> CorpusError:
    """What is said of a folder that is no corpus.

    Example
    -------
    >>> no_corpus(Path("no/such"), "holds no audio", "expected the folder that holds wav/")
    CorpusError('no/such: no such folder; expected the folder that holds wav/.')
    """
    return CorpusError(f"{root}: {missing if root.is_dir() else 'no such folder'}; {expected}.")


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
    sure_of_text
        Whether the texts are known to be what was said, as where actors read given sentences: then pocketsphinx's doubt
        whether they fit the audio is no reason to leave one out. (Its usual threshold doubts 73 of 480 utterances of
        RAVDESS, nearly all of them emotional, a third by one actor.)
    transcriber
        What finds out the words of utterances without text: a name for
        :func:`mtser.transcription.find.find_transcriber`, or "auto"; None: they are left out, unless ``alignment``
        knows words.
    licence
        As of :class:`~mtser.corpora.corpus.Corpus`.
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
        sure_of_text: bool = False,
        transcriber: str | None = None,
        licence: str = "",
        audio_index: AudioIndex | None = None,
        progress: bool = True,
    ) -> None:
        check_choice("unaligned", unaligned, ("drop", "even"))
        self.name = name
        self.root = root
        self.licence = licence
        self.labels = frozenset(labels)
        self.label_map = load_label_map("label_map", label_map)
        self.classes = check_label_map("label_map", self.label_map, self.labels)
        self.audio_index = audio_index or AudioIndex()
        self.words = WordFinder(
            _aligner(alignment, sure_of_text),
            transcriber,
            share_unaligned=unaligned == "even",
            n_jobs=self.audio_index.n_jobs,
            progress=progress,
        )
        self.progress = progress
        self.skipped: list[Skipped] = []
        self.warnings: list[str] = []
        self._entries: dict[str, Entry] = {}
        self._others: dict[str, Entry] = {}
        self._ids: set[str] = set()
        self._recordings: set[Path] = set()

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
            Of the utterance; the first with an id that can be used counts.
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
            Where it was found, for ``skipped.csv``: a file and its line. The details of all that is wrong with it begin
            with it.
        known
            Other fields of the utterance: session, dialog, style, start, vad, partition.
        """
        if audio is not None:
            self._recordings.add(_origin(audio).recording)
        if id in self._ids:
            self.skip(id, "repeated utterance (the first is kept)", source)
            return
        if label not in self.labels:
            self.skip(id, f"unknown label {label}" if label else "no label", source)
        elif audio is None:
            self.skip(id, "no audio file", source)
        else:
            known = {**known, "speaker": speaker, "emotion": self.label_map.get(label, "")}
            known["votes"] = shares_of_counts(votes, self.label_map, self.classes) if votes else None
            entry = Entry(id, audio, text, check_language(language), times, longest, known, source)
            if label in self.label_map:
                self._entries[id] = entry
                self._ids.add(id)
                return
            self.skip(id, "label not among the classes", _told(source, label))
            if known.get("dialog") is not None:
                self._ids.add(id)
                self._others[id] = replace(entry, known={**known, "votes": None, "vad": None})

    def read(self, expected: str, *, default_protocol: str | None = None, place: Path | None = None) -> Corpus:
        """Look at the audio, find the words' times, and make the corpus.

        Parameters
        ----------
        expected
            The files that the reader looks for, for the error of a corpus without usable utterance.
        default_protocol
            As in :class:`~mtser.corpora.corpus.Corpus`.
        place
            What that error names; default: the corpus's folder.

        Raises
        ------
        CorpusError
            If no usable utterance is left.
        MtserError
            If the aligner cannot work at all.
        """
        root, utterances = self._utterances(self._entries, self.skipped)
        warnings = [*self.warnings, *self.words.warnings, *missing_classes(utterances, self.classes)]
        corpus = Corpus(
            self.name,
            root,
            self.classes,
            tuple(utterances),
            tuple(self.skipped),
            tuple(warnings),
            read_context=(lambda: self._context(root)) if self._others else None,
            default_protocol=default_protocol,
            licence=self.licence,
        )
        return require_usable(corpus, expected, place)

    def _context(self, root: Path) -> list[Utterance]:
        """The other turns, as of a corpus that lies in ``root``. What cannot be read is listed as skipped anyway."""
        place, turns = self._utterances(self._others, [])
        if place == root:
            return turns
        # The sound of the corpus's own turns was taken out before, and of these not, or the other way round.
        return [replace(one, wav=(place.resolve() / one.wav).as_posix()) for one in turns]

    def _utterances(self, entries: Mapping[str, Entry], skipped: list[Skipped]) -> tuple[Path, list[Utterance]]:
        """The usable ones, and the folder that their audio lies in; the others are added to ``skipped``."""

        def skip(id: str, reason: str, detail: str) -> None:
            skipped.append(Skipped(id, reason, _told(entries[id].source, detail)))

        root, files = self.root, {id: one.audio for id, one in entries.items() if isinstance(one.audio, Path)}
        if len(files) < len(entries):  # some are parts of recordings, or lie in videos
            sources = {id: one.audio for id, one in entries.items()}
            root, cut = cut_clips(sources, self.root, n_jobs=self.audio_index.n_jobs, progress=self.progress)
            files = {id: file for id, file in cut.items() if isinstance(file, Path)}
            for id, one in cut.items():
                if isinstance(one, ClipProblem):
                    skip(id, one.reason, one.detail)
        infos = self.audio_index.inspect(files, progress=self.progress)
        usable = {}
        for id, info in infos.items():
            if info.problem:
                skip(id, info.problem, info.detail)
            elif (longest := entries[id].longest) is not None and info.duration > longest:
                found = f"{info.duration:.1f} s, at most {longest:.1f} s were expected"
                skip(id, "audio far too long", found)
            else:
                usable[id] = replace(entries[id], audio=files[id])
        if isinstance(self.words.aligner, FileAligner):
            origins = {files[id]: _origin(entries[id].audio) for id in usable}
            self.words.aligner = self.words.aligner.among({one: Origin(one) for one in self._recordings} | origins)
        utterances = []
        for id, (entry, words) in self.words.find(usable, infos).items():
            if isinstance(words, UnusableAlignmentError):
                skip(id, words.reason, words.detail)
                continue
            utterances.append(
                Utterance(
                    id=id,
                    wav=files[id].relative_to(root).as_posix(),
                    duration=infos[id].duration,
                    text=entry.text or " ".join(word.word for word in words),
                    words=words,
                    language=entry.language,
                    **entry.known,
                )
            )
        return root, utterances


def _origin(audio: Path | Clip) -> Origin:
    """What the file of its times is named like."""
    return Origin(audio.source, audio.start or 0.0, audio.end) if isinstance(audio, Clip) else Origin(audio)


def _told(source: str, detail: str) -> str:
    """A detail with the place that it is about."""
    return ": ".join(filter(None, (source, detail)))


def _aligner(alignment: str | Path | Aligner, sure_of_text: bool) -> Aligner:
    if isinstance(alignment, Aligner):
        return alignment
    if alignment == "pocketsphinx" and sure_of_text:
        return SphinxAligner(worst_score=_ANY_SCORE)
    return find_aligner(str(alignment))
