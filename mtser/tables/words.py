"""Numbers and findings as text, the same in every format."""

import math
from collections.abc import Collection, Sequence

from mtser.tables.report import LEVEL, Against, Contrast, Measure, Row, Section

NAMES = {"wa": "WA", "ua": "UA"}
DASH = "–"
NOT_APPLICABLE = "not applicable"
ABSENT = "Of the paper's table without a complete run here"
MARKS = {"better": "▲", "worse": "▼", "no difference shown": "○"}
"""Beside a number: how the system stands to the reference."""


def number(value: float | None) -> str:
    """Three decimals as in the paper, or a dash; a sign where it is negative.

    Example
    -------
    >>> number(0.7684), number(None)
    ('0.768', '–')
    """
    return DASH if value is None or math.isnan(value) else f"{value:.3f}".replace("-", "−")


def signed(value: float) -> str:
    """A difference with its sign.

    Example
    -------
    >>> signed(-0.0123), signed(0.0)
    ('−0.012', '0.000')
    """
    text = f"{abs(value):.3f}"
    return text if float(text) == 0 else ("+" if value > 0 else "−") + text


def interval(ends: Sequence[float] | None) -> str:
    """``0.741 to 0.792``."""
    return DASH if ends is None else f"{number(ends[0])} to {number(ends[1])}"


def signed_interval(ends: Sequence[float] | None) -> str:
    """``−0.012 to +0.030``."""
    return DASH if ends is None else f"{signed(ends[0])} to {signed(ends[1])}"


def spread(values: Sequence[float]) -> str:
    """Mean ± sample standard deviation of seeds; the mean alone of a single one."""
    mean = sum(values) / len(values)
    measure = Measure(mean, None, tuple(values))
    return number(mean) if measure.std is None else f"{number(mean)} ± {number(measure.std)}"


def each_seed(row: Row) -> str:
    """Its calibration error as mean ± deviation over seeds; a dash for an ensemble, which is of all of them."""
    return DASH if row.ensemble_of else spread(row.calibration.per_seed)


def count(value: float | None, separator: str = "\u00a0") -> str:
    """A whole number with its thousands apart, or a dash."""
    return DASH if value is None else f"{value:,.0f}".replace(",", separator)


def mean_count(value: float) -> str:
    """A number of utterances, which is a mean over seeds.

    Example
    -------
    >>> mean_count(12.0), mean_count(12 + 1 / 3)
    ('12', '12.3')
    """
    return f"{value:.1f}".removesuffix(".0")


def duration(seconds: float | None) -> str:
    """A time to two places.

    Example
    -------
    >>> duration(7.3), duration(205), duration(7322), duration(None)
    ('7.3 s', '3 min 25 s', '2 h 02 min', '–')
    """
    if seconds is None:
        return DASH
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    if seconds < 3599.5:
        return f"{round(seconds) // 60} min {round(seconds) % 60:02d} s"
    return f"{round(seconds / 60) // 60} h {round(seconds / 60) % 60:02d} min"


def p_value(p: float) -> str:
    """``0.031``; ``< 0.001``."""
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def mark(tested: Contrast | None) -> str:
    """The sign beside a number; nothing where nothing was tested."""
    return "" if tested is None else MARKS[tested.verdict]


def p_is(tested: Contrast) -> str:
    """``p = 0.031``, corrected."""
    p = p_value(tested.holm)
    return f"p {p if p.startswith('<') else f'= {p}'}"


def tested_in(against: Against | None, measure: str) -> Contrast | None:
    """The test of WA or UA."""
    return None if against is None else against.wa if measure == "wa" else against.ua


def measured(row: Row, measure: str) -> Measure:
    """WA or UA."""
    return row.wa if measure == "wa" else row.ua


def seeds(row: Row) -> str:
    """``1, 2, 3``."""
    return ", ".join(map(str, row.seeds))


def legend(section: Section) -> str:
    """What the marks mean."""
    others = [row for row in section.rows.values() if row.against is not None]
    if not others:
        return ""
    signs = ", ".join(f"{sign} {words}" for words, sign in MARKS.items())
    return (
        f"Against {section.reference} on the same utterances: {signs}. Permutation test over the {section.n_speakers} "
        f"speakers, p corrected by Holm's method for the {len(others)} comparison{'s' * (len(others) > 1)} of this "
        f"section (WA and UA each by itself), level {LEVEL}. ▲ and ▼ are of these trained models: p does not know the "
        "luck of training. They follow p: the interval of a difference is not corrected for the number of systems, and "
        "may leave out 0 where no difference is shown."
    )


def pretrained(section: Section, shown: Collection[str]) -> str:
    """Which pretrained models stand behind the numbers of these systems; empty if there are none."""
    whose: dict[str, list[str]] = {}
    for row in section.rows.values():
        if row.system in shown and row.ensemble_of is None:
            for model in row.pretrained:
                whose.setdefault(model, []).append(row.system)
    return " ".join(f"{', '.join(names)}: {model}" for model, names in whose.items())


