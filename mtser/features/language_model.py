"""A language model of Hugging Face and its tokenizer: words → tokens → states."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mtser.errors import FeatureError
from mtser.features.layer_choice import LayerChoice
from mtser.features.transformer import load_tokenizer, load_transformer
from mtser.features.windows import windows_of

_LARGEST = 1 << 20  # a tokenizer without a limit tells a number beyond this
_USUAL = 512  # tokens, where neither model nor tokenizer tells a limit


@dataclass(frozen=True)
class LanguageModel:
    """A model and its tokenizer.

    Parameters
    ----------
    network, tokenizer
        Of the transformers package.
    before, after
        The tokens that frame a text ("[CLS]", "[SEP]").
    longest
        Tokens of a text that the model can read at once.
    width
        Of a state.
    """

    network: Any
    tokenizer: Any
    before: list[int]
    after: list[int]
    longest: int
    width: int

    @classmethod
    def load(cls, folder: Path, device: str | None, pickled: bool, width: int) -> "LanguageModel":
        """Load the model that lies in a folder.

        Parameters
        ----------
        folder
            In the layout of the Hugging Face hub.
        device
            Where the model shall be; None for a GPU if there is one.
        pickled
            Whether weights may come from a pickled checkpoint.
        width
            Of a state.

        Raises
        ------
        FeatureError
            If transformers is not installed, or cannot make a model of these files.
        """
        network = load_transformer(folder, pickled)
        tokenizer = load_tokenizer(folder)
        if not tokenizer.is_fast:
            raise FeatureError(
                f"{folder}: its tokenizer does not tell which word a token is from; choose another model."
            )
        if network.config.is_encoder_decoder:
            network = network.get_encoder()
        before, after = _frame(tokenizer, folder)
        longest = _longest(tokenizer, network.config) - len(before) - len(after)
        network = network.to(device or ("cuda" if torch.cuda.is_available() else "cpu"))
        return cls(network, tokenizer, before, after, longest, width)

    def tokenize(self, words: Sequence[str]) -> tuple[list[int], np.ndarray]:
        """The tokens of a text, and the word of each."""
        encoded = self.tokenizer(
            " ".join(words), add_special_tokens=False, truncation=False, return_offsets_mapping=True, verbose=False
        )
        ends = np.cumsum([len(word) + 1 for word in words]) - 1
        last = np.array([end - 1 for _, end in encoded["offset_mapping"]], dtype=np.int64)
        owners = np.searchsorted(ends, last, side="right")  # of a blank, the word behind it
        return encoded["input_ids"], np.minimum(owners, len(words) - 1)

    def states(self, texts: list[list[int]], choice: LayerChoice, at_once: int) -> list[Tensor]:
        """The chosen layers' states of every token.

        Parameters
        ----------
        texts
            The tokens of each; what is longer than the model takes is read in windows.
        choice
            Which layers.
        at_once
            Windows that are computed together.

        Returns
        -------
        list of Tensor
            For each text float32 ``[tokens, dim]``, where the network is.
        """
        windows = [
            (text, *window) for text, tokens in enumerate(texts) for window in windows_of(len(tokens), self.longest)
        ]
        parts: list[list[Tensor]] = [[] for _ in texts]
        for start in range(0, len(windows), at_once):
            some = windows[start : start + at_once]
            read = self._read([texts[text][begin:end] for text, begin, end, _, _ in some], choice)
            for (text, begin, _, first, last), state in zip(some, read, strict=True):
                parts[text].append(state[first - begin : last - begin])
        none = torch.empty(0, choice.n_kept * self.width, device=self.network.device)
        return [torch.cat(some) if some else none for some in parts]

    def _read(self, windows: list[list[int]], choice: LayerChoice) -> list[Tensor]:
        framed = [torch.tensor([*self.before, *window, *self.after]) for window in windows]
        padding = self.tokenizer.pad_token_id or 0
        tokens = torch.nn.utils.rnn.pad_sequence(framed, batch_first=True, padding_value=padding)
        lengths = torch.tensor([len(one) for one in framed])
        mask = torch.arange(tokens.shape[1]) < lengths.unsqueeze(1)
        device = self.network.device
        told = self.network(
            input_ids=tokens.to(device), attention_mask=mask.long().to(device), output_hidden_states=True
        ).hidden_states
        kept = choice.kept(list(told)).flatten(2).float()
        start = len(self.before)
        return [row[start : start + len(window)] for row, window in zip(kept, windows, strict=True)]


def mean_of_words(states: Tensor, owner: Tensor, n_words: int) -> Tensor:
    """``[tokens, dim]`` and the word of each token → ``[words, dim]``; zeros for a word without a token."""
    sums = states.new_zeros(n_words, states.shape[1]).index_add(0, owner, states)
    counts = torch.bincount(owner, minlength=n_words).clamp(min=1)
    return sums / counts.unsqueeze(1)


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
