"""A pretrained language model that is trained with the model."""

import numpy as np
import torch
from torch import nn

from mtser.encoders.batch import Batch
from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.tuned import TunedEncoder, apart
from mtser.errors import ConfigError
from mtser.features.contextual_words import ContextualWords
from mtser.features.huggingface_words import HuggingFaceWords
from mtser.features.language_model import LanguageModel, mean_of_words
from mtser.features.live_inputs import WordTokens
from mtser.ragged import Ragged

_UNTRAINED = ("pooler.",)


class TunedWords(TunedEncoder):
    """Tokens → one vector a word, by the same rules as from the store.

    Parameters
    ----------
    words
        In whose place it is.
    extractor
        Of these vectors: which model, and which layers.
    how
        What is trained.

    Raises
    ------
    ConfigError
        If the model's layers cannot be told apart.
    """

    def __init__(self, words: ContextualWords, extractor: HuggingFaceWords, how: FineTuning) -> None:
        language, choice = apart(extractor.to_be_trained)
        layers = _layers_of(language, extractor)
        super().__init__(language.network, layers, max(choice.numbers), _UNTRAINED, how)
        self._language, self._choice = language, choice
        self._at_once = extractor.batch_size
        self.tokens = WordTokens(words, extractor, language)
        self.inputs = (self.tokens,)

    def forward(self, batch: Batch) -> Ragged:
        """The rows of a batch: one a word."""
        tokens = batch[self.tokens]
        texts = [rows[:, 0].tolist() for rows in tokens.values.cpu().split(tokens.lengths.tolist())]
        states = torch.cat(self._language.states(texts, self._choice, self._at_once))
        owner = tokens.values[:, 1]
        n_words = torch.from_numpy(np.repeat(batch.n_words, tokens.lengths)).to(owner.device)
        first = torch.from_numpy(np.repeat(np.cumsum(batch.n_words) - batch.n_words, tokens.lengths)).to(owner.device)
        own = (owner >= 0) & (owner < n_words)  # neither of a turn before it nor of a word that is cut
        vectors = mean_of_words(states[own], (first + owner)[own], int(batch.n_words.sum()))
        return Ragged(vectors, np.ones(len(vectors), np.int64))


def _layers_of(language: LanguageModel, extractor: HuggingFaceWords) -> nn.ModuleList:
    for module in language.network.modules():
        if isinstance(module, nn.ModuleList) and len(module) == extractor.n_model_layers:
            return module
    raise ConfigError(
        f"{extractor.model}: the layers of a model of the family {language.network.config.model_type} are not told "
        "apart, so that it cannot be trained here; choose another model, or tune: none."
    )
