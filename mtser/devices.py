"""What can compute."""

import torch

from mtser.errors import ConfigError


def usable_device(name: torch.device | str) -> torch.device:
    """The device, if it is one and it is there.

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
    return device
