"""What can compute."""

import os
import platform
import subprocess
from pathlib import Path

import torch

from mtser.cores import n_cores
from mtser.errors import ConfigError

_ARCHITECTURES = ("arm", "arm64", "aarch64", "i386", "i686", "x86_64", "AMD64")  # which say nothing of the model


def usable_device(name: torch.device | str) -> torch.device:
    """The device, if it is one and it is there.

    On processors PyTorch starts a thread for each core of the machine; here no more than may run at once (see
    :func:`mtser.cores.n_cores`), unless ``OMP_NUM_THREADS`` says how many. On GPUs ``SB_DISABLE_QUIRKS=allow_tf32``
    keeps SpeechBrain from allowing products of 10 bits of precision (TF32), but recurrent nets and convolutions have
    them by PyTorch's own default: here it holds for those, too.

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
    if "allow_tf32" in os.environ.get("SB_DISABLE_QUIRKS", "").split(","):
        torch.backends.cudnn.allow_tf32 = False
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
    name = _told_by_linux() or _told_by_macos() or platform.processor()
    return "" if name in _ARCHITECTURES else name


def _told_by_linux() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    told = (line.partition(":") for line in lines)
    return next((value.strip() for name, _, value in told if name.strip() == "model name"), "")


def _told_by_macos() -> str:
    if platform.system() != "Darwin":
        return ""
    try:
        ended = subprocess.run(["sysctl", "-n", "machdep.cpu.brand_string"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return ended.stdout.strip()
