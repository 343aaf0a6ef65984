r"""Table 1 and Table 2 of all sections as LaTeX, to be read by ``\input``; the preamble needs booktabs and graphicx.

What pdfLaTeX can print was tried letter by letter (TeX Live 2022): all up to U+017F but a few, some of them in the
encoding T1 alone.
"""

from mtser.tables import words
from mtser.tables.layout import BEYOND, Line, Table, tables_of
from mtser.tables.paper import ABOUT, SOURCE
from mtser.tables.report import Report, Section

_ESCAPES = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", "–": "--", "−": "$-$", "±": r"$\pm$", "·": r"\textperiodcentered{}",
    "“": "``", "”": "''", "’": "'", "…": r"\dots{}", "Δ": r"$\Delta$", "→": r"$\rightarrow$", "×": r"$\times$",
    "[": "{[}", "*": "{*}",  # behind a line break they would be its options
    "≤": r"$\leq$", "≥": r"$\geq$", "≈": r"$\approx$",
    "†": r"\dag{}", "▲": r"$\uparrow$", "▼": r"$\downarrow$", "○": r"$\circ$",
}  # fmt: skip
_N_COLUMNS = 10
_LAST_LATIN = "\u017f"
_UNKNOWN_LATIN = "ĦħĸĿŀŉŦŧſ"
_OF_T1 = "«»ÐÞðþĄąĐđĘęĮįŊŋŲų"


def latex(report: Report) -> str:
    """The tables of all sections, one floating table each."""
    lines = [
        r"% Made by mtser report. In the preamble: \usepackage{booktabs,graphicx}",
        r"% In the text: \input{tables.tex}",
    ]
    for section in report.sections:
        tables = tables_of(section)
        for table in tables:
            lines += ["", *_table(section, table)]
        if not tables:
            said = (f"{section.corpus}, protocol {section.protocol}: no table.", *_absent(section))
            lines += ["", *(f"% {' '.join(text.split())}" for text in said)]
    letters = {letter for line in lines for letter in line}
    if any(letter > _LAST_LATIN or letter in _UNKNOWN_LATIN for letter in letters):
        lines.insert(2, "% It holds letters of other scripts: use xelatex or lualatex, and a font that has them.")
    elif letters.intersection(_OF_T1):
        lines.insert(1, r"% With pdflatex also: \usepackage[T1]{fontenc}")
    return "\n".join(lines) + "\n"


def escaped(text: str) -> str:
    r"""Text that LaTeX prints as it stands.

    Example
    -------
    >>> print(escaped("mi_mt_wr & 5 %"))
    mi\_mt\_wr \& 5 \%
    """
    return "".join(_ESCAPES.get(letter, letter) for letter in " ".join(text.split()))


def _table(section: Section, table: Table) -> list[str]:
    lines = [
        r"\begin{table*}",  # over both columns, where there are two
        r"\centering",
        rf"\caption{{{_caption(section, table)}}}",
        rf"\label{{tab:{_label(section, table)}}}",
        r"\scriptsize",
        r"\setlength{\tabcolsep}{3pt}",
        r"\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%",  # smaller only where it is too wide
        r"\begin{tabular}{@{}lllllrrrcc@{}}",
        r"\toprule",
        r" & \multicolumn{7}{c}{measured} & \multicolumn{2}{c}{\emph{paper (IEMOCAP)}} \\",
        r"\cmidrule(lr){2-8}\cmidrule(l){9-10}",
        r"system & WA & 95\,\% int. & UA & 95\,\% int. & seeds & trained par. & training & \emph{WA} & \emph{UA} \\",
        r"\midrule",
        *(_line(line, table) for line in table.lines),
    ]
    if table.beyond:
        lines += [r"\midrule"] if table.lines else []
        lines += [rf"\multicolumn{{{_N_COLUMNS}}}{{@{{}}l}}{{\emph{{{BEYOND}}}}} \\"]
        lines += [_line(line, table) for line in table.beyond]
    lines += [r"\bottomrule", r"\end{tabular}}", r"\par\smallskip", r"\begin{minipage}{\linewidth}\scriptsize"]
    notes = [f"$^{{{i}}}$~{words.NOT_APPLICABLE}: {escaped(note)}" for i, note in enumerate(table.notes, 1)]
    warnings = section.warnings(table.systems())
    told = (*_absent(section, table), words.legend(section), words.pretrained(section, table.systems()), *warnings)
    notes += [escaped(text) for text in told if text]
    notes.append(escaped(f"{ABOUT} Source: {SOURCE}."))
    return [*lines, " \\\\{}\n".join(notes), r"\end{minipage}", r"\end{table*}"]


def _absent(section: Section, table: Table | None = None) -> list[str]:
    """Which systems the table does not have, though the paper has them or they were begun."""
    notes = [f"{words.ABSENT}: {', '.join(table.absent)}."] if table and table.absent else []
    if section.incomplete:
        runs = (f"{one.place.system}, seed {one.place.seed} ({one.reason})" for one in section.incomplete)
        notes.append(f"Incomplete, in no table: {'; '.join(runs)}.")
    return notes


def _caption(section: Section, table: Table) -> str:
    """The title; synthetic speech is named there, where no reader can miss it."""
    said = "Synthetic speech, no result about people. " if section.synthetic else ""
    return escaped(f"{said}{section.corpus}, protocol {section.protocol}: {table.title} (Table {table.number}).")


def _label(section: Section, table: Table) -> str:
    """A label of letters, digits and hyphens."""
    name = f"{section.corpus}-{section.protocol}-{table.number}"
    return "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name)


def _line(line: Line, table: Table) -> str:
    name = escaped(_name(line, table))
    paper = [_short(line.paper.wa), _short(line.paper.ua) + line.paper.mark] if line.paper else [words.DASH] * 2
    row = line.row
    if row is None:
        cells = [name, rf"\multicolumn{{7}}{{l}}{{{words.NOT_APPLICABLE}$^{{{line.note}}}$}}"]
    else:
        cells = [name]
        for measure in ("wa", "ua"):
            one = words.measured(row, measure)
            mark = words.mark(words.tested_in(row.against, measure))
            value = _short(one.value) + (f" ± {_short(one.std)}" if one.std is not None else "")
            ends = words.DASH if one.ci95 is None else f"{_short(one.ci95[0])}–{_short(one.ci95[1])}"
            cells += [escaped(f"{value} {mark}".rstrip()), escaped(ends)]
        time = escaped(words.duration(row.seconds))
        cells += [str(len(row.seeds)), words.count(row.parameters, r"\,").replace(words.DASH, "--"), time]
    return " & ".join([*cells, *(rf"\emph{{{escaped(one)}}}" for one in paper)]) + r" \\"


def _name(line: Line, table: Table) -> str:
    """As the paper calls it and as it is called elsewhere; of an ensemble, whose it is."""
    of = line.row.ensemble_of if line.row else None
    label = next((one.label for one in table.lines if one.system == (of or line.system)), "")
    if of and line.row:
        return f"{label or of}, ensemble of {len(line.row.seeds)} seeds"
    return f"{label} ({line.system})" if label else line.system


def _short(value: float) -> str:
    """Three decimals without the zero before them: pages are narrow."""
    text = words.number(value)
    return text.removeprefix("0") if text != words.DASH else text
