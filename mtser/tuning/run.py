"""One search from its first trial to its files, and what is said of it."""

from dataclasses import replace

from mtser.errors import ConfigError, MtserError
from mtser.sweep.lock import RunLock
from mtser.tuning.results import summary, write_results
from mtser.tuning.scheduler import TrialScheduler
from mtser.tuning.search import Search
from mtser.tuning.study import StoredStudy
from mtser.tuning.trials import trial_run


def run_search(search: Search, title: str = "mtser tune") -> int:
    """Search until there are enough trials; write and tell what was found.

    Parameters
    ----------
    search
        What is asked for.
    title
        Of the live table.

    Returns
    -------
    int
        0, or 1 if a trial failed.

    Raises
    ------
    MtserError
        If the corpus cannot feed the system, or another search is at the folder.
    ConfigError
        If the corpus or its folds are not those of the trials before.
    """
    lock = RunLock(search.folder / "study.lock", "--study_folder")
    if lock.descriptor is None:
        raise MtserError(f"{search.folder}: another mtser tune is at it; wait, or give another --study_folder.")
    try:
        stored = _stored(search)
        n_trials = _n_trials(search, stored)
        runs = tuple(trial_run(search.base, n, search.folder / "trials", search.more) for n in range(n_trials))
        scheduler = TrialScheduler(replace(search.plan, runs=runs, title=title), search.screen(), stored)
        board = scheduler.run()
        if scheduler.not_applicable:
            raise MtserError(f"nothing can be searched: {scheduler.not_applicable}")
        if scheduler.changed:
            raise ConfigError(
                f"{search.folder}: the {scheduler.changed} changed since the study was begun, so its trials cannot be "
                "compared with new ones; put back what was, or give another --study_folder."
            )
        files = write_results(search, stored)
    finally:
        lock.release()
    print(summary(search, stored, board, files))
    return 1 if board.count("failed") else 0


def _n_trials(search: Search, stored: StoredStudy) -> int:
    """As many as are asked for; fewer where all settings of the space are tried by then."""
    known = len(stored.trials())
    return max(search.n_trials, known) if search.all_settings is None else known


def _stored(search: Search) -> StoredStudy:
    words = [word for word in search.base.command[3:] if word != str(search.base.output_folder)]
    request = {
        "settings": dict(search.base.settings),
        "space": [repr(parameter) for parameter in search.space.parameters],
        "command": [*words, *search.more],
    }
    stored = StoredStudy(search.folder, search.space, request, seed=search.seed, pruning=search.pruning)
    stored.keep_data(search.data)
    present = search.space.present(search.system)
    if search.all_settings is None:
        stored.begin_with(present)
    else:
        stored.try_each(search.all_settings, present)
    return stored
