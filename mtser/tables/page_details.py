"""What stands below the tables of a section: tests, classes, calibration, seeds, attributes."""

from collections.abc import Sequence
from html import escape

from mtser.tables import words
from mtser.tables.page_parts import (
    CLASSES,
    box,
    cell,
    code,
    figures,
    paragraph,
    picture,
    raw_cell,
    row,
    table,
    with_interval,
)
from mtser.tables.pictures import draw_reliability, draw_seeds
from mtser.tables.report import Row, Section

_FULL = (91, 163, 214)
"""The colour of a share of 1: dark letters keep a contrast of more than 5 on it, so all cells have the same ones."""


def against(section: Section, rows: Sequence[Row]) -> str:
    """Each system minus the reference, with intervals and tests."""
    tested = [one for one in rows if one.against is not None]
    single = any(one.against and one.against.mcnemar for one in tested)
    header = [f"system − {escape(section.reference)}"]
    for name in words.NAMES.values():
        header += [f"Δ{name}", "p (Holm)", ""]
    header += ["McNemar, WA: p (Holm)"] if single else []
    lines = []
    for one in tested:
        cells = []
        for measure in words.NAMES:
            found = words.tested_in(one.against, measure)
            assert found is not None
            cells += [
                raw_cell(with_interval(words.signed(found.value), words.signed_interval(found.ci95))),
                cell(words.p_value(found.holm)),
                cell(f"{words.mark(found)} {found.verdict}", f"verdict {CLASSES[found.verdict]}"),
            ]
        if single:
            p = one.against.mcnemar if one.against else None
            cells.append(cell(words.p_value(p[1]) if p else words.DASH))
        lines.append(row(code(one.system), cells))
    return box(table(header, lines), f"{section.name}, against {section.reference}") + paragraph(
        words.legend(section), "notes"
    )


def recalls(section: Section, rows: Sequence[Row]) -> str:
    """The recall of each class by each system."""
    lines = [
        row(code(one.system), [_heat(words.number(value), value) for value in one.recall.tolist()]) for one in rows
    ]
    header = [f"{escape(name)}<br><small>{n}</small>" for name, n in zip(section.classes, section.support, strict=True)]
    said = "All seeds together; below each class its tested utterances."
    return paragraph(said, "notes") + box(table(["system", *header], lines), f"{section.name}, recall of each class")


def confusions(section: Section, rows: Sequence[Row]) -> str:
    """A matrix a system."""
    said = "Rows are the true classes, columns the answers. Share of the row, below it the number, mean over seeds."
    wide = " wide" if len(section.classes) > 5 else ""
    cards = "\n".join(_confusion(section, one) for one in rows)
    return f'{paragraph(said)}\n<div class="matrices{wide}">\n{cards}\n</div>'


def _confusion(section: Section, one: Row) -> str:
    lines = []
    for name, counts in zip(section.classes, one.confusion.tolist(), strict=True):
        total = sum(counts)
        cells = [
            _heat(f"{100 * n / total:.0f} %" if total else words.DASH, n / total if total else 0.0, words.mean_count(n))
            for n in counts
        ]
        lines.append(row(escape(name), cells))
    header = ["true", *map(escape, section.classes)]
    label = f"{section.name}, confusion matrix of {one.system}"
    return f"<div><h5>{code(one.system)}</h5>\n{box(table(header, lines), label)}</div>"


def _heat(text: str, share: float, below: str = "") -> str:
    """A cell whose colour tells a share from 0 to 1."""
    shade = 0.0 if share != share else min(max(share, 0.0), 1.0)
    red, green, blue = (round(255 + shade * (end - 255)) for end in _FULL)
    small = f"<small>{escape(below)}</small>" if below else ""
    return raw_cell(f"{escape(text)}{small}", "heat", f"background:rgb({red},{green},{blue})")


def calibration(section: Section, rows: Sequence[Row]) -> str:
    """Reliability diagrams and the expected calibration error."""
    lines = [
        row(
            code(one.system),
            [
                cell(words.number(one.calibration.ece)),
                cell(words.each_seed(one)),
                cell(words.signed(one.calibration.overconfidence)),
            ],
        )
        for one in rows
    ]
    header = ["system", "ECE", "ECE of each seed", "mean confidence<br>− accuracy"]
    said = "ECE: 0 is perfect. Last column: + too sure, − not sure enough. Definition: at the end of the page."
    numbers = paragraph(said, "notes") + box(table(header, lines), f"{section.name}, calibration")
    drawn = picture(
        draw_reliability(rows, title="Reliability"),
        f"Reliability diagrams of {len(rows)} systems; their errors stand in the table.",
        "Points: share of right answers at each confidence, larger where there are more answers; dashed: perfect; grey "
        "bars: share of all answers.",
    )
    return f'<div class="figures">{drawn}<div class="beside">{numbers}</div></div>'


def seeds(section: Section, rows: Sequence[Row]) -> str:
    """How far seeds lie apart."""
    rows = [one for one in rows if one.ensemble_of is None]
    return figures(
        picture(
            draw_seeds(rows, measure, reference=section.reference, title=f"{name} of each seed"),
            f"{name} of each seed of {len(rows)} systems; mean and deviation stand in the tables above.",
        )
        for measure, name in words.NAMES.items()
    )


def attributes(section: Section, rows: Sequence[Row]) -> str:
    """The concordance correlation of attributes."""
    lines = [
        row(code(one.system), [cell(name), cell(words.number(ccc)), cell(n)])
        for one in rows
        for name, (ccc, n) in one.attributes.items()
    ]
    said = "CCC, concordance correlation coefficient: 1 is perfect, 0 is chance; mean over seeds."
    numbers = table(["system", "attribute", "CCC", "utterances"], lines)
    return paragraph(said, "notes") + box(numbers, f"{section.name}, attributes")


DETAILS = {
    "against": against,
    "recalls": recalls,
    "confusions": confusions,
    "calibration": calibration,
    "seeds": seeds,
    "attributes": attributes,
}
"""Anchor → what writes the part."""
