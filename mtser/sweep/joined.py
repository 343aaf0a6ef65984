"""The corpora of a sweep that trains on some and tests on another."""

from collections.abc import Mapping
from pathlib import Path

from mtser.corpora.joined import cross_corpus_name, parse_sources, read_sources
from mtser.errors import ConfigError

_ROLES = ("train_corpus", "test_corpus", "dev_corpus")


def joined_corpora(options: Mapping[str, str | None]) -> tuple[str, tuple[Path, ...]] | None:
    """What the corpora are called together in the results, and where they lie; None for a sweep on one corpus.

    Parameters
    ----------
    options
        Those that are passed on to the recipe.

    Raises
    ------
    ConfigError
        If they cannot be read, or a folder does not exist.

    Example
    -------
    >>> joined_corpora({"train_corpus": "emodb=.", "test_corpus": "ravdess=mtser"})[0]
    'emodb_to_ravdess'
    """
    given = {name: options[name] for name in _ROLES if name in options}
    if "train_corpus" not in given or "test_corpus" not in given:
        return None
    declared = read_sources(str(options["corpora"])) if "corpora" in options else {}
    sources = [one for name, text in given.items() for one in parse_sources(f"--{name}", text, declared)]
    for source in sources:
        if not source.data_folder.exists():
            raise ConfigError(f"{source.name}: there is no such folder, nor such a table, as {source.data_folder}.")
    texts = {name: str(text) for name, text in given.items()}
    return cross_corpus_name(**texts), tuple(source.data_folder for source in sources)
