"""Audio files: read as 16 kHz mono, checked, and remembered."""

from mtser.audio.index import AudioIndex, AudioInfo
from mtser.audio.reading import AUDIO_PROBLEMS, SAMPLE_RATE, UnusableAudioError, decode_audio, read_audio
from mtser.audio.stream import audio_duration, stream_audio
from mtser.audio.suffixes import AUDIO_SUFFIXES, VIDEO_SUFFIXES, is_recording

__all__ = [
    "AUDIO_PROBLEMS",
    "AUDIO_SUFFIXES",
    "SAMPLE_RATE",
    "VIDEO_SUFFIXES",
    "AudioIndex",
    "AudioInfo",
    "UnusableAudioError",
    "audio_duration",
    "decode_audio",
    "is_recording",
    "read_audio",
    "stream_audio",
]
