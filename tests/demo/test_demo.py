"""The page as people see it: a real server, a real upload in a real browser, which reaches this computer alone."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
import pytest
import soundfile

from mtser.audio.reading import decode_audio
from mtser.cli import main
from tests.demo.browser import find_browser, opened
from tests.prediction.fakes import FakeRecognizer
from tests.prediction.sounds import talk, tone, write

pytest.importorskip("gradio", reason="the page comes with mtser[demo]")
ROOT = Path(__file__).parents[2]
FILE, BUTTON = "#recording input[type=file]", "#recognise"
PLAYS = "document.querySelector('#recording [aria-label=\"Play\"], #recording button.play-pause-button')"


@contextlib.contextmanager
def served(folder, end=signal.SIGINT):
    """Serve the page with a recogniser that needs no model; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.demo.serve_fake", str(port)],
            cwd=ROOT,
            env=environment,
            stdout=log,
            stderr=log,
        )
    found = f"http://127.0.0.1:{port}/"
    for _ in range(600):
        assert server.poll() is None, (folder / "log").read_text()
        try:
            get(found)
            break
        except OSError:
            time.sleep(0.2)
    yield found
    (uploads,) = folder.glob("mtser-demo-*")
    server.send_signal(end)
    server.wait(timeout=60)
    assert not uploads.exists(), "recordings go with the server"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    with served(tmp_path_factory.mktemp("demo")) as found:
        yield found


def test_it_leaves_nothing_behind_when_a_service_manager_stops_it(tmp_path):
    with served(tmp_path, end=signal.SIGTERM):
        pass


def get(address, **headers):
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=60) as response:
        return response.read().decode(), dict(response.headers)


@pytest.fixture
def program():
    found = find_browser()
    if found is None:
        pytest.skip("no Chromium to look at the page with (apt install chromium)")
    return found


@pytest.fixture
def browser(program, tmp_path):
    with opened(program, tmp_path / "profile") as found:
        yield found


def judge(browser, address, file, text="", **window):
    """Open the page, upload, wait for the answer."""
    browser.open(address, **{"width": 1200, "height": 900, **window})
    browser.wait_for(f"document.querySelector('{FILE}')")
    browser.upload(FILE, file)
    browser.wait_for(PLAYS)
    if text:
        browser.type_into("#text textarea", text)
    return recognised(browser)


def recognised(browser):
    """What the page answers about what it has."""
    browser.value(f"document.querySelector('{BUTTON}').click()")
    browser.wait_for("document.querySelector('#answer .mtser')")
    return browser.value("document.querySelector('#answer').innerText")


def test_an_upload_is_judged(browser, address, tmp_path):
    said = "I <b>can't</b> <script>document.title='gotcha'</script> & so"
    answer = judge(browser, address, write(tmp_path / "a.wav", tone(2)), said)
    for part in ("angry", "0.625", "<b>can't</b>", "<script>", "text as given"):
        assert part in answer, part
    assert browser.value("document.title") == "mtser"
    browser.wait_for("document.querySelector('#answer img').naturalWidth > 1000")
    assert browser.value("document.querySelectorAll('#answer b').length") == 1, "only the emotion"


def test_what_the_microphone_hears_is_judged(program, address, tmp_path):
    soundfile.write(tmp_path / "heard.wav", tone(3), 16000, subtype="PCM_16")
    with opened(program, tmp_path / "profile", microphone=tmp_path / "heard.wav") as browser:
        browser.open(address, 1200, 900)
        for button in ('[aria-label="Record audio"]', ".record-button"):
            browser.wait_for(f"document.querySelector('#recording button{button}')")
            browser.value(f"document.querySelector('#recording button{button}').click()")
        stop = "document.querySelector('#recording button.stop-button')"
        browser.wait_for(f"{stop}.offsetParent")
        time.sleep(3)
        browser.value(f"{stop}.click()")
        browser.wait_for(PLAYS)
        browser.wait_for("document.querySelector('#recording a[download]')")
        assert "judged as a whole" in recognised(browser) and not browser.refused
        kept = browser.value("document.querySelector('#recording a[download]').href")
    with urllib.request.urlopen(kept, timeout=60) as answer:
        samples = decode_audio(answer.read(), "recorded")
    assert 1.5 < len(samples) / 16000 < 30
    assert _pitch(samples) == pytest.approx(_pitch(tone(3)), abs=2)


def _pitch(samples):
    """Hertz of the strongest sine."""
    strength = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return strength.argmax() * 16000 / len(samples)


def test_nothing_is_asked_of_the_network(browser, address, tmp_path):
    judge(browser, address, write(tmp_path / "a.wav", tone(2)))
    outside = [one for one in browser.requested if not one.startswith((address, "data:", f"blob:{address}"))]
    assert len(browser.requested) > 10 and not outside and not browser.refused


def test_on_a_phone_nothing_is_wider_than_the_screen(browser, address, tmp_path):
    file = write(tmp_path / "a.wav", talk([9, 1, 9, 1, 9]))
    answer = judge(browser, address, file, width=390, height=800, phone=True)
    assert "mean of 3 turns" in answer and "Time line" in answer
    assert browser.value("document.documentElement.scrollWidth") <= 390
    assert browser.value("document.querySelector('.mtser-bars').getBoundingClientRect().height") < 200


def test_what_is_too_long_is_told(browser, address, tmp_path):
    file = write(tmp_path / "a.wav", tone(100, 8000), 8000)
    answer = judge(browser, address, file)
    assert answer.startswith("The recording lasts 100 seconds; this page takes up to 90 seconds.")


def test_a_file_that_was_not_uploaded_is_not_read(address, tmp_path):
    file = write(tmp_path / "a.wav", tone(2))
    told = json.dumps({"data": [{"path": str(file), "meta": {"_type": "gradio.FileData"}}, ""]})
    asked = urllib.request.Request(
        f"{address}gradio_api/call/recognise", told.encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=60) as answer:
        event = json.loads(answer.read())["event_id"]
    answer, _ = get(f"{address}gradio_api/call/recognise/{event}")
    assert answer.startswith("event: error") and "angry" not in answer


def test_headers_and_hosts(address):
    page, headers = get(address)
    assert headers["content-security-policy"].startswith("default-src 'self'") and "gradio_config" in page
    assert "GRADIO_ANALYTICS" not in page and not re.search(r'"analytics_enabled":\s*true', page)
    with pytest.raises(urllib.error.HTTPError) as found:
        get(address, Host="evil.example")
    assert found.value.code == 400


def test_the_port_is_taken(address, capsys, monkeypatch):
    monkeypatch.setattr("mtser.prediction.model.load_recognizer", lambda options: FakeRecognizer())
    port = address.rstrip("/").rpartition(":")[2]
    assert main(["demo", "--model", "x", "--port", port]) == 2
    assert f"cannot listen on 127.0.0.1, port {port}" in capsys.readouterr().err


def test_without_gradio(capsys, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert main(["demo", "--model", "x"]) == 2
    assert "pip install mtser[demo]" in capsys.readouterr().err
