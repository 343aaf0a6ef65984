"""Read a corpus from its source, with the classes of a class map."""

import inspect
from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches

from mtser.audio import AudioIndex
from mtser.corpora.checked import check_corpus
from mtser.corpora.corpus import Corpus, Skipped
from mtser.corpora.joined.class_map import ClassMap
from mtser.corpora.joined.readers import Reader, find_reader, given, name_of, options_of
from mtser.corpora.joined.source import Source
from mtser.corpora.utterance import Utterance
from mtser.errors import ConfigError

_LABEL_OPTIONS = ("label_map", "emotions")
"""What readers call the argument that maps labels to classes."""


def check_source(source: Source, class_map: ClassMap) -> None:
    """Refuse what cannot be read, before anything is read.

    Raises
    ------
    ConfigError
        If there is no such reader, it has no such option, or the class map does not know the corpus.
    """
    reader = find_reader(source.reader)
    options = options_of(reader)
    for name in source.options:
        if name in _LABEL_OPTIONS:
            raise ConfigError(f"{source.name}: {name} is no option here; the class map tells what its labels mean.")
        if name not in options:
            near = get_close_matches(name, options, n=1, cutoff=0.5)
            raise ConfigError(
                f"{source.name}: its reader has no option {name!r}; "
                + (f"the nearest is {near[0]!r}." if near else f"it has {', '.join(options) or 'none'}.")
            )
    class_map.of(source.name, source.reader)


def read_source(
    source: Source, class_map: ClassMap, *, audio_index: AudioIndex | None = None, progress: bool = True
) -> Corpus:
    """Read a corpus.

    Returns
    -------
    Corpus
        With the classes of the class map in their order, also those that it lacks (a warning says so).

    Raises
    ------
    ConfigError, CorpusError
        As the reader, and as :func:`check_source`.
    """
    check_source(source, class_map)
    reader, labels = find_reader(source.reader), class_map.of(source.name, source.reader)
    options = {**source.options, **given(reader, audio_index=audio_index or AudioIndex(), progress=progress)}
    if class_map.is_guess:
        corpus = _read(reader, source, class_map, options)
        labels = {label: name for label, name in labels.items() if label in corpus.classes}
        if not labels:
            raise ConfigError(
                f"{source.name}: none of its classes ({', '.join(corpus.classes)}) is called as one of the model's "
                f"({', '.join(class_map.classes)}); give a class map that says which is which: --class_map FILE."
            )
        corpus = _relabelled(corpus, labels, source, class_map)
    elif name := _label_option(reader):
        corpus = _read(reader, source, class_map, {**options, name: labels})
    else:
        corpus = _relabelled(_read(reader, source, class_map, options), labels, source, class_map)
    absent = [name for name in class_map.classes if name not in labels.values()]
    lacks = [f"No label of it is {', '.join(absent)}."] if absent else []
    return replace(corpus, classes=class_map.classes, warnings=(*corpus.warnings, *lacks))


def _label_option(reader: Reader) -> str | None:
    return next((name for name in _LABEL_OPTIONS if name in options_of(reader)), None)


def _read(reader: Reader, source: Source, class_map: ClassMap, options: Mapping[str, object]) -> Corpus:
    try:
        inspect.signature(reader).bind(source.data_folder, **options)
    except TypeError as error:
        raise ConfigError(f"{source.name}: the reader {source.reader} cannot be called: {error}.") from error
    try:
        corpus = reader(source.data_folder, **options)
    except ConfigError as error:  # of an option or of the label map: the reader does not know the corpus's name here
        raise ConfigError(f"{source.name} ({class_map.source}): {error}") from error
    return check_corpus(corpus, name_of(reader))


def _relabelled(corpus: Corpus, labels: Mapping[str, str], source: Source, class_map: ClassMap) -> Corpus:
    """The corpus of a reader without label map: its classes are taken for labels."""
    for label in labels:
        if label not in corpus.classes:
            near = get_close_matches(label, corpus.classes, n=1, cutoff=0.0)[0]
            raise ConfigError(
                f"{class_map.source}: {source.name} maps {label!r}, which is none of its reader's classes; did you "
                f"mean {near!r}? They are {', '.join(corpus.classes)}."
            )
    left_out = [one for one in corpus.utterances if one.emotion not in labels]
    kept = tuple(
        replace(one, emotion=labels[one.emotion], votes=_votes(one, labels))
        for one in corpus.utterances
        if one.emotion in labels
    )
    skipped = tuple(Skipped(one.id, "label not among the classes", one.emotion) for one in left_out)
    return replace(corpus, utterances=kept, skipped=corpus.skipped + skipped)


def _votes(utterance: Utterance, labels: Mapping[str, str]) -> dict[str, float] | None:
    """The shares of the common classes, as far as there are votes for them."""
    shares: dict[str, float] = {}
    for label, share in (utterance.votes or {}).items():
        if label in labels:
            shares[labels[label]] = shares.get(labels[label], 0.0) + share
    total = sum(shares.values())
    return {name: share / total for name, share in sorted(shares.items())} if total > 0 else None
