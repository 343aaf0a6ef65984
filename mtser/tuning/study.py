"""The study on disk: Optuna's storage, what was asked for, and the trials of a process that is gone."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mtser.configuration import as_text
from mtser.errors import ConfigError, MtserError
from mtser.tuning.optional import FrozenTrial, Trial, optuna_module
from mtser.tuning.pruning import falls_behind
from mtser.tuning.space import Space

FILE = "study.db"
_SETTINGS = "settings"  # user attribute of a trial: name → value as YAML text
_DATA = "data"  # user attribute of the study: what its trials were trained on
_NAME = "mtser"


class StoredStudy:
    """An Optuna study in a SQLite file, one process at a time.

    Parameters
    ----------
    folder
        Where ``study.db`` lies.
    space
        What is searched.
    request
        All that has to be the same when it is continued: name → value.
    seed
        Of the search.
    pruning
        "median" or "none".

    Raises
    ------
    ConfigError
        If the folder holds a study of something else; what differs is told.
    """

    def __init__(
        self, folder: Path, space: Space, request: Mapping[str, Any], *, seed: int = 1, pruning: str = "median"
    ) -> None:
        optuna = optuna_module()
        folder.mkdir(parents=True, exist_ok=True)
        self.space = space
        self._prunes = pruning == "median"
        with _told_as_damaged(folder):
            study = optuna.create_study(
                storage=_storage(folder), study_name=_NAME, direction="maximize", load_if_exists=True
            )
        # A search that is continued must not draw again what it drew before.
        study.sampler = optuna.samplers.TPESampler(
            seed=(seed + 1000 * len(study.trials)) % 2**32, multivariate=True, group=True, constant_liar=True
        )
        self.study = study
        self._accept(folder, json.loads(json.dumps(request, default=str)))

    @classmethod
    def read(cls, folder: Path) -> "StoredStudy":
        """The study of a folder as it is; it is not searched on."""
        optuna = optuna_module()
        read = cls.__new__(cls)
        with _told_as_damaged(folder):
            read.study = optuna.load_study(study_name=_NAME, storage=_storage(folder))
        return read

    def _accept(self, folder: Path, request: dict[str, Any]) -> None:
        before = self.study.user_attrs.get("request")
        if before is None:
            self.study.set_user_attr("request", request)
        elif before != request:
            differ = [name for name in {**before, **request} if before.get(name) != request.get(name)]
            raise ConfigError(
                f"{folder}: holds the study of something else ({', '.join(differ[:5])} differ{'s' * (len(differ) == 1)}"
                "); give another --study_folder, or delete that folder."
            )

    def begin_with(self, present: Mapping[str, Any]) -> None:
        """Try the YAML as it is first, as far as the space holds its values."""
        if not self.study.trials and present:
            self.study.enqueue_trial(dict(present))

    def try_each(self, combinations: Iterable[Mapping[str, Any]], present: Mapping[str, Any]) -> None:
        """Try those settings next that no trial has had or waits for, those like the YAML's first."""
        known = [settings_of(one) or _as_texts(one.system_attrs.get("fixed_params", {})) for one in self.trials()]
        for values in sorted(combinations, key=lambda one: -len(one.items() & present.items())):
            if _as_texts(values) not in known:
                self.study.enqueue_trial(dict(values))

    def twin(self, settings: Mapping[str, str]) -> FrozenTrial | None:
        """A trial that has ended, in order or by pruning, with the same settings: it would end so again."""
        ended = [one for one in self.trials() if one.state.name in ("COMPLETE", "PRUNED")]
        return next((one for one in ended if settings_of(one) == settings), None)

    def ask(self) -> tuple[Trial, dict[str, str]]:
        """A new trial and its settings."""
        trial = self.study.ask()
        settings = self.space.suggest(trial)
        trial.set_user_attr(_SETTINGS, settings)
        return trial, settings

    def left_over(self) -> dict[int, tuple[Trial, dict[str, str]]]:
        """Trials that a process began and did not end; one that was killed before it had settings has failed."""
        optuna = optuna_module()
        found = {}
        for frozen in self.study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.RUNNING,)):
            if _SETTINGS in frozen.user_attrs:
                found[frozen.number] = optuna.Trial(self.study, frozen._trial_id), frozen.user_attrs[_SETTINGS]
            else:
                self.study.tell(frozen.number, state=optuna.trial.TrialState.FAIL)
        return found

    def keep_data(self, data: Mapping[str, str]) -> None:
        """What its trials are trained on (``data_of``), by the first that tells it."""
        before = self.data()
        if data.keys() - before.keys():
            self.study.set_user_attr(_DATA, {**data, **before})

    def data(self) -> dict[str, str]:
        """What its trials were trained on; empty before one has ended."""
        return dict(self.study.user_attrs.get(_DATA, {}))

    def changed(self, data: Mapping[str, str]) -> str:
        """What of a trial's data is not as it was, "corpus" or "folds"; empty if nothing is, or it cannot be told."""
        before = {**data, **self.data()}
        differ = [name for name in data if before[name] != data[name]]
        if "corpus" in differ:
            return "corpus"
        return "folds" if differ == ["folds"] else ""  # else a trial's features leave out other utterances

    def reported(self, number: int) -> dict[int, float]:
        """What a trial has reached so far: step → value."""
        return dict(self.trials()[number].intermediate_values)

    def falls_behind(self, reached: Mapping[int, float], limit: int) -> bool:
        """Whether a trial is to be ended (see :mod:`mtser.tuning.pruning`)."""
        if not self._prunes:
            return False
        done = self.study.get_trials(deepcopy=False, states=(optuna_module().trial.TrialState.COMPLETE,))
        return falls_behind(reached, [one.intermediate_values for one in done], limit)

    def tell(self, trial: Trial, kind: str, value: float | None, seconds: float, reason: str = "") -> None:
        """How a trial has ended: "done" (with its value), "pruned" or anything else, which is a failure."""
        state = optuna_module().trial.TrialState
        trial.set_user_attr("seconds", seconds)
        if reason:
            trial.set_user_attr("reason", reason)
        if kind == "done" and value is not None:
            self.study.tell(trial, value)
        else:
            self.study.tell(trial, state=state.PRUNED if kind == "pruned" else state.FAIL)

    def trials(self) -> list[FrozenTrial]:
        """All trials, in the order of their numbers."""
        return self.study.get_trials(deepcopy=False)

    def best(self, n_trials: int | None = None) -> FrozenTrial | None:
        """The trial that reached most on dev, of equal ones the first; None before one is complete.

        Parameters
        ----------
        n_trials
            Among so many that were begun first; None: among all.
        """
        complete = [one for one in self.trials()[:n_trials] if one.state.name == "COMPLETE" and one.value is not None]
        return max(complete, key=lambda one: (one.value, -one.number), default=None)


@contextmanager
def _told_as_damaged(folder: Path) -> Iterator[None]:
    from sqlalchemy.exc import SQLAlchemyError  # comes with Optuna

    try:
        yield
    except (SQLAlchemyError, optuna_module().exceptions.OptunaError, KeyError) as error:
        why = str(error).partition("\n")[0].rstrip(".")
        raise MtserError(
            f"{folder / FILE}: is damaged, or no study of mtser ({why}); delete it, or give another --study_folder."
        ) from error


def _storage(folder: Path) -> Any:
    return optuna_module().storages.RDBStorage(f"sqlite:///{os.path.abspath(folder / FILE)}")


def _as_texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: as_text(value) for name, value in values.items()}


def settings_of(trial: FrozenTrial) -> dict[str, str]:
    """The settings of a trial: name → value as YAML text."""
    return dict(trial.user_attrs.get(_SETTINGS, {}))
