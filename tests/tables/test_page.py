import re
from html.parser import HTMLParser

import pytest

from mtser.tables.make import make_report
from mtser.tables.markdown import markdown
from mtser.tables.page import page
from mtser.tables.page_details import _FULL
from mtser.tables.runs import find_runs
from tests.tables.conftest import answers
from tests.tables.run_writer import corpus_of, sure, write_not_applicable, write_run

VOID = {"meta", "br", "img", "wbr"}


class Page(HTMLParser):
    """Collects what the tests ask for; tags that do not match are an error."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.ids, self.links, self.texts = [], [], [], [], []
        self.tables = []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.tags.append((tag, values, list(self.open)))
        if "id" in values:
            self.ids.append(values["id"])
        if tag == "a":
            self.links.append(values["href"])
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag not in VOID and self.open and self.open[-1] == tag, (tag, self.open, self.getpos())
        self.open.pop()

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.texts.append(data)
        if {"td", "th"} & set(self.open):
            self.tables[-1][-1][-1] += data


@pytest.fixture(scope="module")
def text(report):
    return page(report)


@pytest.fixture(scope="module")
def parsed(text):
    return Page(text)


def said(parsed):
    return " ".join(" ".join(parsed.texts).split())


def test_it_needs_nothing_else(text, parsed):
    """No script, no file, no address; what a browser would load is in the page."""
    tags = {tag for tag, _, _ in parsed.tags}
    assert not tags & {"script", "link", "iframe", "object", "embed", "video", "audio", "base", "form"}
    for tag, values, _ in parsed.tags:
        for name, value in values.items():
            assert not name.startswith("on")
            if name in ("src", "srcset", "href", "data", "action", "poster"):
                assert value.startswith("data:image/svg+xml;base64,") or (tag == "a" and value.startswith("#"))
    visible = re.sub(r"base64,[^\"]*", "", text)
    assert "http" not in re.sub(r'http-equiv="Content-Security-Policy"', "", visible)
    assert "url(" not in visible and "@import" not in visible
    assert "default-src 'none'" in text


def test_links_and_names(parsed):
    assert len(parsed.ids) == len(set(parsed.ids))
    assert parsed.links and {link[1:] for link in parsed.links} <= set(parsed.ids)


def test_wide_tables_scroll_in_their_own_box(parsed):
    boxes = [values for tag, values, _ in parsed.tags if tag == "div" and values.get("class") == "scroll"]
    tables = [open_tags for tag, _, open_tags in parsed.tags if tag == "table"]
    assert len(boxes) == len(tables) > 10 and all(one[-1] == "div" for one in tables)
    for values in boxes:
        assert values["tabindex"] == "0" and values["role"] == "region" and values["aria-label"]


def test_tables_can_be_read_aloud(parsed):
    heads = [values for tag, values, _ in parsed.tags if tag == "th"]
    assert all(values.get("scope") in ("row", "col", "colgroup") for values in heads)
    pictures = [values for tag, values, _ in parsed.tags if tag == "img"]
    assert pictures and all(values["alt"] for values in pictures)
    marks = [values for _, values, _ in parsed.tags if values.get("role") == "img"]
    assert {values["aria-label"] for values in marks} >= {
        "against full: better (p = 0.008)", "against full: worse (p = 0.008)",
    }  # fmt: skip
    assert parsed.tags[0][:2] == ("html", {"lang": "en"})


def test_table_1(parsed):
    first = next(rows for rows in parsed.tables if rows[0][0] == "system" and len(rows[0]) == 3)
    assert first[0] == ["system", "measured: toy · loso", "the paper: IEMOCAP, other folds"]
    assert first[1] == ["WA", "UA", "seeds", "trained parameters", "training time", "WA", "UA"]
    cells = {row[0]: row[1:] for row in first[2:]}
    assert cells["oursfull"] == [
        "0.625 ± 0.177 0.625 to 0.625", "0.625 ± 0.177 0.625 to 0.625", "2", "1\u00a0000", "8.0 s", "0.768", "0.771",
    ]  # fmt: skip
    assert cells["MHA-2mha2"][0] == "1.000 ▲1.000 to 1.000"
    assert cells["multitask_vad"] == ["not applicable2", "–", "–"]
    assert cells["beyond the paper"] == []


def test_what_must_not_be_overlooked(parsed):
    text = said(parsed)
    assert text.index("Above full in UA (0.625; p corrected for 4 comparisons), better: mha2 1.000") < text.index(
        "Table 1: the paper's system"
    )
    for words in (
        "not applicable: toy has no dialogs & <no> turns_.",
        "folds missing: fold_2, fold_4",
        "They are in no table.",
        "Not comparable: The paper's numbers are of another experiment",
        "expected calibration error",
        "Wall time of one process",
        "A line is one system.",
    ):
        assert words in text, words
    assert text.count("⚠ text_only: A warning of its own.") == 1  # below the table that has it


def test_confusion_matrix(parsed):
    full = next(rows for rows in parsed.tables if rows[0][0] == "true" and rows[3][3] == "50 %5")
    assert full[0] == ["true", "angry", "happy", "sad", "neutral"]
    assert full[1] == ["angry", "0 %0", "100 %10", "0 %0", "0 %0"]
    assert full[3] == ["sad", "0 %0", "0 %0", "50 %5", "50 %5"]


def test_attributes(parsed):
    assert ["my_run", "valence", "0.500", "40"] in next(rows for rows in parsed.tables if "CCC" in rows[0])


def test_synthetic_speech_is_told_at_every_heading(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus, synthetic=True)
    write_run(tmp_path, "mt_wr", sure(answers(0)), corpus, synthetic=True)
    text = page(make_report(find_runs([tmp_path])))
    parsed = Page(text)
    assert "SYNTHETIC SPEECH. A computer spoke this corpus." in said(parsed)
    headings = re.findall(r"<h[34].*?</h[34]>", text)
    assert headings and all("synthetic speech" in heading for heading in headings)


def test_names_cannot_break_out(tmp_path):
    nasty = 'a"><b>&'
    corpus = corpus_of([0, 1] * 3, [f"<i>{i}" for i in range(6)], (nasty, "<script>"))
    write_run(tmp_path, "full", sure([0, 1] * 3, 2), corpus, warnings=["<img src=x onerror=y>"],
              attributes={"<b>": {"ccc": 0.5, "n": 6}})  # fmt: skip
    write_not_applicable(tmp_path, "mcaf", "</td><script>")
    parsed = Page(page(make_report(find_runs([tmp_path]))))
    assert not {"script", "b", "i"} & {tag for tag, _, _ in parsed.tags}
    assert nasty in said(parsed) and "<img src=x onerror=y>" in said(parsed)


def test_a_section_without_results(tmp_path):
    write_not_applicable(tmp_path, "mcaf", "no dialogs")
    text = said(Page(page(make_report(find_runs([tmp_path])))))
    assert "No run is complete." in text and "not applicable" in text


def test_one_speaker_many_classes_one_seed(tmp_path):
    names = [f"class_{i}" for i in range(9)]
    corpus = corpus_of(range(9), ["a"] * 9, names)
    write_run(tmp_path, "full", sure(range(9), 9), corpus)
    write_run(tmp_path, "a_run_with_a_very_long_name_that_fits_nowhere", sure([0] * 9, 9), corpus)
    text = page(make_report(find_runs([tmp_path])))
    Page(text)
    assert 'class="matrices wide"' in text


def test_protocols_on_other_data(tmp_path, corpus):
    write_run(tmp_path, "full", sure(answers()), corpus)
    write_run(tmp_path, "full", sure([0, 1], 2), corpus_of([0, 1], "ab", ("x", "y")), protocol="lospo")
    assert "have different classes, so the protocols are not set side by side" in said(
        Page(page(make_report(find_runs([tmp_path]))))
    )


def test_letters_on_the_darkest_cell_have_contrast():
    """Contrast ratio of WCAG 2: at least 4.5."""

    def luminance(colour):
        parts = [c / 255 for c in colour]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    assert (luminance(_FULL) + 0.05) / (luminance((0x1D, 0x23, 0x29)) + 0.05) > 5


def test_the_findings_of_one_section_stand_once(tmp_path, corpus):
    for system, wrong in (("full", (0,)), ("mha2", ())):
        write_run(tmp_path, system, sure(answers(*wrong)), corpus)
    report = make_report(find_runs([tmp_path]))
    for text in (page(report), markdown(report)):
        assert text.count("Above full in UA") == 1
