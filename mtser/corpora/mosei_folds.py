"""The official partitions of CMU-MOSEI, from a file that the user gives."""

import ast
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from mtser.errors import ConfigError, CorpusError
from mtser.text_files import read_text

_NAMES = {
    "standard_train_fold": "train",
    "standard_valid_fold": "dev",
    "standard_test_fold": "test",
    "train": "train",
    "valid": "dev",
    "dev": "dev",
    "test": "test",
}


def read_standard_folds(path: str | Path) -> dict[str, str]:
    r"""Read which videos are in which partition.

    Parameters
    ----------
    path
        The SDK's ``cmu_mosei_std_folds.py``, of which the lists are read and nothing is run; or YAML or JSON with lists
        of videos under train, valid (or dev) and test.

    Returns
    -------
    dict
        Video → "train", "dev" or "test".

    Raises
    ------
    ConfigError
        If the file cannot be read, lacks a list, or has a video in two of them.

    Example
    -------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "folds.yaml"
    >>> _ = file.write_text("train: [a, b]\nvalid: [c]\ntest: [d]\n")
    >>> read_standard_folds(file)
    {'a': 'train', 'b': 'train', 'c': 'dev', 'd': 'test'}
    """
    path = Path(path)
    try:
        text = read_text(path)
        content = _python_lists(text) if path.suffix == ".py" else YAML(typ="safe").load(text)
    except CorpusError as error:
        raise ConfigError(f"standard_folds: {error}") from error
    except (YAMLError, SyntaxError, ValueError) as error:
        raise ConfigError(f"standard_folds: {path}: cannot be read ({' '.join(str(error).split())[:100]}).") from error
    lists = (
        {_NAMES[name]: value for name, value in content.items() if name in _NAMES} if isinstance(content, dict) else {}
    )
    for part in ("train", "dev", "test"):
        if not isinstance(lists.get(part), list) or not all(isinstance(video, str) for video in lists[part]):
            raise ConfigError(f"standard_folds: {path}: holds no list of videos for {part}.")
    partitions: dict[str, str] = {}
    for part in ("train", "dev", "test"):
        for video in lists[part]:
            if partitions.setdefault(video, part) != part:
                raise ConfigError(f"standard_folds: {path}: the video {video} is in {partitions[video]} and in {part}.")
    return partitions


def _python_lists(text: str) -> dict[str, Any]:
    """The lists that a Python file assigns to names; its code is not run."""
    lists = {}
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    lists[target.id] = ast.literal_eval(statement.value)
    return lists
