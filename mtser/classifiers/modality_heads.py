"""A small classifier of each modality alone, for losses beside that of the whole model."""

from collections.abc import Mapping

from torch import Tensor, nn

from mtser.sequence import Sequences


class ModalityHeads(nn.Module):
    """One linear map of the mean over a modality's items → the classes.

    In training each modality has to tell the classes by itself, too, so that the encoder of none is left untrained
    while another explains the training part. Nothing of them is used where the model is judged.

    Parameters
    ----------
    sizes
        Modality → width of its vectors.
    n_classes
        How many classes.

    Example
    -------
    >>> import torch
    >>> from mtser.sequence import Sequence
    >>> words = Sequence(torch.randn(2, 7, 50), torch.tensor([7, 4]), "word")
    >>> ModalityHeads({"text": 50}, 4)({"text": words})["text"].shape
    torch.Size([2, 4])
    """

    def __init__(self, sizes: Mapping[str, int], n_classes: int) -> None:
        super().__init__()
        self.linear = nn.ModuleDict({name: nn.Linear(size, n_classes) for name, size in sizes.items()})

    def forward(self, sequences: Sequences) -> dict[str, Tensor]:
        """``{name: [batch, items, size]}`` → ``{name: logits [batch, classes]}``; padding counts for nothing."""
        found = {}
        for name, linear in self.linear.items():
            sequence = sequences[name]
            found[name] = linear(sequence.masked().features.sum(1) / sequence.lengths.unsqueeze(1))
        return found
