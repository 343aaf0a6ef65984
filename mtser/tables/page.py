"""The report as one HTML page that needs nothing else: no other file, no network, no script."""

from html import escape

from mtser.tables import words
from mtser.tables.calibration import DEFINITION
from mtser.tables.page_parts import badge, items
from mtser.tables.page_protocols import effect_of_protocols
from mtser.tables.page_section import contents, section_of_page
from mtser.tables.page_style import STYLE
from mtser.tables.paper import ABOUT, SOURCE
from mtser.tables.report import Report

# Even if a name of a run tried to smuggle something in, the browser would not load it.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def page(report: Report) -> str:
    """The whole page."""
    anchors = {section.name: f"s{i}" for i, section in enumerate(report.sections, 1)}
    parts = []
    for corpus, sections in report.corpora().items():
        parts.append(f"<h2>{escape(corpus)}</h2>")
        parts.append(effect_of_protocols(sections))
        parts += [section_of_page(section, anchors[section.name]) for section in sections]
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>{escape(", ".join(report.corpora()))}: emotion recognition results</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>Emotion recognition: {escape(", ".join(report.corpora()))}</h1>
{_at_a_glance(report, anchors)}
{_contents(report, anchors)}
</header>
<main>
{"".join(parts)}
{_how_to_read()}
</main>
</body>
</html>
"""


def _at_a_glance(report: Report, anchors: dict[str, str]) -> str:
    """The findings of all sections where there are several, and where speech is synthetic."""
    if len(report.sections) == 1:
        return ""  # they stand right below
    entries = []
    for section in report.sections:
        link = f'<a href="#{anchors[section.name]}"><strong>{escape(section.name)}</strong></a>{badge(section)}'
        entries.append(f"<li>{link}{items(words.findings(section))}</li>")
    return f'<div class="glance"><ul>{"".join(entries)}</ul></div>'


def _contents(report: Report, anchors: dict[str, str]) -> str:
    entries = []
    for section in report.sections:
        anchor = anchors[section.name]
        links = " ".join(f'<a href="#{anchor}-{part}">{name}</a>' for part, name in contents(section).items())
        entries.append(f'<li><a href="#{anchor}">{escape(section.name)}</a> {links}</li>')
    entries.append('<li><a href="#reading">How to read the numbers</a></li>')
    return f'<nav class="contents" aria-label="Contents"><ul>{"".join(entries)}</ul></nav>'


def _how_to_read() -> str:
    texts = {**words.HOW_TO_READ, "Calibration": DEFINITION, "The paper": f"{SOURCE}. {ABOUT}"}
    entries = "".join(f"<p><strong>{escape(name)}.</strong> {escape(text)}</p>" for name, text in texts.items())
    return f'<h2 id="reading">How to read the numbers</h2>\n{entries}'
