"""Which system stands where: the rows of Table 1 and Table 2, and what the paper does not have below a rule."""

from dataclasses import dataclass

from mtser.tables.paper import TABLES, PaperRow, PaperTable
from mtser.tables.report import Row, Section

BEYOND = "beyond the paper"


@dataclass(frozen=True, eq=False)
class Line:
    """A row as it is shown.

    Parameters
    ----------
    system, label
        The folder's name, and what the paper calls it ("" beyond the paper).
    paper
        The paper's row, if it has one.
    row
        The result; None if the system is not applicable.
    note
        The number of the footnote with the reason, from 1; None with a result.
    """

    system: str
    label: str
    paper: PaperRow | None
    row: Row | None
    note: int | None


@dataclass(frozen=True, eq=False)
class Table:
    """A table of the paper with this section's results.

    Parameters
    ----------
    number, title
        As in :class:`PaperTable`.
    lines
        The paper's systems, in its order; below each the ensemble of its seeds, if it has several.
    beyond
        Other systems, by name.
    notes
        Footnotes: why a system is not applicable.
    absent
        Systems of the paper's table without any run here.
    """

    number: int
    title: str
    lines: tuple[Line, ...]
    beyond: tuple[Line, ...]
    notes: tuple[str, ...]
    absent: tuple[str, ...]

    def rows(self) -> list[Row]:
        """All results, in the order of the table."""
        return [line.row for line in (*self.lines, *self.beyond) if line.row is not None]

    def systems(self) -> set[str]:
        """The names of those with results."""
        return {row.system for row in self.rows()}


def tables_of(section: Section) -> tuple[Table, ...]:
    """Table 1 and Table 2 of a section; a table none of whose own systems has been run is left out.

    A run counts as the paper's system if its folder and its YAML have the paper's name; after ``--run_name`` it is
    beyond the paper, whatever the name.
    """
    known = {row.system for table in TABLES for row in table.rows}
    single = {name: row for name, row in section.rows.items() if row.ensemble_of is None}
    names = [*single, *section.not_applicable]
    foreign = {name for name, row in single.items() if row.origin != name}
    beyond = sorted(name for name in names if name not in known or name in foreign)
    mine = [[row for row in table.rows if row.system in names and row.system not in foreign] for table in TABLES]
    own = [any(row.system != "full" for row in rows) for rows in mine]
    # Table 1 takes in what the paper does not have; full alone stands there, too.
    wanted = [own[0] or bool(beyond) or not own[1], own[1]]
    return tuple(
        _table(section, table, rows, beyond if table.number == 1 else [])
        for table, rows, asked in zip(TABLES, mine, wanted, strict=True)
        if asked and (rows or beyond)
    )


def _table(section: Section, table: PaperTable, rows: list[PaperRow], beyond: list[str]) -> Table:
    notes: list[str] = []

    def line(system: str, paper: PaperRow | None) -> Line:
        row = section.rows.get(system)
        note = None
        if row is None:
            reason = section.not_applicable[system]
            if reason not in notes:
                notes.append(reason)
            note = notes.index(reason) + 1
        return Line(system, paper.label if paper else "", paper, row, note)

    def with_ensemble(first: Line) -> list[Line]:
        averaged = [row for row in section.rows.values() if row.ensemble_of == first.system]
        return [first, *(Line(row.system, "", None, row, None) for row in averaged)]

    return Table(
        number=table.number,
        title=table.title,
        lines=tuple(one for row in rows for one in with_ensemble(line(row.system, row))),
        beyond=tuple(one for name in beyond for one in with_ensemble(line(name, None))),
        notes=tuple(notes),
        absent=tuple(row.system for row in table.rows if row not in rows),
    )


def order_of(section: Section) -> list[Row]:
    """All results of a section, each once: the paper's, Table 1 before Table 2, then the others."""
    tables = tables_of(section)
    lines = [line for table in tables for line in table.lines] + [line for table in tables for line in table.beyond]
    return list({line.system: line.row for line in lines if line.row is not None}.values())
