"""Speech → text."""

from mtser.transcription.find import find_transcriber
from mtser.transcription.transcriber import Segment, Transcriber, Transcript

__all__ = ["Segment", "Transcriber", "Transcript", "find_transcriber"]
