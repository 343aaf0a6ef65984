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
_MARK = "\ufeff"  # without it Excel takes UTF-8 for another encoding, and Müller for MÃ¼ller


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
    texts = {name: write(report) for name, write in WRITERS.items()}
    return [
        write_text(Path(folder) / name, _MARK + text if name.endswith(".csv") else text) for name, text in texts.items()
    ]
