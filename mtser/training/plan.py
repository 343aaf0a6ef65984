"""How a model is trained: everything in a YAML's ``training`` block."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from mtser.checks import check_number, check_whole_number
from mtser.training.penalty import Penalty


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """The choices of training besides the number of epochs and the batch size.

    Parameters
    ----------
    optimizer
        Parameters → optimizer (``!name:torch.optim.Adam``).
    schedule
        Optimizer → learning rate schedule, stepped after every update.
    loss
        Logits ``[batch, classes]`` and target shares ``[batch, classes]`` → mean loss. Its ``fit`` sees the labels of
        the training part; ``soft_labels`` says which targets it wants.
    penalty
        Model → what is added to the mean loss.
    clip_norm
        The gradient's norm is clipped at this; 0 for never. (SpeechBrain's ``--max_grad_norm`` overrides it.)
    patience
        Training stops when this many epochs in a row have not raised the UA on dev.
    bucketing
        Batches are cut from this many batches' worth of shuffled utterances sorted by length, so that utterances of one
        batch have similar lengths; 1 for none.
    """

    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    schedule: Callable[[Optimizer], LRScheduler]
    loss: nn.Module
    penalty: Penalty
    clip_norm: float = 5.0
    patience: int = 15
    bucketing: int = 8

    def __post_init__(self) -> None:
        for name in ("patience", "bucketing"):
            check_whole_number(name, getattr(self, name))
        check_number("clip_norm", self.clip_norm)
