"""What protocols do to systems, as a part of the HTML page."""

from collections.abc import Sequence
from html import escape

from mtser.tables import words
from mtser.tables.page_parts import badge, box, cell, code, paragraph, picture, row, table, warnings_below
from mtser.tables.pictures import draw_protocols
from mtser.tables.protocols import effects
from mtser.tables.report import Section


def effect_of_protocols(sections: Sequence[Section]) -> str:
    """The picture that shows leakage and its numbers, for one corpus; nothing if it has one protocol."""
    effect = effects(sections)
    if effect is None:
        return ""
    heading = f"<h3>{escape(effect.corpus)}: what the protocol does to each system{badge(sections[0])}</h3>"
    if effect.refusal:
        return f'{heading}\n<div class="warnings">{paragraph(effect.refusal)}</div>'
    rows = [
        row(
            code(name),
            [*(cell(words.number(values.get(one))) for one in effect.protocols), cell(words.number(_range(values)))],
        )
        for name, values in effect.ua.items()
    ]
    drawn = picture(
        draw_protocols(effect, title="UA under each protocol"),
        f"UA of {len(effect.ua)} systems under {len(effect.protocols)} protocols; the numbers stand in the table.",
    )
    numbers = box(
        table(["UA", *map(code, effect.protocols), "largest − smallest"], rows),
        f"{effect.corpus}: UA under each protocol",
    )
    below = warnings_below(effect.warnings)
    return (
        f"{heading}\n{paragraph(effect.explanation)}\n"
        f'<div class="figures">{drawn}<div class="beside">{numbers}{below}</div></div>'
    )


def _range(values: dict[str, float]) -> float:
    return max(values.values()) - min(values.values())
