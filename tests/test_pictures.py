"""Texts in pictures: letters of other scripts, and what fits."""

import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from matplotlib import font_manager
from matplotlib.figure import Figure

from mtser import pictures
from mtser.pictures import columns_of, save_png, shortened, svg

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Install a font that has the given letters, each a square, and no other; at first there is none but DejaVu."""
    own = [one for one in font_manager.fontManager.ttflist if one.name.startswith("DejaVu Sans")]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(pictures, "_family_of", {})
    monkeypatch.setattr(pictures, "_told", set())

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

    return add


def with_title(title: str) -> Figure:
    figure = Figure((3, 1))
    figure.text(0.1, 0.5, title)
    return figure


def fonts_of(figure: Figure) -> list[list[str]]:
    return [[name for name in text.get_fontfamily() if name != "sans-serif"] for text in figure.texts]


def test_other_scripts_are_drawn_in_fonts_that_have_them(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高兴悲")
    install("Toy Little", "高")
    install("Toy Ethiopic", "ሰላ")
    install(".LastResort", "高兴悲ሰላ☺")  # as macOS has one: a box for every letter
    figure = with_title("高兴 ሰላ happy é")
    figure.text(0.1, 0.1, "plain é α")
    figure.text(0.1, 0.3, "悲", fontweight="bold")
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        save_png(figure, tmp_path / "a.png")
        assert "</svg>" in svg(figure)
    assert fonts_of(figure) == [["Toy Ethiopic", "Toy Han"], [], ["Toy Han"]]


def test_letters_that_no_font_has_are_told_once_in_a_process(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高兴")
    with pytest.warns(UserWarning) as told:
        for title in ("高兴悲伤", "悲伤", "悲伤愤"):
            save_png(with_title(title), tmp_path / "a.png")
    first, second = (str(one.message) for one in told)
    assert "no installed font has 伤 悲: they are boxes in pictures. Install one" in first
    assert "no installed font has 愤: " in second


def test_other_warnings_are_passed_on(install: Install, tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="of another kind"), pictures._boxes_told():
        warnings.warn("of another kind", stacklevel=1)


def test_a_font_that_was_taken_away_is_passed_over(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高")
    (tmp_path / "Toy Han.ttf").unlink()
    with pytest.warns(UserWarning, match="no installed font has 高"):
        save_png(with_title("高"), tmp_path / "a.png")


def test_the_same_bytes_for_the_same_picture(install: Install, tmp_path: Path) -> None:
    install("Toy Han", "高")

    def drawn() -> Figure:
        figure = with_title("高 é")
        axes = figure.add_axes((0.1, 0.1, 0.8, 0.8))
        axes.plot([0, 1], [1, 0], marker="o")
        return figure

    first, second = (save_png(drawn(), tmp_path / name).read_bytes() for name in ("a.png", "b.png"))
    assert first == second and b"Software" not in first
    assert svg(drawn()) == svg(drawn())


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        ("full", 24, "full"),
        ("x" * 60, 24, "x" * 23 + "…"),
        ("高兴悲伤", 8, "高兴悲伤"),
        ("高兴悲伤", 7, "高兴悲…"),
        ("高兴悲伤", 6, "高兴…"),
        ("高兴的", 2, "…"),
        ("ab", 1, "…"),
        ("e\u0301" * 5, 3, "e\u0301e\u0301…"),
        ("", 3, ""),
    ],
)
def test_what_does_not_fit_is_cut(text: str, longest: int, expected: str) -> None:
    found = shortened(text, longest)
    assert found == expected and columns_of(found) <= longest


def test_a_word_without_an_end_is_cut_at_once() -> None:
    assert columns_of(shortened("高" * 1_000_000, 20)) == 19
