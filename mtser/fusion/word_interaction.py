"""Two recurrent nets along the words that tell each other what they heard: the interaction of WISE."""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn

from mtser.errors import ConfigError, ModelError
from mtser.sequence import Sequence, Sequences


class WordInteraction(nn.Module):
    """An LSTM a modality along the words, in step; after every word their hidden states pass an interaction unit.

    With m the modality and o the other one, for word i::

        h_m, c_m = LSTM_m(x_m,i; h*_m,i-1, c_m,i-1)
        g_m      = sigmoid(W_m [h_m; h_o] + b_m)           how much of the own state gives way
        n_m      = tanh(U_m [h_m; h_o] + d_m)              what both have to say
        h*_m,i   = (1 - g_m) h_m + g_m n_m                  the word's vector, and the LSTM's state at the next word

    Parameters
    ----------
    modalities
        The two: name → width of its word vectors.
    size
        Of the hidden states.

    Notes
    -----
    Source: Shen et al., "WISE: Word-Level Interaction-Based Multimodal Fusion for Speech Emotion Recognition",
    Interspeech 2020. Its abstract says "interaction units between two long short-term memory networks representing
    audio and text"; the equations are our reading.

    Utterances run longest first, so that at word i only those that still have one are computed, both modalities at
    once.

    Example
    -------
    >>> words = lambda size: Sequence(torch.randn(2, 7, size), torch.tensor([7, 4]), "word")
    >>> fused = WordInteraction({"audio": 50, "text": 100}, size=100)({"audio": words(50), "text": words(100)})
    >>> {name: tuple(sequence.features.shape) for name, sequence in fused.items()}
    {'audio': (2, 7, 100), 'text': (2, 7, 100)}
    """

    def __init__(self, modalities: Mapping[str, int], *, size: int = 100) -> None:
        super().__init__()
        if len(modalities) != 2:
            raise ConfigError(f"word interaction relates two modalities, but got {list(modalities)}.")
        self.size = size
        self.input_sizes = dict(modalities)
        self.output_sizes = dict.fromkeys(modalities, size)
        self.input = nn.ModuleDict({name: nn.Linear(width, 4 * size) for name, width in modalities.items()})
        self.recurrent = nn.ModuleDict({name: nn.Linear(size, 4 * size, bias=False) for name in modalities})
        self.exchange = nn.ModuleDict({name: nn.Linear(2 * size, 2 * size) for name in modalities})  # [W; U], [b; d]
        for name in modalities:  # at first the nets remember, and listen more to themselves than to each other
            nn.init.constant_(self.input[name].bias[size : 2 * size], 1.0)  # type: ignore[index,arg-type]
            nn.init.constant_(self.exchange[name].bias[:size], -1.0)  # type: ignore[index,arg-type]

    def forward(self, sequences: Sequences) -> Sequences:
        """``{name: [batch, words, width]}`` → ``{name: [batch, words, size]}``."""
        present = self._checked(sequences)
        first = present[0]
        n_grid, width = first.features.shape[:2]
        lengths = first.lengths.cpu().numpy()
        longest_first = np.argsort(-lengths, kind="stable")
        running = np.searchsorted(-lengths[longest_first], -np.arange(width), side="left")
        places = np.concatenate([longest_first[:n] * width + word for word, n in enumerate(running)])
        at = torch.from_numpy(places).to(first.features.device, non_blocking=True)
        # In running order: all first words, then all second words, ...
        inputs = [
            self.input[name](one.features.flatten(0, 1)[at])
            for name, one in zip(self.input_sizes, present, strict=True)
        ]
        states = self._run(torch.stack(inputs), [n for n in running.tolist() if n])
        fused = {}
        for name, one, words in zip(self.input_sizes, present, states, strict=True):
            grid = words.new_zeros(n_grid * width, self.size).index_copy(0, at, words)
            fused[name] = one.with_features(grid.view(n_grid, width, self.size))
        return fused

    def _run(self, inputs: Tensor, running: list[int]) -> Tensor:
        """``[2, words, 4 size]`` in running order → the words' vectors ``[2, words, size]``."""
        recurrent = torch.stack([one.weight.t() for one in self.recurrent.values()])  # type: ignore[union-attr,operator]
        exchange = torch.stack([one.weight.t() for one in self.exchange.values()])  # type: ignore[union-attr,operator]
        bias = torch.stack([one.bias for one in self.exchange.values()]).unsqueeze(1)  # type: ignore[misc]
        hidden = cell = inputs.new_zeros(2, running[0], self.size)
        states = []
        for now in inputs.split(running, dim=1):
            n = now.shape[1]
            gates = now + hidden[:, :n] @ recurrent
            enter, forget, leave = gates[..., : 3 * self.size].sigmoid().chunk(3, dim=-1)
            cell = forget * cell[:, :n] + enter * gates[..., 3 * self.size :].tanh()
            own = leave * cell.tanh()
            gate, new = (torch.cat([own, own.flip(0)], dim=-1) @ exchange + bias).chunk(2, dim=-1)
            hidden = own + gate.sigmoid() * (new.tanh() - own)
            states.append(hidden)
        return torch.cat(states, dim=1)

    def _checked(self, sequences: Sequences) -> list[Sequence]:
        """The two sequences, if they are in step."""
        if missing := [name for name in self.input_sizes if name not in sequences]:
            raise ModelError(f"word interaction needs the modality {missing[0]!r}, but got {list(sequences)}.")
        one, other = present = [sequences[name] for name in self.input_sizes]
        if one.unit != other.unit or not torch.equal(one.lengths, other.lengths):
            names = " and ".join(self.input_sizes)
            raise ModelError(
                f"word interaction runs along {names} in step, but they have {int(one.lengths.sum())} {one.unit}s and "
                f"{int(other.lengths.sum())} {other.unit}s; both need one vector a word."
            )
        return present
