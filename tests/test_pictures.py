"""Texts in pictures: letters of other scripts, and what fits."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure

from mtser import pictures
from mtser.pictures import n_columns, save_png, shortened, svg

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a font that has the given letters, each a square, and no other; at first there is none but DejaVu."""
    own = [one for one in font_manager.fontManager.ttflist if one.name.startswith("DejaVu Sans")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    pictures._fonts_with.cache_clear()

    def add(name: str, letters: str) -> None:
        pen = TTGlyphPen(None)
        pen.moveTo((100, 0))
        for point in ((100, 800), (900, 800), (900, 0)):
            pen.lineTo(point)
        pen.closePath()
        names = [".notdef", *(f"u{ord(letter):x}" for letter in letters)]
        builder = FontBuilder(1000, isTTF=True)
        builder.setupGlyphOrder(names)
        builder.setupCharacterMap({ord(letter): f"u{ord(letter):x}" for letter in letters})
        builder.setupGlyf({one: pen.glyph() for one in names})
        builder.setupHorizontalMetrics({one: (1000, 100) for one in names})
        builder.setupHorizontalHeader(ascent=800, descent=-200)
        builder.setupNameTable({"familyName": name, "styleName": "Regular"})
        builder.setupOS2()
        builder.setupPost()
        builder.save(tmp_path / f"{name}.ttf")
        font_manager.fontManager.addfont(str(tmp_path / f"{name}.ttf"))

    yield add
    pictures._fonts_with.cache_clear()


def with_title(title: str) -> Figure:
    figure = Figure((3, 1))
    figure.text(0.1, 0.5, title)
    return figure


def test_other_scripts_are_drawn_in_fonts_that_have_them(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高兴悲")
    install("Toy Little", "高")
    install("Toy Ethiopic", "ሰላ")
    figure = with_title("高兴 ሰላ happy")
    figure.text(0.1, 0.1, "plain")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        save_png(figure, tmp_path / "a.png")
        assert "</svg>" in svg(figure)
    drawn, plain = ({name for name in text.get_fontfamily() if name.startswith("Toy")} for text in figure.texts)
    assert drawn == {"Toy Han", "Toy Ethiopic"} and not plain


def test_letters_that_no_font_has_are_told_once(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高兴")
    with pytest.warns(UserWarning) as told:
        save_png(with_title("高兴悲伤"), tmp_path / "a.png")
    (only,) = told
    assert "no installed font has 伤悲: there are boxes in the pictures. Install one" in str(only.message)


def test_a_font_that_was_taken_away_is_passed_over(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高")
    (tmp_path / "Toy Han.ttf").unlink()
    with pytest.warns(UserWarning, match="no installed font has 高"):
        save_png(with_title("高"), tmp_path / "a.png")


def test_the_same_bytes_for_the_same_picture(tmp_path: Path) -> None:
    first, second = (save_png(with_title("é α"), tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second
    assert svg(with_title("é α")) == svg(with_title("é α"))


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("full", 24, "full"),
        ("x" * 60, 24, "x" * 23 + "…"),
        ("高兴悲伤", 8, "高兴悲伤"),
        ("高兴悲伤", 7, "高兴悲…"),
        ("高兴悲伤", 6, "高兴…"),
        ("高兴", 1, "高…"),
        ("", 3, ""),
    ],
)
def test_what_does_not_fit_is_cut(text: str, longest: int, expected: str) -> None:
    assert shortened(text, longest) == expected
    assert n_columns(expected) <= max(longest, 3)
