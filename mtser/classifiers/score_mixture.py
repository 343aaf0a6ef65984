"""Scores of the classes by each modality → logits of the utterance."""

import torch
from torch import Tensor, nn

from mtser.checks import check_whole_number
from mtser.errors import ConfigError
from mtser.sequence import Sequences


class ScoreMixture(nn.Module):
    """One or two modalities' scores, each ``[batch, 1, n_classes]``, as one.

    Parameters
    ----------
    n_classes
        How many.
    fusion
        "late": log of the mean of the modalities' probabilities, the first one's with the weight ``share``; "early":
        the sum of their scores, as of one classifier over both.

    Example
    -------
    >>> from mtser.encoders import Batch
    >>> sound, words = torch.tensor([[0.0, 0.0]]), torch.tensor([[4.0, 0.0]])
    >>> mixture = ScoreMixture(n_classes=2)
    >>> _ = mixture.share.fill_(0.25)
    >>> mixture({"audio": Batch.vectors(sound.double()), "text": Batch.vectors(words.double())}).exp()
    tensor([[0.8615, 0.1385]], dtype=torch.float64)
    """

    share: Tensor

    def __init__(self, n_classes: int, fusion: str = "late") -> None:
        super().__init__()
        check_whole_number("n_classes", n_classes)
        if fusion not in ("late", "early"):
            raise ConfigError(f"fusion is {fusion!r}; it can be late or early.")
        self.output_size = n_classes
        self.fusion = fusion
        self.register_buffer("share", torch.ones((), dtype=torch.float64))

    def forward(self, sequences: Sequences) -> Tensor:
        """Scores → logits ``[batch, n_classes]``."""
        scores = [one.features[:, 0] for one in sequences.values()]
        if len(scores) == 1:
            return scores[0]
        first, second = scores
        if self.fusion == "early":
            return first + second
        return (self.share * first.softmax(1) + (1 - self.share) * second.softmax(1)).log()
