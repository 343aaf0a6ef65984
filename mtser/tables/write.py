"""A report as files: HTML, Markdown, CSV and LaTeX."""

from pathlib import Path

from mtser.files import write_text
from mtser.tables.flat import flat
from mtser.tables.latex import latex
from mtser.tables.markdown import markdown
from mtser.tables.page import page
from mtser.tables.report import Report
from mtser.unfinished import remove_leftovers

WRITERS = {"report.html": page, "report.md": markdown, "tables.csv": flat, "tables.tex": latex}
"""File → what writes its text."""


def write_report(report: Report, folder: str | Path) -> list[Path]:
    """Write all files, atomically; those of an earlier report are replaced.

    Parameters
    ----------
    report
        Of :func:`mtser.tables.make.make_report`.
    folder
        It is made if it is missing.
    """
    for name in WRITERS:
        remove_leftovers(Path(folder), name)
    return [write_text(Path(folder) / name, write(report)) for name, write in WRITERS.items()]
