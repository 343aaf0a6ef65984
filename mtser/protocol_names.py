"""The names of mtser's protocols, for those that must know them without importing PyTorch."""

PROTOCOLS = (
    "loso",
    "last_session",
    "lospo",
    "speakers_5fold",
    "random_5fold",
    "random_80_5_15",
    "dialogs_5fold",
    "loso_script_disjoint",
    "impro_only",
    "cross_corpus",
    "official",
)
"""In the order of a report; what they do stands beside :func:`mtser.training.protocols.make_folds`."""


def folder_of(name: str) -> str:
    """The folder of a protocol's results: its name; of a dotted path, the function's.

    Example
    -------
    >>> folder_of("loso"), folder_of("my_package.protocols.by_room")
    ('loso', 'by_room')
    """
    return name.rpartition(".")[2]