def findings(section: Section) -> list[str]:
    """The sentences that open a section: who stands above the reference, first of all."""
    if not section.rows:
        return ["No run is complete."]
    reference = section.rows.get(section.reference)
    if reference is None:
        why = section.not_applicable.get(section.reference)
        text = f"is {NOT_APPLICABLE} ({why.rstrip('.')})" if why else "has no complete run"
        others = sorted(name for name, row in section.rows.items() if row.ensemble_of is None)
        return [
            f"{section.reference} {text}, so nothing was tested against it (another to test against: --reference "
            f"{others[0]})."
        ]
    single = [row for row in section.rows.values() if row.ensemble_of is None]
    if len(single) == 1:
        return [f"{section.reference} is the only system here."]
    sentences = []
    n_tested = sum(row.against is not None for row in single)
    corrected = f"; p corrected for {n_tested} comparisons" if n_tested > 1 else ""
    for measure in ("ua", "wa"):
        base = measured(reference, measure).value
        above = [row for row in single if measured(row, measure).value > base]
        above.sort(key=lambda row: -measured(row, measure).value)
        if not above:
            sentences.append(f"No system is above {section.reference} in {NAMES[measure]} ({number(base)}).")
            continue
        groups: dict[str, list[str]] = {}
        for row in above:
            tested = tested_in(row.against, measure)
            text = f"{row.system} {number(measured(row, measure).value)}"
            text += f" ({signed(tested.value)}, {p_is(tested)})" if tested else ""
            groups.setdefault(tested.verdict if tested else "not tested", []).append(text)
        named = "; ".join(f"{verdict}: {', '.join(rows)}" for verdict, rows in groups.items())
        sentences.append(f"Above {section.reference} in {NAMES[measure]} ({number(base)}{corrected}), {named}.")
    return sentences


def data(section: Section) -> str:
    """What was tested, what was left out, and for how long all were trained."""
    classes = ", ".join(f"{name} {n}" for name, n in zip(section.classes, section.support, strict=True))
    chance = section.chance
    text = (
        f"{sum(section.support)} tested utterances of {section.n_speakers} speakers: {classes}. Guessing gives a UA of "
        f"{number(chance['ua'])}, always saying the most frequent class a WA of {number(chance['wa'])}."
    )
    if section.skipped:
        reasons = ", ".join(f"{reason} {n}" for reason, n in section.skipped.items())
        text += f" Left out of the corpus: {sum(section.skipped.values())} ({reasons})."
    epochs = {row.settings.get("number_of_epochs") for row in section.rows.values() if row.has_epochs}
    if len(epochs) == 1 and (most := epochs.pop()) is not None:  # else a warning tells of whom
        text += f" Trained for at most {most} epoch{'s' * (most != 1)} a fold."
    return text


HOW_TO_READ = {
    "WA and UA": (
        "WA, weighted accuracy, is the share of all utterances that is right. UA, unweighted accuracy, is the mean of "
        "the classes' recalls (macro recall). Both are over the test utterances of all folds, each judged by a model "
        "that had not seen it, all seeds together; this equals the mean over seeds. ± is the sample standard deviation "
        "over seeds."
    ),
    "Ensembles": (
        "A row called (ensemble of n seeds) is one model made of n: the mean of their probabilities for an utterance. "
        "It costs n times as much to train and to use, so it belongs beside other ensembles, and is not tested against "
        "single models; the row above it is what one of these does."
    ),
    "Intervals": (
        "95 % percentile bootstrap over speakers, all seeds of a speaker together: how far the number may move with "
        "other speakers. Two intervals that overlap do not mean that two systems are alike; the paired test tells. "
        "That of a difference is of one system alone, not corrected for their number, and too narrow with few "
        "speakers: it may leave out 0 where the test, which looks at all of them, shows no difference."
    ),
    "Tests": (
        "Each system against the reference on the same utterances of the same folds: whole speakers' differences "
        "change sign (permutation test, mean over seeds). ▲ and ▼ are of the trained models that were tested, not of "
        "the systems if they were trained anew. The test takes speakers as independent, but those whom one model tests "
        "share its luck of training: under loso both speakers of a session, under random_5fold all speakers. This luck "
        "is not in p, which is too small where models differ by it. p is corrected for the number of systems in the "
        "section by Holm's method, for WA and UA each by itself. McNemar's exact test of WA, given where both have one "
        "seed, takes utterances as independent and is therefore too sure of itself."
    ),
    "Parameters": (
        "Trained ones; those of a pretrained encoder that stays as it is are not counted. Mean over folds: the "
        "vocabulary of a fold's training part decides the size of the embedding."
    ),
    "Training time": (
        "Wall time of one process: the epochs of all folds summed, mean over seeds, without computing features, on the "
        "machine and under the load of that run."
    ),
    "Protocols": (
        "Numbers under different protocols answer different questions, and those of different corpora are never set "
        "beside each other: each corpus and protocol has its own tables, and nothing is averaged over them."
    ),
}
"""Heading → explanation; calibration and the paper's numbers explain themselves in their modules."""
