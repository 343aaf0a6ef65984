"""Pieces of the HTML page: tables that scroll in their own box, pictures, lists. Everything is a text."""

import base64
from collections.abc import Iterable, Sequence
from html import escape

from mtser.tables import words
from mtser.tables.report import Contrast, Section

CLASSES = {"better": "better", "worse": "worse", "no difference shown": "same"}


def box(table: str, label: str) -> str:
    """A table in a box of its own: where it is too wide, the box scrolls and not the page.

    The box can be reached by keyboard, and a screen reader calls it ``label``.
    """
    return f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(label)}">\n{table}\n</div>'


def table(header: Sequence[str], rows: Iterable[str]) -> str:
    """A table with one line of headers."""
    heads = "".join(f'<th scope="col">{one}</th>' for one in header)
    return f"<table><thead><tr>{heads}</tr></thead>\n<tbody>\n{body(rows)}\n</tbody></table>"


def body(rows: Iterable[str]) -> str:
    """Rows one below the other."""
    return "\n".join(rows)


def row(head: str, cells: Iterable[str], kind: str = "") -> str:
    """A row of a table; ``cells`` are whole ``<td>`` elements."""
    attribute = f' class="{kind}"' if kind else ""
    return f'<tr{attribute}><th scope="row">{head}</th>{"".join(cells)}</tr>'


def cell(text: object, kind: str = "", style: str = "") -> str:
    """A cell; its text is escaped."""
    return raw_cell(escape(str(text)), kind, style)


def raw_cell(content: str, kind: str = "", style: str = "") -> str:
    """A cell of HTML."""
    attributes = (f' class="{kind}"' if kind else "") + (f' style="{style}"' if style else "")
    return f"<td{attributes}>{content}</td>"


def code(text: str) -> str:
    """A name as it stands in folders; it may break after an underscore."""
    return f"<code>{escape(text).replace('_', '_<wbr>')}</code>"


def mark(tested: Contrast | None, reference: str) -> str:
    """The sign of a test, with words for those who do not see it."""
    if tested is None:
        return ' <span class="mark"></span>'
    p = escape(f"against {reference}: {tested.verdict} ({words.p_is(tested)})")
    kind = CLASSES[tested.verdict]
    return f' <span class="mark {kind}" role="img" aria-label="{p}" title="{p}">{words.mark(tested)}</span>'


def with_interval(value: str, ends: str) -> str:
    """A number with its interval below."""
    return f'{value}<span class="ci">{escape(ends)}</span>'


def picture(svg: str, alt: str, caption: str = "") -> str:
    """A picture that is part of the page."""
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    said = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure><img src="data:image/svg+xml;base64,{data}" alt="{escape(alt)}">{said}</figure>'


def figures(pictures: Iterable[str]) -> str:
    """Pictures beside each other where there is room."""
    return f'<div class="figures">\n{body(pictures)}\n</div>'


def items(texts: Iterable[str], kind: str = "ul") -> str:
    """A list; its entries are escaped."""
    return f"<{kind}>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</{kind}>"


def paragraph(text: str, kind: str = "") -> str:
    """A paragraph; its text is escaped."""
    attribute = f' class="{kind}"' if kind else ""
    return f"<p{attribute}>{escape(text)}</p>"


def badge(section: Section) -> str:
    """Beside every heading over numbers on synthetic speech."""
    return '<span class="badge">synthetic speech</span>' if section.synthetic else ""


def warnings_below(warnings: Iterable[str]) -> str:
    """The warnings once more, small, below a table."""
    return f'<div class="notes">{"".join(paragraph(f"⚠ {warning}") for warning in warnings)}</div>'
