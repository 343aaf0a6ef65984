"""Speech → text."""

from mtser.transcription.transcriber import Segment, Transcriber, Transcript

__all__ = ["Segment", "Transcriber", "Transcript"]
