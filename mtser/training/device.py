"""Where training runs: the device, and under ``torchrun`` the other processes."""

from typing import Any

from speechbrain.utils.distributed import ddp_init_group, infer_device
from speechbrain.utils.run_opts import RunOptions

from mtser.devices import usable_device
from mtser.errors import ConfigError


def join_processes(run_opts: dict[str, Any]) -> None:
    """Let the processes of ``torchrun`` find each other; nothing without it.

    Raises
    ------
    ConfigError
        If they cannot.
    """
    try:
        ddp_init_group(RunOptions.from_dictionary(run_opts))
    except (ValueError, RuntimeError) as error:
        raise ConfigError(
            f"the processes of torchrun cannot work together: {' '.join(str(error).split()).rstrip('.')}. Start one "
            "process for each GPU, or give --device cpu --distributed_backend gloo."
        ) from error


def training_device(run_opts: dict[str, Any]) -> str:
    """The device of ``--device``, or SpeechBrain's choice.

    Raises
    ------
    ConfigError
        If it cannot be used, or not with the precision that is asked for.
    """
    device = run_opts.get("device") or infer_device()
    precisions = [run_opts.get(name) for name in ("precision", "eval_precision")]
    if usable_device(device).type == "cpu" and "fp16" in precisions:
        raise ConfigError("fp16 needs a GPU; --precision bf16 and --eval_precision bf16 work on the CPU, too.")
    return device
