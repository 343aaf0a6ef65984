"""Forced alignment with any acoustic model that was trained by CTC: other languages, and GPUs."""

import threading
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch

from mtser.alignment.aligner import Aligner
from mtser.alignment.ctc_models import CtcModel, load_ctc_model
from mtser.alignment.spoken import readings
from mtser.alignment.word import Word
from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import SAMPLE_RATE

_PORTION, _CONTEXT = 30.0, 2.0  # seconds that the model hears at once, and what of it on each side only leads in
_MOST_CELLS = 2**31  # frames times characters: bytes of the search


class CtcAligner(Aligner):
    """Characters on the frames of a CTC model (Graves et al. 2006): the best path through those of the text.

    A word begins at the first frame of its first character and ends behind the last of its last one. Phones have no
    times. Characters that the model does not know lose their accents, else they are left out.

    Parameters
    ----------
    model
        See :func:`~mtser.alignment.ctc_models.load_ctc_model`. Its language has to be that of the text, which is not
        checked: it is the one of the files that are given.
    device, revision
        Likewise.
    worst_score
        The lowest score of a text that counts as said: the log-probability of the path through the text against that of
        the likeliest path, mean over frames. A word that is not there costs many frames what they say.

    Example
    -------
    >>> CtcAligner("facebook/wav2vec2-base-960h").name
    'ctc facebook/wav2vec2-base-960h'
    """

    def __init__(
        self, model: str, device: str | None = None, revision: str | None = None, worst_score: float = -2.0
    ) -> None:
        self.model = model
        self.device = device
        self.revision = revision
        self.worst_score = worst_score
        self._lock = threading.Lock()

    @property
    def name(self) -> str:  # type: ignore[override]
        """With the model."""
        return f"ctc {self.model}"

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        """Find the words.

        Raises
        ------
        UnusableAlignmentError
            "no pronunciation" (no character of a word is in the model's vocabulary), "audio too short for its words",
            "audio too long to align" or "text does not match the audio".
        MtserError
            If the model cannot be loaded.
        """
        loaded = self._loaded
        spelled = [_spelled(word, ways[0], loaded) for word, ways in zip(words, readings(words, language), strict=True)]
        with self._lock:  # one file after the other has all of the machine
            emitted = self._emit(loaded, samples)
        characters, owners = _sequence(spelled, loaded)
        n_frames, n_needed = len(emitted), len(characters) + sum(a == b for a, b in zip(characters, characters[1:]))  # noqa: B905
        if n_frames < n_needed:
            found = f"{len(samples) / SAMPLE_RATE:.2f} s, {n_frames} frames for {n_needed} characters"
            raise UnusableAlignmentError("audio too short for its words", found)
        if n_frames * (2 * len(characters) + 1) > _MOST_CELLS:
            raise UnusableAlignmentError(
                "audio too long to align", f"{len(samples) / SAMPLE_RATE:.0f} s; cut it at pauses"
            )
        path, score = _best_path(emitted, characters, loaded.blank)
        if score < self.worst_score:
            raise UnusableAlignmentError(
                "text does not match the audio", f"score {score:.2f}, below {self.worst_score:g}"
            )
        return _words(words, owners, path, loaded.hop / SAMPLE_RATE, len(samples) / SAMPLE_RATE)

    def settings(self) -> dict[str, Any]:
        """Hashes of the model, and the threshold."""
        return {"class": "CtcAligner", "version": 1, "worst_score": self.worst_score, **self._loaded.settings}

    def __getstate__(self) -> dict[str, Any]:
        """Without the network: another process loads it again."""
        return {name: value for name, value in self.__dict__.items() if name not in ("_loaded", "_lock")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = threading.Lock()

    @cached_property
    def _loaded(self) -> CtcModel:
        return load_ctc_model(self.model, self.device, self.revision)

    @staticmethod
    def _emit(model: CtcModel, samples: np.ndarray) -> torch.Tensor:
        """Log-probabilities ``[frames, characters]``; long audio in portions that overlap, to bound the memory."""
        sound = torch.from_numpy(np.ascontiguousarray(samples, dtype=np.float32)).to(model.device)
        if model.normalises:
            sound = (sound - sound.mean()) / torch.sqrt(sound.var(unbiased=False) + 1e-7)
        portion = int(_PORTION * SAMPLE_RATE) // model.hop * model.hop
        context = int(_CONTEXT * SAMPLE_RATE) // model.hop * model.hop
        if len(sound) < 2 * model.hop:
            return torch.zeros(0, len(model.vocabulary))
        found = []
        with torch.inference_mode():
            for start in range(0, len(sound), portion):
                before = min(start, context)
                is_last = start + portion + context >= len(sound)
                emitted = model.emit(sound[start - before : None if is_last else start + portion + context])
                emitted = emitted[before // model.hop :]
                found.append((emitted if is_last else emitted[: portion // model.hop]).float().cpu())
                if is_last:
                    break
        return torch.cat(found)


def _spelled(word: str, reading: Sequence[str], model: CtcModel) -> list[list[int]]:
    """The columns of the characters of each spoken word."""
    found = [columns for token in reading if (columns := _columns(token, model.vocabulary, model.blank))]
    if not found:
        raise UnusableAlignmentError("no pronunciation", f"{word!r}, none of whose characters the model knows")
    return found


def _columns(token: str, vocabulary: Mapping[str, int], blank: int) -> list[int]:
    columns = []
    for character in unicodedata.normalize("NFC", token):
        plain = unicodedata.normalize("NFD", character)[0]
        for form in (character, character.upper(), plain, plain.upper()):
            if form in vocabulary and vocabulary[form] != blank:
                columns.append(vocabulary[form])
                break
    return columns


def _sequence(spelled: Sequence[list[list[int]]], model: CtcModel) -> tuple[list[int], list[int]]:
    """All columns with what stands between words, and the word that each belongs to (-1: none)."""
    columns: list[int] = []
    owners: list[int] = []
    for number, tokens in enumerate(spelled):
        for token in tokens:
            if columns and model.between_words is not None:
                columns.append(model.vocabulary[model.between_words])
                owners.append(-1)
            columns += token
            owners += [number] * len(token)
    return columns, owners


def _best_path(emitted: torch.Tensor, characters: Sequence[int], blank: int) -> tuple[np.ndarray, float]:
    """For each frame the number of its character in the text, -1 for blank; and the path's score."""
    from torchaudio.functional import forced_align

    path, scores = forced_align(emitted[None], torch.tensor([characters], dtype=torch.int32), blank=blank)
    columns = path[0].numpy()
    is_new = (columns != blank) & (columns != np.concatenate([[blank], columns[:-1]]))
    numbers = np.where(columns == blank, -1, np.cumsum(is_new) - 1)
    return numbers, float((scores[0] - emitted.max(-1).values).mean())


def _words(
    words: Sequence[str], owners: Sequence[int], path: np.ndarray, frame: float, duration: float
) -> tuple[Word, ...]:
    owner = np.append(np.asarray(owners), -1)[path]  # the last one for blanks
    aligned = []
    for number, word in enumerate(words):
        frames = np.flatnonzero(owner == number)
        aligned.append(Word(word, float(frames[0] * frame), float(min((frames[-1] + 1) * frame, duration))))
    return tuple(aligned)
