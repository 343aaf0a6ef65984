"""The page: a recording and what is said in it go in, the answer comes out."""

import logging
import threading
from pathlib import Path
from typing import Any

from mtser.demo.answer import answer_page, error_page
from mtser.demo.limits import LONGEST_TEXT, Limits
from mtser.errors import MtserError
from mtser.prediction.predictor import Predictor
from mtser.prediction.sources import Source

CSS = """
.mtser { overflow-wrap: anywhere; }
.mtser h3 { margin: 1.2em 0 .3em; }
.mtser-emotion b { font-size: 1.6em; }
.mtser-error { border-left: 4px solid #D55E00; padding: .6em .8em; }
.mtser-warning { border-left: 4px solid #E69F00; padding: .3em .8em; margin: .3em 0; }
.mtser table, .mtser tr, .mtser th, .mtser td { border: none !important; }
.mtser table { border-collapse: collapse; width: 100%; }
.mtser caption { text-align: left; font-weight: 600; }
.mtser th, .mtser td { text-align: left; padding: .15em .5em .15em 0; vertical-align: top; }
.mtser-bars { max-width: 34em; }
.mtser-bars th, .mtser-bars td { width: 1px; white-space: nowrap; font-weight: normal; vertical-align: middle; }
.mtser-bars td.mtser-bar { width: auto; }
.mtser-bar div { height: 1em; min-width: 1px; }
.mtser-words { line-height: 2.1; margin: .2em 0; }
.mtser-words > span { padding: .15em .35em; border-radius: .3em; }
.mtser-words > span.mtser-of { padding-left: 0; font-weight: 600; display: inline-block; min-width: 3.5em; }
.mtser-words small { margin-left: .3em; color: inherit; }
.mtser-turns td:not(:last-child) { white-space: nowrap; }
.mtser-picture { overflow-x: auto; }
.mtser-picture img { min-width: 52em; max-width: none; width: 100%; background: white; }
"""

_ABOUT = """
The model of `{model}` tells {classes}. It has learned from the recordings of one corpus, and answers with one of its
classes whatever it hears. A probability says how sure the model is, not how sure one can be.
Recordings are judged where this page comes from, sent nowhere else and deleted after {minutes} minutes.
"""

CACHE_SECONDS = 1800
"""So long uploaded recordings are kept at most."""


def make_page(predictor: Predictor, limits: Limits, *, model: str) -> Any:
    """Make the page.

    Parameters
    ----------
    model
        What to call the model.

    Returns
    -------
    gradio.Blocks
    """
    import gradio

    one_at_a_time = threading.Lock()

    def judge(path: str | None, text: str) -> str:
        with one_at_a_time:
            return judged(predictor, limits, path, text)

    with gradio.Blocks(title="mtser", analytics_enabled=False, delete_cache=(60, CACHE_SECONDS)) as page:
        gradio.Markdown("# Emotion of a recording")
        classes = ", ".join(predictor.recognizer.classes)
        gradio.Markdown(_ABOUT.format(model=model, classes=classes, minutes=CACHE_SECONDS // 60))
        recording = gradio.Audio(
            label=f"Recording (up to {limits.seconds:g} seconds, {limits.megabytes:g} MB)",
            sources=["upload", "microphone"],
            type="filepath",
            buttons=["download"],  # no button that shares it elsewhere
            elem_id="recording",
        )
        text = gradio.Textbox(
            label="What is said (optional)",
            info="Without it the words are recognised.",
            max_length=LONGEST_TEXT,
            lines=2,
            elem_id="text",
        )
        button = gradio.Button("Recognise", variant="primary", elem_id="recognise")
        answer = gradio.HTML(elem_id="answer")
        button.click(judge, [recording, text], answer, concurrency_limit=1, api_name="recognise")
    page.queue(default_concurrency_limit=1, max_size=16)
    # Of a page that Gradio has not launched itself it lets requests name any file of this computer, uploaded or not.
    page.has_launched = True
    return page


def judged(predictor: Predictor, limits: Limits, path: str | None, text: str | None) -> str:
    """The answer to one request; whatever is wrong becomes a sentence."""
    if not path:
        return error_page("There is no recording yet: upload one, or record yourself.")
    file = Path(path)
    said = " ".join((text or "").split())
    try:
        if len(said) > LONGEST_TEXT:
            raise MtserError(f"The text has {len(said)} letters; this page takes up to {LONGEST_TEXT}.")
        limits.check(file)
        # The name that people see has no folders of this computer in it.
        found = predictor.predict_one(Source(file.name, file, Path(file.name), said or None))
        return answer_page(found, file)
    except MtserError as error:
        return error_page(str(error).replace(str(file), file.name))
    except Exception:
        logging.getLogger(__name__).exception("a recording could not be judged")
        return error_page("The recording could not be judged because of a defect of mtser; the server's log says more.")
