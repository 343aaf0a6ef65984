"""What the page says, without a server."""

from html.parser import HTMLParser

import numpy as np
import pytest

from mtser.demo.answer import answer_page
from mtser.demo.limits import LONGEST_TEXT, Limits
from mtser.demo.page import judged
from mtser.inference import Recognition
from mtser.prediction.prediction import Prediction
from mtser.prediction.predictor import Predictor
from tests.prediction.fakes import FakeRecognizer, loud_parts
from tests.prediction.sounds import talk, tone, write

ALLOWED = {"div", "p", "b", "small", "table", "caption", "tr", "th", "td", "h3", "span", "img"}
ATTACK = "<script>alert(1)</script> <img/src=x/onerror=alert(1)> \"'><b>bold</b> & ümlaut"


class Elements(HTMLParser):
    """The elements of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.sources: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.sources += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def ask():
    predictor = Predictor(FakeRecognizer(), find_speech=loud_parts)
    return lambda path, text="": judged(predictor, Limits(60, 5), path and str(path), text)


def test_a_short_recording(ask, tmp_path):
    page = Elements(ask(write(tmp_path / "a.wav", tone(2)), "I can't believe it"))
    for part in (
        "angry",
        "62%",
        "judged as a whole",
        "Probabilities",
        "0.625",
        "can't+0.05",
        "text as given",
        "fake times",
    ):
        assert part in page.text, part
    (picture,) = page.sources
    assert picture.startswith("data:image/png;base64,")


def test_a_long_recording_has_a_time_line(ask, tmp_path):
    page = Elements(ask(write(tmp_path / "a.wav", talk([9, 1, 9, 1, 9]))))
    for part in ("mean of 3 turns", "Time line", "Turns", "oh no not again"):
        assert part in page.text, part
    assert len(page.sources) == 1


def test_what_people_write_stays_text(ask, tmp_path):
    folder = tmp_path / "<b>x<"
    page = Elements(ask(write(tmp_path / "<i>a<.wav", tone(2)), ATTACK))
    assert page.tags <= ALLOWED
    assert not any(name.startswith("on") for name in page.attributes)
    assert "<script>alert(1)</script>" in page.text and "<b>bold</b>" in page.text
    for path in (folder, write(tmp_path / "<script>.wav", np.zeros(16000))):
        assert "script" not in Elements(ask(path, ATTACK)).tags


@pytest.mark.parametrize(
    ("samples", "sentence"),
    [
        (None, "There is no recording yet: upload one, or record yourself."),
        (np.zeros(16000), "a.wav: silent audio (every sample is 0)."),
        (tone(0.05), "a.wav: too short (0.050 s; 0.1 s are needed)."),
        (np.zeros(30 * 16000), "a.wav: no speech (none was found in 30.0 s)."),
        (np.zeros(61 * 16000), "The recording lasts 61 seconds; this page takes up to 60 seconds."),
        (np.zeros(90 * 16000), "The recording has 5.8 MB; this page takes up to 5 MB."),
    ],
)
def test_what_is_wrong_is_a_sentence(ask, tmp_path, samples, sentence):
    path = None if samples is None else write(tmp_path / "a.wav", samples)
    page = Elements(ask(path))
    assert page.text.startswith(sentence) and "alert" in ask(path) and str(tmp_path) not in page.text


def test_a_recording_that_does_not_state_its_length_is_not_longer_for_that(ask, tmp_path, monkeypatch):
    monkeypatch.setattr("mtser.demo.limits.audio_duration", lambda path, name: 0.0)  # as browsers record
    longer = ask(write(tmp_path / "a.wav", tone(61)))
    assert Elements(longer).text.startswith("The recording lasts longer; this page takes up to 60 seconds.")
    assert "alert" not in ask(write(tmp_path / "b.wav", tone(2)), "oh no")


def test_a_file_that_is_gone_and_a_text_that_is_endless(ask, tmp_path):
    assert "not there any more" in ask(tmp_path / "gone.wav")
    assert "takes up to" in ask(write(tmp_path / "a.wav", tone(1)), "x" * (LONGEST_TEXT + 1))


def test_no_traceback_reaches_the_page(tmp_path, caplog):
    class Broken(FakeRecognizer):
        def recognize_many(self, recordings, **options):
            raise ZeroDivisionError("secret")

    page = judged(Predictor(Broken()), Limits(), str(write(tmp_path / "a.wav", tone(1))), "")
    assert "defect of mtser" in page and "secret" not in page and "ZeroDivision" not in page
    assert "secret" in caplog.text, "the server's log has it"


def test_without_words_no_emotion_is_named(tmp_path):
    file = write(tmp_path / "a.wav", tone(2))
    page = answer_page(Prediction("a.wav", 2.0, (Recognition("a.wav", 0.0, 2.0, {"angry": 0.5, "sad": 0.5}),)), file)
    assert "No words" in Elements(page).text and "angry 50%" not in Elements(page).text
