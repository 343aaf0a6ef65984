"""What each protocol does to each system: the same corpus, other folds."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from mtser.tables.alike import audio_difference, files_difference, settings_difference
from mtser.tables.layout import order_of
from mtser.tables.report import Row, Section

EXPLANATION = (
    "A line is one system. random_5fold and random_80_5_15 know the test speakers and their sentences from training, "
    "dialogs_5fold those of whom there are other dialogs; loso, last_session, lospo and speakers_5fold know no test "
    "speaker, but sentences that return in other sessions; loso_script_disjoint knows neither, and trains on less. "
    "What lies between is leakage, but also how much each trains on, and chance. Read along a line: a system under one "
    "protocol and another one under another must not be compared."
)
ORDER = (
    "random_5fold",
    "random_80_5_15",
    "dialogs_5fold",
    "impro_only",
    "loso",
    "last_session",
    "lospo",
    "speakers_5fold",
    "loso_script_disjoint",
)
"""From those that know more of the test part to those that know less; others stand between."""


@dataclass(frozen=True, eq=False)
class Effect:
    """UA of each system under each protocol of a corpus.

    Parameters
    ----------
    corpus
        Its name.
    protocols
        In the order of the report.
    ua
        System → protocol → UA; systems with at least two protocols.
    explanation
        To stand beside it.
    refusal
        Why protocols are not set side by side; None if they are.
    warnings
        What the runs warn of, as far as it concerns UA; before it the protocols, if not all warn of it.
    """

    corpus: str
    protocols: tuple[str, ...]
    ua: Mapping[str, dict[str, float]]
    explanation: str = EXPLANATION
    refusal: str | None = None
    warnings: tuple[str, ...] = ()


def effects(sections: Sequence[Section]) -> Effect | None:
    """Compare the protocols of one corpus; None if no system was run under two of them.

    Protocols over other classes, other data or other audio are not set side by side; the sentence says which.
    """
    sections = [section for section in sections if section.rows]
    if len(sections) < 2:
        return None
    sections = sorted(sections, key=lambda section: _rank(section.protocol))
    corpus = sections[0].corpus
    protocols = tuple(section.protocol for section in sections)
    for one, other in combinations(sections, 2):
        if difference := _data_difference(one, other):
            refusal = (
                f"The runs under {one.protocol} and {other.protocol} {difference}, so the protocols are not set side "
                "by side; run one of them again on the same data."
            )
            return Effect(corpus, protocols, {}, refusal=refusal)
    systems = dict.fromkeys(row.system for section in sections for row in order_of(section))
    rows = {
        name: {section.protocol: section.rows[name] for section in sections if name in section.rows} for name in systems
    }
    rows = {name: row for name, row in rows.items() if len(row) > 1}
    unlike = {name: difference for name, row in rows.items() if (difference := _settings_difference(row))}
    rows = {name: row for name, row in rows.items() if name not in unlike}
    told = [f"{name} is not set side by side: {difference}." for name, difference in unlike.items()]
    if not rows:
        return Effect(corpus, protocols, {}, refusal=" ".join(told)) if told else None
    ua = {name: {protocol: one.ua.value for protocol, one in row.items()} for name, row in rows.items()}
    explanation = " ".join([EXPLANATION, *told, *_different_seeds(rows)])
    if len({sum(section.support) for section in sections}) > 1:
        numbers = ", ".join(f"{section.protocol} {sum(section.support)}" for section in sections)
        explanation += f" The protocols do not test the same utterances ({numbers})."
    return Effect(corpus, protocols, ua, explanation, warnings=_warnings(sections, ua))


def _warnings(sections: Sequence[Section], systems: Collection[str]) -> tuple[str, ...]:
    whose: dict[str, list[str]] = {}
    for section in sections:
        shown = [name for name in systems if name in section.rows]
        for caution in section.cautions:
            if caution.is_of_values and (text := caution.told(shown)):
                whose.setdefault(text, []).append(section.protocol)
    return tuple(
        text if len(names) == len(sections) else f"{', '.join(names)}: {text}" for text, names in whose.items()
    )


def _data_difference(one: Section, other: Section) -> str | None:
    """In what the data of two sections differ; None if in nothing."""
    if one.classes != other.classes:
        return "have different classes"
    if one.manifest != other.manifest:
        return "have different data (utterances, labels or words)"
    difference = None if one.audio is other.audio else audio_difference(one.audio, other.audio)
    return difference and f"are not on the same data: {difference}"


def _settings_difference(row: Mapping[str, Row]) -> str | None:
    """In what the runs of a system under two protocols differ, besides the folds; None if in nothing."""
    (first, one), *others = row.items()
    for protocol, other in others:
        difference = settings_difference(one.settings, other.settings) or files_difference(one.files, other.files)
        if difference:
            return f"of its runs under {first} and {protocol}, {difference}"
    return None


def _different_seeds(rows: Mapping[str, Mapping[str, Row]]) -> list[str]:
    """A sentence on systems that do not have the same seeds under all protocols."""
    luck: dict[str, list[str]] = {}
    for name, row in rows.items():
        if len({one.seeds for one in row.values()}) > 1:
            seeds = ", ".join(f"{protocol} {'+'.join(map(str, one.seeds))}" for protocol, one in row.items())
            luck.setdefault(seeds, []).append(name)
    if not luck:
        return []
    told = "; ".join(f"{', '.join(names)}: {seeds}" for seeds, names in luck.items())
    return [f"Protocols were not run with the same seeds ({told}), so a part of what lies between is luck."]


def _rank(protocol: str) -> int:
    return ORDER.index(protocol) if protocol in ORDER else ORDER.index("loso_script_disjoint")
