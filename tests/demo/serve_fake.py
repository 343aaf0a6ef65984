"""Serves the page with a recogniser that needs no model; run as a program by the tests."""

import sys

from mtser.demo.limits import Limits
from mtser.demo.server import serve
from mtser.prediction.predictor import Predictor
from tests.prediction.fakes import FakeRecognizer, loud_parts

if __name__ == "__main__":
    predictor = Predictor(FakeRecognizer(), find_speech=loud_parts)
    serve(predictor, model="a <b>fake</b>", port=int(sys.argv[1]), limits=Limits(seconds=90, megabytes=4))
