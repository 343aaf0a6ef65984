"""Which weights of a pretrained network are trained."""

from typing import Any

from torch import nn

from mtser.encoders.fine_tuning import FineTuning
from mtser.errors import ConfigError, FeatureError

# transformers hands these maps' weights to PyTorch's attention, past the modules: additions to them would do nothing.
_PASSED_BY = {"wavlm": ("q_proj", "k_proj", "v_proj", "out_proj")}


def unfreeze(network: Any, layers: nn.ModuleList, n_used: int, untrained: tuple[str, ...], how: FineTuning) -> None:
    """Let gradients reach those weights that shall be trained, and no others.

    Parameters
    ----------
    network
        Of the transformers package. With "lora", linear maps in it are replaced by those with additions.
    layers
        Of its transformer.
    n_used
        How many of these count, from the first one on; what is behind them is not trained.
    untrained
        How the names of weights begin that are never trained.
    how
        What is trained.

    Raises
    ------
    ConfigError
        If there are fewer layers than shall be trained.
    FeatureError
        If peft is not installed.
    """
    network.requires_grad_(False)
    if not n_used:
        raise ConfigError(
            f"tune is {how.tune}, but of the pretrained encoder only what enters its first layer is used (layers); "
            "choose higher layers, or tune: none."
        )
    used = layers[:n_used]
    if how.tune == "top":
        if how.top_layers > n_used:
            raise ConfigError(
                f"fine_tuning.top_layers is {how.top_layers}, but of the pretrained encoder {n_used} layers are used."
            )
        for layer in used[n_used - how.top_layers :]:
            layer.requires_grad_(True)
    elif how.tune == "lora":
        _add_low_rank(network, used, how)
    else:
        for name, weight in network.named_parameters():
            weight.requires_grad_(not name.startswith(untrained))
        layers[n_used:].requires_grad_(False)


def _add_low_rank(network: Any, layers: nn.ModuleList, how: FineTuning) -> None:
    try:
        from peft import LoraConfig, inject_adapter_in_model
    except ImportError as error:
        raise FeatureError(
            "peft, which tune: lora needs, is not installed: `pip install 'mtser[pretrained]'`."
        ) from error
    passed_by = _PASSED_BY.get(network.config.model_type, ())
    inside = {id(module) for layer in layers for module in layer.modules() if isinstance(module, nn.Linear)}
    names = [
        name
        for name, module in network.named_modules()
        if id(module) in inside and name.rpartition(".")[2] not in passed_by
    ]
    config = LoraConfig(r=how.rank, lora_alpha=how.alpha, lora_dropout=how.lora_dropout, target_modules=names)
    inject_adapter_in_model(config, network)
