"""What can compute."""

import os
import platform
from pathlib import Path

import torch

from mtser.cores import n_cores
from mtser.errors import ConfigError


def usable_device(name: torch.device | str) -> torch.device:
    """The device, if it is one and it is there.

    On processors PyTorch starts a thread for each core of the machine; here no more than may run at once (see
    :func:`mtser.cores.n_cores`), unless ``OMP_NUM_THREADS`` says how many.

    Raises
    ------
    ConfigError
        If it cannot be used.

    Example
    -------
    >>> usable_device("cpu")
    device(type='cpu')
    """
    try:
        device = torch.device(name)
        torch.zeros(1, device=device).tolist()  # "meta" has shapes alone
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise ConfigError(f"--device {name} cannot be used: {reason}.") from error
    if device.type == "cpu" and "OMP_NUM_THREADS" not in os.environ and torch.get_num_threads() > n_cores():
        torch.set_num_threads(n_cores())
    return device


def processor_name(device: torch.device | str) -> str:
    """The model of a GPU or, for "cpu", of this machine's processor; empty where the platform does not tell.

    Example
    -------
    >>> processor_name("meta")
    'meta'
    """
    device = torch.device(device)
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type != "cpu":
        return device.type
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:  # not on Linux
        return platform.processor()
    told = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in told if name.strip() == "model name"), platform.processor())
