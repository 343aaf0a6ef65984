"""Optuna, which comes with the extra ``tune`` and is imported when a search begins."""

import logging
import warnings
from typing import Any

from mtser.errors import MtserError

Trial = Any
"""``optuna.Trial``."""
FrozenTrial = Any
"""``optuna.trial.FrozenTrial``."""


def optuna_module() -> Any:
    """Optuna, which is an optional package.

    Raises
    ------
    MtserError
        If it is not installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MtserError("mtser tune searches with Optuna: pip install mtser[tune].") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
    return optuna
