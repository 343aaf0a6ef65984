"""Table 1 and Table 2 of all sections as one CSV file: a line a row, for other programs.

Systems without a result have a line, too.
"""

import csv
import io
from collections.abc import Iterator

from mtser.tables import words
from mtser.tables.layout import BEYOND, Line, tables_of
from mtser.tables.paper import TABLES, PaperRow
from mtser.tables.report import Measure, Report, Section

COLUMNS = (
    "corpus", "protocol", "table", "group", "system", "label", "ensemble_of", "status", "synthetic", "seeds",
    "utterances", "speakers",
    "wa", "wa_low", "wa_high", "wa_std", "ua", "ua_low", "ua_high", "ua_std", "parameters", "training_seconds", "ece",
    "reference", "wa_difference", "wa_p", "wa_p_holm", "wa_verdict", "ua_difference", "ua_p", "ua_p_holm", "ua_verdict",
    "mcnemar_p", "mcnemar_p_holm", "paper_wa", "paper_ua", "paper_ua_doubtful",
    "pretrained",
)  # fmt: skip
"""``status`` is "complete", or else why there are no numbers: "not applicable: …", "incomplete: …" (of the seed that
``seeds`` tells) or "no complete run"; what does not exist is empty. ``ensemble_of`` is the system whose seeds are
averaged in a row, ``pretrained`` names the pretrained models."""
_PAPER = "paper"


def flat(report: Report) -> str:
    """The CSV text, with a header; numbers in full precision."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="")
    writer.writeheader()
    for section in report.sections:
        begun = {one.place.system for one in section.incomplete}
        for table in tables_of(section):
            for group, lines in ((_PAPER, table.lines), (BEYOND, table.beyond)):
                writer.writerows(_record(section, table.number, group, line) for line in lines)
            rows = (row for one in TABLES if one.number == table.number for row in one.rows)
            absent = [_empty(row) for row in rows if row.system in table.absent and row.system not in begun]
            writer.writerows(_named(section, table.number, _PAPER, line, "no complete run") for line in absent)
        writer.writerows(_incomplete(section))
    return text.getvalue()


def _incomplete(section: Section) -> Iterator[dict[str, object]]:
    """Runs without a whole result, in the tables of the paper that have the system, else in Table 1."""
    for left in section.incomplete:
        system, status = left.place.system, f"incomplete: {left.reason}"
        own = [(table.number, _PAPER, _empty(row)) for table in TABLES for row in table.rows if row.system == system]
        for number, group, line in own or [(TABLES[0].number, BEYOND, Line(system, "", None, None, None))]:
            yield _named(section, number, group, line, status) | {"seeds": left.place.seed}


def _empty(row: PaperRow) -> Line:
    return Line(row.system, row.label, row, None, None)


def _named(section: Section, table: int, group: str, line: Line, status: str) -> dict[str, object]:
    """What a row has without a result."""
    record: dict[str, object] = {
        "corpus": section.corpus,
        "protocol": section.protocol,
        "table": table,
        "group": group,
        "system": line.system,
        "label": line.label,
        "status": status,
    }
    if line.paper:
        doubtful = "yes" if line.paper.is_doubtful else "no"
        record |= {"paper_wa": line.paper.wa, "paper_ua": line.paper.ua, "paper_ua_doubtful": doubtful}
    return record


def _record(section: Section, table: int, group: str, line: Line) -> dict[str, object]:
    status = "complete" if line.row else f"{words.NOT_APPLICABLE}: {section.not_applicable[line.system]}"
    record = _named(section, table, group, line, status)
    row = line.row
    if row is None:
        return record
    record |= {
        "ensemble_of": row.ensemble_of,
        "synthetic": "yes" if section.synthetic else "no",
        "seeds": " ".join(map(str, row.seeds)),
        "utterances": sum(section.support),
        "speakers": section.n_speakers,
        "parameters": row.parameters,
        "pretrained": " ".join(row.pretrained),
        "training_seconds": row.seconds,
        "ece": row.calibration.ece,
        "reference": section.reference,
        **_measure("wa", row.wa),
        **_measure("ua", row.ua),
    }
    for measure in ("wa", "ua"):
        if tested := words.tested_in(row.against, measure):
            values = (tested.value, tested.p, tested.holm, tested.verdict)
            names = (f"{measure}_{name}" for name in ("difference", "p", "p_holm", "verdict"))
            record |= dict(zip(names, values, strict=True))
    if row.against and row.against.mcnemar:
        record |= dict(zip(("mcnemar_p", "mcnemar_p_holm"), row.against.mcnemar, strict=True))
    return record


def _measure(name: str, measure: Measure) -> dict[str, object]:
    low, high = measure.ci95 or (None, None)
    return {name: measure.value, f"{name}_low": low, f"{name}_high": high, f"{name}_std": measure.std}
