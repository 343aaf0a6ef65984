"""Table 1 and Table 2 as parts of the HTML page."""

from html import escape

from mtser.tables import words
from mtser.tables.layout import BEYOND, Line, Table
from mtser.tables.page_parts import (
    badge,
    body,
    box,
    cell,
    code,
    figures,
    items,
    mark,
    paragraph,
    picture,
    raw_cell,
    row,
    warnings_below,
    with_interval,
)
from mtser.tables.paper import ABOUT
from mtser.tables.pictures import draw_forest
from mtser.tables.report import Row, Section

_COLUMNS = ("WA", "UA", "seeds", "trained parameters", "training time")


def paper_table(section: Section, table: Table, anchor: str) -> str:
    """The table, what is to be said below it, and its two pictures."""
    name = f"Table {table.number}: {table.title}"
    parts = [
        f'<h4 id="{anchor}">{escape(name)}{badge(section)}</h4>',
        box(_table(section, table), f"{section.name}, {name}"),
        _notes(section, table),
    ]
    if rows := table.rows():
        drawn = [
            picture(
                draw_forest(
                    rows,
                    measure,
                    chance=section.chance[measure],
                    reference=section.reference,
                    n_beyond=sum(1 for line in table.beyond if line.row),
                    title=f"Table {table.number}: {words.NAMES[measure]}, 95 % over speakers",
                ),
                f"{words.NAMES[measure]} of {len(rows)} systems with intervals; the numbers stand in the table above.",
            )
            for measure in ("wa", "ua")
        ]
        parts.append(figures(drawn))
    return "\n".join(parts)


def _table(section: Section, table: Table) -> str:
    heads = "".join(f'<th scope="col">{one}</th>' for one in _COLUMNS)
    rows = [_row(section, line, table) for line in table.lines]
    if table.beyond:
        rows.append(f'<tr class="rule"><th colspan="8" scope="colgroup">{BEYOND}</th></tr>')
        rows += [_row(section, line, table) for line in table.beyond]
    return f"""<table>
<thead>
<tr><th rowspan="2" scope="col">system</th>
<th colspan="5" scope="colgroup" class="group">measured: {escape(section.name)}</th>
<th colspan="2" scope="colgroup" class="group paper first">the paper: IEMOCAP, other folds</th></tr>
<tr>{heads}<th scope="col" class="paper first">WA</th><th scope="col" class="paper">UA</th></tr>
</thead>
<tbody>
{body(rows)}
</tbody></table>"""


def _row(section: Section, line: Line, table: Table) -> str:
    head = f"{escape(line.label)}<br>{code(line.system)}" if line.label else code(line.system)
    wa, ua, doubt = (line.paper.wa, line.paper.ua, line.paper.mark) if line.paper else (None, None, "")
    cells = [cell(words.number(wa), "paper first"), cell(words.number(ua) + doubt, "paper")]
    if line.row is None:
        return row(head, [f'<td colspan="5" class="missing">{words.NOT_APPLICABLE}<sup>{line.note}</sup></td>', *cells])
    kind = "reference" if line.system == section.reference else ""
    return row(head, [*_measured(section, line.row), *cells], kind)


def _measured(section: Section, one: Row) -> list[str]:
    cells = []
    for name in ("wa", "ua"):
        measure = words.measured(one, name)
        value = f"<strong>{words.number(measure.value)}</strong>"
        if measure.std is not None:
            value += f' <span class="std">± {words.number(measure.std)}</span>'
        value += mark(words.tested_in(one.against, name), section.reference)
        cells.append(raw_cell(with_interval(value, words.interval(measure.ci95))))
    cells.append(f'<td title="seeds {words.seeds(one)}">{len(one.seeds)}</td>')
    return [*cells, cell(words.count(one.parameters)), cell(words.duration(one.seconds))]


def _notes(section: Section, table: Table) -> str:
    parts = [items([f"{words.NOT_APPLICABLE}: {note}" for note in table.notes], "ol")] if table.notes else []
    if legend := words.legend(section):
        parts.append(paragraph(legend))
    if models := words.pretrained(section, table.systems()):
        parts.append(paragraph(models))
    if table.absent:
        names = ", ".join(map(code, table.absent))
        parts.append(f"<p>{words.ABSENT}: {names}.</p>")
    parts.append(f"<p><strong>Not comparable:</strong> {escape(ABOUT)}</p>")
    return f'<div class="notes">{"".join(parts)}</div>\n{warnings_below(section.warnings(table.systems()))}'
