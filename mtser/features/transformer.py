"""Loading models of the transformers package: from files alone, and never code of strangers."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from mtser.errors import FeatureError
from mtser.pretrained import LANGUAGE, WEIGHTS, has_any, weights_of

_SAFE: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}


def load_transformer(folder: Path, pickled: bool = False) -> Any:
    """A model in float32, ready to be used, on the CPU.

    Parameters
    ----------
    folder
        In the layout of the Hugging Face hub.
    pickled
        Take a pickled checkpoint where there are no safetensors. transformers then lets it hold tensors only.

    Raises
    ------
    FeatureError
        If transformers is not installed, or cannot make a model of these files.
    """
    safetensors = not pickled or weights_of(folder, LANGUAGE.with_pickles()) == WEIGHTS
    with _told(folder) as transformers:
        model = transformers.AutoModel.from_pretrained(
            folder, use_safetensors=safetensors, dtype=torch.float32, **_SAFE
        )
    return model.eval().requires_grad_(False)


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer of a model.

    Raises
    ------
    FeatureError
        If transformers is not installed, or cannot make a tokenizer of these files, or there are none.
    """
    with _told(folder) as transformers:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **_SAFE)
    # Without files transformers makes up a tokenizer, to which every word is unknown.
    if not has_any(folder, {*LANGUAGE.beside, *getattr(tokenizer, "vocab_files_names", {}).values()}):
        raise FeatureError(
            f"{folder}: has no tokenizer ({', '.join(sorted(LANGUAGE.beside))}); copy its files from where the model "
            "is from (in Python: AutoTokenizer.from_pretrained(...).save_pretrained(folder))."
        )
    return tokenizer


def import_transformers() -> Any:
    """The package.

    Raises
    ------
    FeatureError
        If it is not installed.
    """
    try:
        import transformers
    except ImportError as error:
        raise FeatureError("transformers is not installed: `pip install 'mtser[pretrained]'`.") from error
    return transformers


@contextmanager
def _told(folder: Path) -> Iterator[Any]:
    """Say in one sentence what is wrong; no progress bar, and no list of weights that are for other tasks."""
    transformers = import_transformers()
    logging = transformers.logging
    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield transformers
    except Exception as error:  # whatever transformers finds wrong with files of strangers
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".:")
        raise FeatureError(f"{folder}: transformers cannot load the model ({reason}).") from error
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()
