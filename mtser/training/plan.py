"""How a model is trained: everything in a YAML's ``training`` block."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from mtser.checks import check_number, check_whole_number
from mtser.errors import ConfigError
from mtser.measures_on_dev import NAMES
from mtser.training.averaging import WeightAverage
from mtser.training.penalty import Penalty


@dataclass(frozen=True, kw_only=True)
class TrainingPlan:
    """The choices of training besides the number of epochs and the batch size.

    Parameters
    ----------
    optimizer
        Parameters → optimizer (``!name:torch.optim.Adam``).
    schedule
        Optimizer → learning rate schedule, stepped after every update. It may ask for ``steps_per_epoch``.
    loss
        Logits ``[batch, classes]`` and target shares ``[batch, classes]`` → mean loss. Its ``fit`` sees the labels of
        the training part; ``soft_labels`` says which targets it wants. With ``needs_attributes`` it is called with all
        :class:`~mtser.outputs.Outputs`, the target shares and the attributes' ratings ``[batch, 3]``. It learns nothing
        itself: the optimizer has the model's parameters alone.
    penalty
        Model → what is added to the mean loss; None for nothing.
    clip_norm
        The gradient's norm is clipped at this; 0 for never. (SpeechBrain's ``--max_grad_norm`` overrides it.)
    clip_value
        Every number of the gradient is clipped at this and its negative, before the norm is; 0 for never.
    patience
        Training stops when this many epochs in a row have not raised the measure on dev.
    select_by
        The measure on dev by which the epoch is chosen: "ua"; "likelihood" (the geometric mean of the true classes'
        probabilities: the epoch of least cross-entropy; it is smoother than UA on a dev part of few utterances); or
        "ccc" (the mean concordance correlation of the attributes that the loss learns).
    bucketing
        Batches are cut from this many batches' worth of shuffled utterances sorted by length, so that utterances of one
        batch have similar lengths; 1 for none.
    weight_decay
        Before each update every weight matrix, embeddings included, shrinks by this times the learning rate, whatever
        the optimizer (decoupled: Loshchilov and Hutter, 2019). Unlike ``penalty``, it does not pass through Adam.
    encoder_lr
        Learning rate of pretrained encoders that are trained, in the place of the optimizer's; the schedule goes for
        it, too. ``penalty`` and ``weight_decay`` leave these encoders alone.
    average
        Which weights are judged: None for those that training has reached, else their average.
    """

    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    schedule: Callable[[Optimizer], LRScheduler]
    loss: Callable[..., Tensor]
    penalty: Penalty | None = None
    clip_norm: float = 5.0
    clip_value: float = 0.0
    patience: int = 15
    select_by: str = "ua"
    bucketing: int = 8
    weight_decay: float = 0.0
    encoder_lr: float = 1e-4
    average: WeightAverage | None = None

    def __post_init__(self) -> None:
        for name in ("patience", "bucketing"):
            check_whole_number(name, getattr(self, name))
        for name in ("clip_norm", "clip_value", "weight_decay", "encoder_lr"):
            check_number(name, getattr(self, name))
        if not callable(self.loss):
            raise ConfigError(f"loss is {self.loss!r}; it has to be a module or a function.")
        if isinstance(self.loss, nn.Module) and any(True for _ in self.loss.parameters()):
            raise ConfigError(
                f"loss: {type(self.loss).__name__} has parameters, which no optimizer would train; put what is learned "
                "into the model."
            )
        if self.measure not in NAMES:
            choices = " or ".join(name.removeprefix("dev_") for name in NAMES)
            raise ConfigError(f"select_by is {self.select_by!r}; it can be {choices}.")

    @property
    def measure(self) -> str:
        """The column of the history by which the epoch is chosen, such as "dev_ua"."""
        return f"dev_{self.select_by}"
