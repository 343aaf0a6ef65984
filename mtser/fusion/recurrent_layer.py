"""A recurrent layer over what another fusion block made."""

from torch import nn

from mtser.encoders.recurrent import Recurrent
from mtser.errors import ModelError
from mtser.ragged import Ragged
from mtser.sequence import Sequences


class RecurrentLayer(nn.Module):
    """One modality's items through a recurrent layer; the other modalities pass by.

    Parameters
    ----------
    modality
        Its name.
    net
        The layer.

    Example
    -------
    >>> import torch
    >>> from mtser.sequence import Sequence
    >>> words = Sequence(torch.randn(2, 7, 400), torch.tensor([7, 4]), "word")
    >>> layer = RecurrentLayer("aligned", Recurrent(400, 100, cell="lstm", bidirectional=True))
    >>> layer({"aligned": words})["aligned"].features.shape
    torch.Size([2, 7, 200])
    """

    def __init__(self, modality: str, net: Recurrent) -> None:
        super().__init__()
        self.modality = modality
        self.net = net
        self.input_sizes = {modality: net.input_size}
        self.output_sizes = {modality: net.output_size}

    def forward(self, sequences: Sequences) -> Sequences:
        """``{modality: [batch, items, input_size]}`` → ``{modality: [batch, items, output_size]}``."""
        if self.modality not in sequences:
            raise ModelError(f"the recurrent layer is over {self.modality!r}, but got {', '.join(sequences)}.")
        sequence = sequences[self.modality]
        rows = Ragged(sequence.features[sequence.mask], sequence.lengths.cpu().numpy())
        return {**sequences, self.modality: self.net(rows, sequence.unit)}
