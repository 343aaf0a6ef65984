"""A trained model on a recording: the emotion, and what it rests on.

What is listed is imported when it is asked for: ``mtser --help`` looks at a command in this folder and has to be quick.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mtser.inference.recognition import Recognition, WordEvidence
    from mtser.inference.recognizer import EmotionRecognizer
    from mtser.inference.recordings import FailedRecording, Recording

__all__ = ["EmotionRecognizer", "FailedRecording", "Recognition", "Recording", "WordEvidence"]
_MODULES = {
    "EmotionRecognizer": "recognizer",
    "FailedRecording": "recordings",
    "Recognition": "recognition",
    "Recording": "recordings",
    "WordEvidence": "recognition",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"mtser.inference.{_MODULES[name]}"), name)
