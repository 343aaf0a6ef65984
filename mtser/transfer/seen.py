"""What a run has learned from: found again in another corpus, whatever that calls it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mtser.audio import AudioInfo
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.manifest import read_manifest
from mtser.corpora.utterance import Utterance
from mtser.errors import EvaluationError
from mtser.inference.members import TrainedRun
from mtser.training.folds import Folds
from mtser.training.run_folder import AUDIO_FILE


@dataclass(frozen=True)
class TrainingPart:
    """The utterances that some folds of a run were trained or chosen on.

    Parameters
    ----------
    utterances
        Those of train and dev of the folds.
    hashes
        SHA-256 of their audio files; empty for a run that did not keep them.
    """

    utterances: tuple[Utterance, ...]
    hashes: frozenset[str]

    @classmethod
    def of(cls, run: Path, folds: Iterable[str]) -> "TrainingPart":
        """Read a run folder.

        Parameters
        ----------
        run
            The run folder.
        folds
            The names of the folds whose models are asked.

        Raises
        ------
        EvaluationError, CorpusError, ProtocolError
            If a file of the run is missing or damaged.
        """
        names = set(folds)
        divided = Folds.from_dict(_json(run / "folds.json"))
        ids = {id for fold in divided.folds if fold.name in names for id in (*fold.train, *fold.dev)}
        audio: Mapping[str, str] = _json(run / AUDIO_FILE) if (run / AUDIO_FILE).is_file() else {}
        utterances = tuple(one for one in read_manifest(run / "manifest.json") if one.id in ids)
        return cls(utterances, frozenset(audio[id] for id in ids if id in audio))

    def among(self, corpus: Corpus, infos: Mapping[str, AudioInfo]) -> list[str]:
        """The ids of those utterances of a corpus whose audio the run has learned from.

        Audio files are compared byte by byte (by their hashes). Of a run that kept no hashes, utterances are compared
        by the name of the file, its duration and the text.
        """
        if self.hashes:
            return [one.id for one in corpus.utterances if infos[one.id].sha256 in self.hashes]
        known = {_looks(one) for one in self.utterances}
        return [one.id for one in corpus.utterances if _looks(one) in known]


def without_seen(
    corpus: Corpus, infos: Mapping[str, AudioInfo], learned: TrainingPart, run: TrainedRun, fold: str | None
) -> Corpus:
    """The corpus without what the run has learned from; refused if that is most of it.

    Parameters
    ----------
    infos
        Utterance id → what is known of its audio file.
    learned
        What the models were trained and chosen on.
    run
        The models.
    fold
        The one that is asked for: what is left of the corpus that it was trained on is the fold's own test part, so
        that much may be left out. None for all.

    Raises
    ------
    EvaluationError
        If most of the corpus was trained on, or all of it.
    """
    seen = learned.among(corpus, infos)
    n, name = len(corpus.utterances), corpus.name
    if fold is None and 2 * len(seen) > n:
        raise EvaluationError(
            f"{corpus.place}: {len(seen)} of its {n} utterances are what {run.folder} was trained on, so it says "
            f"nothing about new speech. How good the run is on the parts that it held out, {run.folder / 'report.md'} "
            f"says; the test part of one fold is judged again with --fold ({', '.join(run.models)})."
        )
    if len(seen) == n:
        raise EvaluationError(f"{corpus.place}: the run was trained on all of its {n} utterances.")
    if not seen:
        return corpus
    were = "utterance was" if len(seen) == 1 else "utterances were"
    warning = (
        f"{len(seen)} {were} left out, since the run was trained on them. (Copies that were converted, cut or "
        "resampled cannot be recognised.)"
    )
    left_out = [
        Skipped(id, "trained on", f"{name}: the audio file is in the run's training or dev part") for id in seen
    ]
    return replace(corpus, warnings=(*corpus.warnings, warning)).without(left_out)


def _looks(one: Utterance) -> tuple[str, float, str]:
    return one.wav, one.duration, one.text


def _json(file: Path) -> dict:
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise EvaluationError(f"{file}: cannot be read ({error.strerror}); the run is damaged.") from error
    except ValueError as error:
        raise EvaluationError(f"{file}: is damaged ({error}); the run cannot be evaluated.") from error
    if not isinstance(value, dict):
        raise EvaluationError(f"{file}: is damaged; the run cannot be evaluated.")
    return value
