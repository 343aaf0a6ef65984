"""What a report holds: sections, their rows, and what these were compared with. Writers turn it into files."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mtser.evaluation.metrics import Floats
from mtser.tables.calibration import Calibration
from mtser.tables.runs import Left

LEVEL = 0.05
"""Of the tests: a corrected p below it counts as a difference."""


@dataclass(frozen=True, slots=True)
class Measure:
    """WA or UA of a system.

    Parameters
    ----------
    value
        All seeds together; equal to the mean over seeds, since all have the same utterances.
    ci95
        Its interval over speakers; None with one speaker.
    per_seed
        Of each seed.
    """

    value: float
    ci95: tuple[float, float] | None
    per_seed: tuple[float, ...]

    @property
    def std(self) -> float | None:
        """The sample standard deviation over seeds; None with one seed."""
        return float(np.std(self.per_seed, ddof=1)) if len(self.per_seed) > 1 else None


@dataclass(frozen=True, slots=True)
class Contrast:
    """A system minus the reference in WA or UA: value, interval over speakers, the permutation test's p, Holm's p."""

    value: float
    ci95: tuple[float, float] | None
    p: float
    holm: float

    @property
    def verdict(self) -> str:
        """``better``, ``worse`` or ``no difference shown``."""
        if self.holm >= LEVEL or self.value == 0:
            return "no difference shown"
        return "better" if self.value > 0 else "worse"


@dataclass(frozen=True, slots=True)
class Caution:
    """What has to be known beside numbers.

    Parameters
    ----------
    text
        The sentence.
    systems
        Whom it concerns; empty if everyone.
    is_named
        Whether the sentence begins with them.
    is_of_values
        Whether it is of WA and UA themselves; False if of tests, intervals or training times.
    """

    text: str
    systems: tuple[str, ...] = ()
    is_named: bool = False
    is_of_values: bool = True

    def told(self, shown: Collection[str]) -> str:
        """The sentence where these systems are shown; empty if it concerns none of them.

        Example
        -------
        >>> caution = Caution("Cut after 128 words.", ("mha2", "wise"), is_named=True)
        >>> caution.told({"full", "wise"}), caution.told({"full"})
        ('wise: Cut after 128 words.', '')
        """
        mine = [system for system in self.systems if system in shown]
        if self.systems and not mine:
            return ""
        return f"{', '.join(mine)}: {self.text}" if self.is_named else self.text


@dataclass(frozen=True, slots=True)
class Against:
    """A system against the reference on the same utterances.

    Parameters
    ----------
    wa, ua
        The differences.
    mcnemar
        McNemar's p of WA and the same after Holm's correction; None unless both have one seed.
    """

    wa: Contrast
    ua: Contrast
    mcnemar: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Row:
    """A system in a section.

    Parameters
    ----------
    system
        The name of its folder.
    origin
        The system that its YAML names: another name than ``system`` after ``--run_name``.
    seeds
        Ascending.
    wa, ua
        The results.
    confusion
        Mean over seeds of the counts ``[K, K]``; rows are the truth.
    recall
        Of each class ``[K]``; NaN for a class that no utterance has.
    calibration
        Of all seeds.
    parameters
        Trained ones, mean over folds and seeds; None if it has none to tell.
    seconds
        Wall time of the epochs of all folds, mean over seeds; None if unknown.
    attributes
        Attribute → (concordance correlation, mean over seeds; utterances), of systems that regress.
    settings, files
        What its runs were trained with, by dotted name, without the seed; the hashes of the files that these name.
    has_epochs
        Whether it was trained epoch by epoch.
    against
        None for the reference, and without one.
    pretrained
        Sentences that name its pretrained models.
    ensemble_of
        The system whose seeds are averaged here; None for a row of single models. An ensemble has one value, the
        parameters and the training time of all its models, and is not tested against single ones.
    """

    system: str
    origin: str
    seeds: tuple[int, ...]
    wa: Measure
    ua: Measure
    confusion: Floats
    recall: Floats
    calibration: Calibration
    parameters: float | None
    seconds: float | None
    attributes: Mapping[str, tuple[float | None, int]]
    settings: Mapping[str, Any]
    files: Mapping[str, str]
    has_epochs: bool
    against: Against | None
    pretrained: tuple[str, ...] = ()
    ensemble_of: str | None = None


@dataclass(frozen=True, eq=False)
class Section:
    """All systems on one corpus under one protocol: the same utterances, labels and folds.

    Parameters
    ----------
    corpus, protocol
        As the folders name them.
    classes
        In their fixed order.
    support
        Contrast utterances of each class.
    n_speakers
        Whom the intervals are over.
    skipped
        Reason → utterances of the corpus that were left out.
    synthetic
        True if a computer spoke the corpus.
    reference
        The system that the others are compared with.
    rows
        System → its results, sorted by name; empty if no run is complete.
    not_applicable
        System → why the corpus cannot feed it.
    incomplete
        Run folders without a whole result.
    cautions
        What to tell beside the numbers.
    manifest
        The hash of the data.
    audio
        Utterance id → SHA-256 of its audio, of those that a run tells.
    """

    corpus: str
    protocol: str
    classes: tuple[str, ...]
    support: tuple[int, ...]
    n_speakers: int
    skipped: Mapping[str, int]
    synthetic: bool
    reference: str
    rows: Mapping[str, Row]
    not_applicable: Mapping[str, str]
    incomplete: tuple[Left, ...]
    cautions: tuple[Caution, ...]
    manifest: str
    audio: Mapping[str, str]

    @property
    def name(self) -> str:
        """Corpus and protocol in one line."""
        return f"{self.corpus} · {self.protocol}"

    def warnings(self, shown: Collection[str] | None = None) -> list[str]:
        """The sentences that concern these systems; without an argument, all."""
        shown = self.rows if shown is None else shown
        return [text for caution in self.cautions if (text := caution.told(shown))]

    @property
    def chance(self) -> dict[str, float]:
        """What needs no model: UA of guessing, WA of always saying the most frequent class."""
        present = sum(1 for n in self.support if n)
        return {"wa": max(self.support) / sum(self.support), "ua": 1 / present}


@dataclass(frozen=True, eq=False)
class Report:
    """Everything that a call of ``mtser report`` found; sections of a corpus follow each other."""

    sections: tuple[Section, ...]

    def corpora(self) -> dict[str, tuple[Section, ...]]:
        """Corpus → its sections."""
        names = dict.fromkeys(section.corpus for section in self.sections)
        return {name: tuple(one for one in self.sections if one.corpus == name) for name in names}
