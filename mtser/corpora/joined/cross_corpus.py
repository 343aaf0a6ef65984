"""Train on some corpora, test on another: all of them as one corpus, which the protocol ``cross_corpus`` divides."""

from pathlib import Path

from mtser.audio import AudioIndex
from mtser.corpora.corpus import Corpus, Member
from mtser.corpora.joined.class_map import FOUR_CLASSES, read_class_map
from mtser.corpora.joined.join import join_corpora, refuse_equal_folders, without_copies
from mtser.corpora.joined.read import check_source, read_source
from mtser.corpora.joined.source import names_of, parse_sources, read_sources
from mtser.errors import ConfigError


def read_cross_corpus(
    *,
    train_corpus: str,
    test_corpus: str,
    dev_corpus: str | None = None,
    corpora: str | None = None,
    class_map: str = FOUR_CLASSES,
    audio_index: AudioIndex | None = None,
    progress: bool = True,
) -> Corpus:
    """Read the corpora to train on and the one to test on.

    Parameters
    ----------
    train_corpus
        One or several: ``emodb=/corpora/emodb,chimera:iemocap=/corpora/chimera`` (NAME=FOLDER, or
        NAME:READER=FOLDER).
    test_corpus
        One, likewise.
    dev_corpus
        One that chooses the epoch; without it, speakers of the training corpora do.
    corpora
        A YAML file that describes corpora, which are then given by their names
        (:mod:`mtser.corpora.joined.source`).
    class_map
        A YAML file that tells which label of which corpus belongs to which class
        (:mod:`mtser.corpora.joined.class_map`), or the name of one that comes with mtser.
    audio_index
        What is known of audio files; default: the one in the cache folder.
    progress
        Whether to show progress bars.

    Returns
    -------
    Corpus
        Named like "emodb+ravdess_to_iemocap"; the same for any order of the corpora.

    Raises
    ------
    ConfigError
        If an option is wrong.
    CorpusError
        If a corpus cannot be read, stands in two places, or is a copy of another.
    """
    audio_index = audio_index or AudioIndex()
    declared = read_sources(corpora) if corpora is not None else {}
    given = {"train": train_corpus, "test": test_corpus, **({} if dev_corpus is None else {"dev": dev_corpus})}
    sources, members = {}, []
    for role, text in given.items():
        for source in parse_sources(f"--{role}_corpus", text, declared):
            if source.name in sources:
                raise ConfigError(
                    f"--{role}_corpus {source.name}: that corpus is given already; what is trained on and what is "
                    "tested on have to be different ones (two copies of one kind need names: NAME:READER=FOLDER)."
                )
            sources[source.name] = source
            members.append(Member(source.name, Path(source.data_folder), role))  # type: ignore[arg-type]
    name = cross_corpus_name(train_corpus, test_corpus, dev_corpus)
    refuse_equal_folders(members)
    classes = read_class_map(class_map)
    for source in sources.values():
        check_source(source, classes)
    read = {
        name: read_source(source, classes, audio_index=audio_index, progress=progress)
        for name, source in sorted(sources.items())
    }
    roots = {name: corpus.root for name, corpus in read.items()}  # a reader may have found it one folder down
    joined = join_corpora(name, read, [Member(one.name, roots[one.name], one.role) for one in members])
    return without_copies(joined, audio_index.inspect(joined.audio_paths(), progress=progress))


def cross_corpus_name(train_corpus: str, test_corpus: str, dev_corpus: str | None = None) -> str:
    """What the corpora together are called in the results.

    Raises
    ------
    ConfigError
        If there is not exactly one to test on, or more than one that chooses the epoch.

    Example
    -------
    >>> cross_corpus_name("ravdess=/corpora/RAVDESS,emodb=/corpora/emodb", "iemocap=/corpora/IEMOCAP_full_release")
    'emodb+ravdess_to_iemocap'
    >>> cross_corpus_name("emodb", "iemocap", "ravdess")
    'emodb_to_iemocap_dev_ravdess'
    """
    train = "+".join(sorted(names_of("--train_corpus", train_corpus)))
    others = {"test": test_corpus, **({} if dev_corpus is None else {"dev": dev_corpus})}
    names = {role: names_of(f"--{role}_corpus", text) for role, text in others.items()}
    for role, found in names.items():
        if len(found) > 1:
            advice = (
                " Train once, and evaluate on the others: mtser evaluate RUN --corpus NAME." if role == "test" else ""
            )
            raise ConfigError(f"--{role}_corpus {','.join(found)}: can be one corpus only.{advice}")
    dev = f"_dev_{names['dev'][0]}" if dev_corpus is not None else ""
    return f"{train}_to_{names['test'][0]}{dev}"
