"""One corpus under one protocol, as a part of the HTML page."""

from html import escape

from mtser.evaluation.report import SYNTHETIC
from mtser.tables import words
from mtser.tables.layout import order_of, tables_of
from mtser.tables.page_details import DETAILS
from mtser.tables.page_parts import badge, code, items, paragraph
from mtser.tables.page_table import paper_table
from mtser.tables.report import Section


def contents(section: Section) -> dict[str, str]:
    """The parts of a section: anchor → heading."""
    parts = {f"table{table.number}": f"Table {table.number}" for table in tables_of(section)}
    rows = section.rows.values()
    if any(row.against for row in rows):
        parts["against"] = f"Against {section.reference}"
    if rows:
        parts |= {"recalls": "Recall of each class", "confusions": "Confusion matrices", "calibration": "Calibration"}
    if any(len(row.seeds) > 1 for row in rows):
        parts["seeds"] = "Seeds"
    if any(row.attributes for row in rows):
        parts["attributes"] = "Attributes"
    if section.incomplete:
        parts["incomplete"] = "Incomplete runs"
    return parts


def section_of_page(section: Section, anchor: str) -> str:
    """The whole section; ``anchor`` starts the names that links lead to."""
    parts = [f'<section aria-labelledby="{anchor}">', f'<h3 id="{anchor}">{escape(section.name)}{badge(section)}</h3>']
    if section.synthetic:
        parts.append(paragraph(SYNTHETIC, "synthetic"))
    parts.append(f'<div class="glance">{items(words.findings(section))}</div>')
    if section.rows:
        parts.append(paragraph(words.data(section)))
    if warnings := section.warnings():
        parts.append(f'<div class="warnings">{items(warnings)}</div>')
    parts += [paper_table(section, table, f"{anchor}-table{table.number}") for table in tables_of(section)]
    rows = order_of(section)
    for name, heading in contents(section).items():
        if name in DETAILS:
            heading = f'<h4 id="{anchor}-{name}">{escape(heading)}{badge(section)}</h4>'
            parts += [heading, DETAILS[name](section, rows)]
    if section.incomplete:
        parts.append(_incomplete(section, anchor))
    return "\n".join([*parts, "</section>\n"])


def _incomplete(section: Section, anchor: str) -> str:
    entries = "".join(f"<li>{code(str(one.folder))}: {escape(one.reason)}</li>" for one in section.incomplete)
    return f'<h4 id="{anchor}-incomplete">Incomplete runs</h4>\n<p>They are in no table.</p>\n<ul>{entries}</ul>'
