"""Audio files: read as 16 kHz mono, checked, and remembered."""

from mtser.audio.index import AudioIndex, AudioInfo
from mtser.audio.reading import AUDIO_PROBLEMS, SAMPLE_RATE, UnusableAudioError, decode_audio, read_audio

__all__ = [
    "AUDIO_PROBLEMS",
    "SAMPLE_RATE",
    "AudioIndex",
    "AudioInfo",
    "UnusableAudioError",
    "decode_audio",
    "read_audio",
]
