"""Whether and how pretrained encoders are trained: the block ``fine_tuning`` of a system."""

from dataclasses import dataclass

from mtser.checks import check_number, check_whole_number
from mtser.encoders.wave_augment import WaveAugment
from mtser.errors import ConfigError

KINDS = ("none", "top", "lora", "all")
_LARGEST_RANK = 256


@dataclass(frozen=True, kw_only=True)
class FineTuning:
    """How much of the pretrained encoders is trained, and how.

    Parameters
    ----------
    tune
        "none": nothing; their vectors are computed once and kept. "top": the last layers. "lora": low-rank additions to
        the linear maps of every layer (Hu et al., "LoRA", ICLR 2022), by the package peft. "all": everything but the
        convolutions over the sound, which are seldom trained (Baevski et al., "wav2vec 2.0", NeurIPS 2020).
    top_layers
        How many layers "top" trains.
    rank, alpha, lora_dropout
        Of "lora": the additions' rank, their weight (times ``alpha / rank``), and the dropout in front of them.
    gradient_checkpointing
        Keep only what goes from layer to layer, and compute each layer a second time for its gradients: less memory,
        more time.
    batch_seconds
        Audio of a batch that goes through the encoder at once, padding included. It does not change what is learned.
    augment
        How sound is changed in training.

    Raises
    ------
    ConfigError
        If a value makes no sense.

    Notes
    -----
    Layers that are trained have their dropout in training, all else is as in evaluation: nothing is masked, no layer is
    left out. How fast encoders learn is ``encoder_lr`` of the training.

    Example
    -------
    >>> FineTuning(tune="lora", rank=4).trains
    True
    >>> FineTuning(tune="some")
    Traceback (most recent call last):
    mtser.errors.ConfigError: tune is 'some'; it can be none, top, lora or all.
    """

    tune: str = "none"
    top_layers: int = 2
    rank: int = 8
    alpha: int = 16
    lora_dropout: float = 0.0
    gradient_checkpointing: bool = False
    batch_seconds: float = 240.0
    augment: WaveAugment | None = None

    def __post_init__(self) -> None:
        if self.tune not in KINDS:
            raise ConfigError(f"tune is {self.tune!r}; it can be none, top, lora or all.")
        check_whole_number("top_layers of the fine-tuning", self.top_layers)
        check_whole_number("rank of the fine-tuning", self.rank)
        if self.rank > _LARGEST_RANK:
            raise ConfigError(f"rank of the fine-tuning is {self.rank}; it can be {_LARGEST_RANK} at most.")
        check_whole_number("alpha of the fine-tuning", self.alpha)
        check_number("lora_dropout of the fine-tuning", self.lora_dropout, most=1.0)
        check_number("batch_seconds of the fine-tuning", self.batch_seconds)
        if self.augment is not None and not self.trains:
            raise ConfigError(
                "fine_tuning.augment changes sound in every epoch, but frozen encoders hear it once, before training: "
                "give --tune top, lora or all beside it, or set fine_tuning.augment to null."
            )

    @property
    def trains(self) -> bool:
        """Whether anything is trained."""
        return self.tune != "none"
