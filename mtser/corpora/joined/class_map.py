"""The common classes of several corpora: which label of which corpus belongs to which class.

A class map is a YAML file::

    classes: [angry, happy, sad, neutral]
    corpora:
      emodb: {W: angry, F: happy, T: sad, N: neutral}
      ravdess: {angry: angry, happy: happy, sad: sad, neutral: neutral, calm: neutral}

The keys of ``corpora`` are the names of corpora or of their readers. The labels are those that the reader's
``label_map`` knows; of a reader without one, they are the classes that it gives. A label that is not named is left out.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from mtser.configuration import read_names
from mtser.errors import ConfigError

FOUR_CLASSES = "four_classes"
"""The class map of the paper's four classes, for every corpus that mtser reads and that has them."""
_READY_MADE = Path(__file__).parent


@dataclass(frozen=True)
class ClassMap:
    """Common classes, and each corpus's way to them.

    Parameters
    ----------
    source
        What it was read from, for messages.
    classes
        In their fixed order.
    labels
        Name of a corpus or of a reader → its labels → classes.
    is_guess
        Whether nobody wrote it: labels are expected to be called as the classes are, and some may be missing.

    Example
    -------
    >>> class_map = ClassMap("a.yaml", ("sad", "happy"), {"emodb": {"T": "sad", "F": "happy"}})
    >>> class_map.of("my_copy", "emodb")
    {'T': 'sad', 'F': 'happy'}
    """

    source: str
    classes: tuple[str, ...]
    labels: Mapping[str, Mapping[str, str]]
    is_guess: bool = False

    def of(self, name: str, reader: str) -> dict[str, str]:
        """The labels of a corpus: by its name, else by that of its reader.

        Raises
        ------
        ConfigError
            If the class map knows neither.
        """
        for key in (name, reader):
            if key in self.labels:
                return dict(self.labels[key])
        keys = name if name == reader else f"{name} (or {reader})"
        raise ConfigError(
            f"{self.source}: the class map says nothing about {keys}; it knows {', '.join(self.labels)}. Write one "
            f"that does, with the classes {', '.join(self.classes)} or others, and give it with --class_map FILE."
        )


def read_class_map(name: str | Path = FOUR_CLASSES) -> ClassMap:
    """Read a class map.

    Parameters
    ----------
    name
        A YAML file, or the name of one that comes with mtser ("four_classes").

    Raises
    ------
    ConfigError
        If there is no such file, or it is no class map; the sentence says what is wrong.

    Example
    -------
    >>> read_class_map().classes
    ('angry', 'happy', 'sad', 'neutral')
    """
    ready_made = sorted(path.stem for path in _READY_MADE.glob("*.yaml"))
    if str(name) in ready_made:
        return _checked(_READY_MADE / f"{name}.yaml", str(name))
    path = Path(name)
    if not path.is_file():
        raise ConfigError(f"--class_map {name}: there is no such file, and mtser's own are called {ready_made[0]}.")
    return _checked(path, str(path))


def _checked(path: Path, source: str) -> ClassMap:
    content = read_names(path, str(path), "is no class map; it has to map names to values")
    if unknown := sorted(content.keys() - {"classes", "corpora"}):
        raise ConfigError(f"{path}: has {unknown[0]!r}; a class map has classes and corpora.")
    classes = content.get("classes")
    if not isinstance(classes, list) or not all(isinstance(one, str) and one for one in classes):
        raise ConfigError(f"{path}: classes has to be a list of names, such as [angry, happy, sad, neutral].")
    if len(set(classes)) < max(len(classes), 2):
        raise ConfigError(f"{path}: classes has to name at least two classes, none of them twice.")
    corpora = content.get("corpora")
    if not isinstance(corpora, dict) or not corpora:
        raise ConfigError(f"{path}: corpora has to map names of corpora to their labels: {{emodb: {{T: sad, ...}}}}.")
    return ClassMap(
        source, tuple(classes), {str(name): _labels(path, str(name), corpora[name], classes) for name in corpora}
    )


def _labels(path: Path, corpus: str, labels: Any, classes: list[str]) -> dict[str, str]:
    if not isinstance(labels, dict) or not labels:
        raise ConfigError(f"{path}: {corpus} has to map labels to classes: {{T: sad, ...}}.")
    for label, name in labels.items():
        if name not in classes:
            near = get_close_matches(str(name), classes, n=1, cutoff=0.0)[0]
            raise ConfigError(
                f"{path}: {corpus} maps {label!r} to {name!r}, which is none of the classes; did you mean {near!r}? "
                f"They are {', '.join(classes)}."
            )
    return {str(label): name for label, name in labels.items()}
