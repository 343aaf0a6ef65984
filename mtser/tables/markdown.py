"""The report as Markdown."""

from collections.abc import Iterable, Sequence

from mtser.evaluation.report import SYNTHETIC
from mtser.tables import words
from mtser.tables.calibration import DEFINITION
from mtser.tables.layout import BEYOND, Line, Table, order_of, tables_of
from mtser.tables.paper import ABOUT, DOUBTFUL, SOURCE
from mtser.tables.protocols import Effect, effects
from mtser.tables.report import Report, Section

_MEASURES = ("wa", "ua")


def markdown(report: Report) -> str:
    """The whole report; the tables of every section, no pictures."""
    lines = ["# Results", ""]
    if len(report.sections) > 1:  # else they stand right below
        lines += [f"- **{_escaped(one.name)}**: {_escaped(' '.join(words.findings(one)))}" for one in report.sections]
        lines.append("")
    for sections in report.corpora().values():
        lines += _effect(effects(sections))
        for section in sections:
            lines += _section(section)
    lines += ["## How to read the numbers", ""]
    lines += [f"- **{name}**: {_escaped(text)}" for name, text in words.HOW_TO_READ.items()]
    lines += [f"- **Calibration**: {_escaped(DEFINITION)}", f"- **The paper**: {SOURCE}. {ABOUT}"]
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section) -> list[str]:
    lines = [f"## {_escaped(section.name)}", ""]
    if section.synthetic:
        lines += [f"> **{SYNTHETIC}**", ""]
    lines += [_escaped(" ".join(words.findings(section))), ""]
    if section.rows:
        lines += [_escaped(words.data(section)), ""]
    for table in tables_of(section):
        lines += _paper_table(section, table)
    lines += _against(section)
    if section.rows:
        lines += _recalls(section) + _confusions(section) + _calibration(section) + _attributes(section)
    if section.incomplete:
        lines += ["### Incomplete runs, not in the tables", ""]
        lines += [f"- `{one.folder}`: {_escaped(one.reason)}" for one in section.incomplete]
        lines.append("")
    return lines


def _paper_table(section: Section, table: Table) -> list[str]:
    header = ["system", "WA", "95 % interval", "UA", "95 % interval", "seeds", "trained parameters", "training"]
    header += ["*paper, IEMOCAP: WA*", "*paper, IEMOCAP: UA*"]
    rows: list[Sequence[object]] = [_line(line) for line in table.lines]
    if table.beyond:
        rows.append([f"*{BEYOND}*", *[""] * (len(header) - 1)])
        rows += [_line(line) for line in table.beyond]
    lines = [f"### {_escaped(section.name)}: Table {table.number}, {_escaped(table.title)}", ""]
    if section.synthetic:
        lines += ["**Synthetic speech: no result about people.**", ""]
    lines += [*_table(header, rows)]
    lines += [f"{i}. {words.NOT_APPLICABLE}: {_escaped(note)}" for i, note in enumerate(table.notes, 1)]
    lines += [""] if table.notes else []
    if legend := words.legend(section):
        lines += [legend, ""]
    if models := words.pretrained(section, table.systems()):
        lines += [_escaped(models), ""]
    if table.absent:
        names = ", ".join(f"`{name}`" for name in table.absent)
        lines += [f"{words.ABSENT}: {names}.", ""]
    lines += [f"- ⚠ {_escaped(warning)}" for warning in section.warnings(table.systems())]
    return [*lines, f"- The columns *paper* are of another experiment ({DOUBTFUL}: a doubtful UA), see the end.", ""]


def _line(line: Line) -> list[str]:
    name = f"{_escaped(line.label)} (`{line.system}`)" if line.label else f"`{line.system}`"
    paper = [words.DASH] * 2
    if line.paper:
        paper = [f"*{words.number(line.paper.wa)}*", f"*{words.number(line.paper.ua)}*{line.paper.mark}"]
    row = line.row
    if row is None:
        return [name, f"{words.NOT_APPLICABLE} ({line.note})", *[""] * 6, *paper]
    cells = [name]
    for measure in _MEASURES:
        one = words.measured(row, measure)
        mark = words.mark(words.tested_in(row.against, measure))
        cells += [f"{words.spread(one.per_seed)} {mark}".rstrip(), words.interval(one.ci95)]
    return [*cells, str(len(row.seeds)), words.count(row.parameters), words.duration(row.seconds), *paper]


def _against(section: Section) -> list[str]:
    rows = [row for row in order_of(section) if row.against is not None]
    if not rows:
        return []
    single = any(row.against and row.against.mcnemar for row in rows)
    header = ["system"]
    for measure in _MEASURES:
        header += [f"Δ{words.NAMES[measure]}", "95 % interval", "p (Holm)", ""]
    cells = []
    for row in rows:
        one = [f"`{row.system}`"]
        for measure in _MEASURES:
            tested = words.tested_in(row.against, measure)
            assert tested is not None
            one += [words.signed(tested.value), words.signed_interval(tested.ci95), words.p_value(tested.holm)]
            one.append(f"{words.mark(tested)} {tested.verdict}")
        if single:
            mcnemar = row.against.mcnemar if row.against else None
            one.append(words.p_value(mcnemar[1]) if mcnemar else words.DASH)
        cells.append(one)
    header += ["McNemar p of WA (Holm)"] if single else []
    return [f"### {_escaped(section.name)}: against `{section.reference}`", "", *_table(header, cells)]


def _recalls(section: Section) -> list[str]:
    rows = [[f"`{row.system}`", *map(words.number, row.recall)] for row in order_of(section)]
    return [
        f"### {_escaped(section.name)}: recall of each class",
        "",
        *_table(["system", *map(_escaped, section.classes)], rows),
    ]


def _confusions(section: Section) -> list[str]:
    lines = [
        f"### {_escaped(section.name)}: confusion matrices",
        "",
        "Rows are the true classes, columns the answers: share of the row, mean number over seeds.",
        "",
    ]
    for row in order_of(section):
        cells = [
            [f"**{_escaped(name)}**", *(_cell(n, sum(counts)) for n in counts)]
            for name, counts in zip(section.classes, row.confusion.tolist(), strict=True)
        ]
        lines += _table([f"`{row.system}`", *map(_escaped, section.classes)], cells)
    return lines


def _cell(n: float, total: float) -> str:
    return f"{100 * n / total:.0f} % ({words.mean_count(n)})" if total else words.DASH


def _calibration(section: Section) -> list[str]:
    rows = [
        [f"`{row.system}`", words.number(one.ece), words.each_seed(row), words.signed(one.overconfidence)]
        for row in order_of(section)
        for one in (row.calibration,)
    ]
    header = ["system", "ECE", "ECE of each seed", "confidence − accuracy"]
    return [f"### {_escaped(section.name)}: calibration", "", *_table(header, rows)]


def _attributes(section: Section) -> list[str]:
    rows = [
        [f"`{row.system}`", _escaped(name), words.number(ccc), n]
        for row in order_of(section)
        for name, (ccc, n) in row.attributes.items()
    ]
    if not rows:
        return []
    header = ["system", "attribute", "concordance correlation", "utterances"]
    return [f"### {_escaped(section.name)}: attributes", "", *_table(header, rows)]


def _effect(effect: Effect | None) -> list[str]:
    if effect is None:
        return []
    lines = [f"## {_escaped(effect.corpus)}: what the protocol does to each system", ""]
    if effect.refusal:
        return [*lines, _escaped(effect.refusal), ""]
    header = ["system: UA", *(f"`{name}`" for name in effect.protocols), "largest − smallest"]
    rows = [
        [f"`{name}`", *(words.number(values.get(one)) for one in effect.protocols), words.number(_range(values))]
        for name, values in effect.ua.items()
    ]
    return [*lines, *_table(header, rows), _escaped(effect.explanation), ""]


def _range(values: dict[str, float]) -> float | None:
    return max(values.values()) - min(values.values()) if len(values) > 1 else None


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table; the first column to the left, the others to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines] + [""]


def _escaped(text: str) -> str:
    """Text of other people (names, reasons) that cannot break a table or start markup."""
    for letter in "\\|*_<>`[]":
        text = text.replace(letter, "\\" + letter)
    return " ".join(text.split())
