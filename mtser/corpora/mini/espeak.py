"""Speech with exact word times from espeak-ng's library, called through ctypes.

The library keeps state from one sentence to the next (the phase of its waves, a slow flutter of the pitch), so the
same sentences in the same order from a fresh process give the same samples, and nothing less does.
"""

import ctypes
import itertools
import re
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from numpy.typing import NDArray

from mtser.errors import MtserError
from mtser.pronunciation.arpabet import to_arpabet

# Constants of speak_lib.h
_SYNCHRONOUS, _PHONEME_EVENTS, _CHARS_UTF8 = 2, 1, 1
_RATE, _PITCH, _RANGE = 1, 3, 4
_LIST_END, _WORD, _PHONEME = 0, 1, 7


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class Spoken:
    """A spoken sentence.

    Parameters
    ----------
    samples
        `[samples]`, 16 bit.
    sample_rate
        In hertz.
    words
        Each word of the text (without punctuation) with its first sample and the one after its last. A gap between
        two words is a pause.
    phones
        For each word its phones (ARPAbet) with the sample where each begins; None if a phoneme has no such name.
    """

    samples: NDArray[np.int16]
    sample_rate: int
    words: tuple[tuple[str, int, int], ...]
    phones: tuple[tuple[tuple[str, int], ...], ...] | None = None


class Espeak:
    """espeak-ng, ready to speak. A process has one, or several that share the library's state.

    Raises
    ------
    MtserError
        If espeakng-loader is not installed, or the library does not start.
    """

    def __init__(self) -> None:
        loader = load_espeakng_loader()
        self._library = ctypes.CDLL(loader.get_library_path())
        data = loader.get_data_path().encode()
        self._sample_rate = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _PHONEME_EVENTS)
        if self._sample_rate <= 0:
            raise MtserError(f"{loader.get_data_path()}: espeak-ng cannot start; install espeakng-loader again.")
        self._library.espeak_ng_SetRandSeed(ctypes.c_long(1))  # it is the time of day otherwise
        self._audio = bytearray()
        self._events: list[tuple[int, int, int, str]] = []  # type, character, sample, phoneme
        self._callback = _Callback(self._receive)  # kept: the library does not own it

    def say(self, text: str, voice: str, rate: int, pitch: int, pitch_range: int) -> Spoken:
        """Speak one sentence.

        Parameters
        ----------
        text
            ASCII words set apart by single spaces.
        voice
            A language and a variant, as in "en-us+f2".
        rate
            Words a minute.
        pitch, pitch_range
            0 to 100, 50 being the voice's own.
        """
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise MtserError(f"espeak-ng has no voice {voice}; install a newer espeakng-loader.")
        for parameter, value in ((_RATE, rate), (_PITCH, pitch), (_RANGE, pitch_range)):
            self._library.espeak_SetParameter(parameter, value, 0)
        self._library.espeak_SetSynthCallback(self._callback)  # it may have another's, who may be gone
        self._audio.clear()
        self._events.clear()
        characters = text.encode() + b"\0"
        if self._library.espeak_Synth(characters, len(characters), 0, 1, 0, _CHARS_UTF8, None, None) != 0:
            raise MtserError(f"espeak-ng cannot speak {text!r}.")
        samples = np.frombuffer(bytes(self._audio), dtype=np.int16)
        words = self._words(text)
        return Spoken(samples, self._sample_rate, words, self._phones(words))

    def _receive(self, wave: object, count: int, events: "ctypes._Pointer[_Event]") -> int:
        if wave and count > 0:
            self._audio += ctypes.string_at(wave, 2 * count)  # type: ignore[arg-type]
        for number in itertools.count():
            event = events[number]
            if event.type == _LIST_END:
                break
            phoneme = event.id.string.decode(errors="replace") if event.type == _PHONEME else ""
            self._events.append((event.type, event.text_position - 1, event.sample, phoneme))
        return 0

    def _words(self, text: str) -> tuple[tuple[str, int, int], ...]:
        """Word times from word events; where one event stands for several words, from its phonemes."""
        tokens = [(match.start(), match[0]) for match in re.finditer(r"\S+", text)]
        # "so much" has one dictionary entry: its event points at the blank before "much"
        starts = {text.find(text[at:].lstrip(), at): sample for kind, at, sample, _ in self._events if kind == _WORD}
        phonemes = [(sample, name) for kind, _, sample, name in self._events if kind == _PHONEME]
        pauses = [sample for sample, name in phonemes if name.startswith("_")]
        heard = [index for index, (at, _) in enumerate(tokens) if at in starts]
        if not heard or heard[0] != 0 or not pauses:
            raise MtserError(f"espeak-ng gives no word times for {text!r}; install another espeakng-loader.")
        words: list[tuple[str, int, int]] = []
        for first, after in itertools.pairwise([*heard, len(tokens)]):
            begin = starts[tokens[first][0]]
            until = starts[tokens[after][0]] if after < len(tokens) else pauses[-1]
            end = min((pause for pause in pauses if begin < pause <= until), default=until)
            onsets = [sample for sample, name in phonemes if begin <= sample < end and not name.startswith("_")]
            group = [word.strip(".,!?") for _, word in tokens[first:after]]
            cuts = [begin, *_share(onsets, group), end]
            words += [
                (word, cut, next_cut) for word, (cut, next_cut) in zip(group, itertools.pairwise(cuts), strict=True)
            ]
        return tuple(words)

    def _phones(self, words: tuple[tuple[str, int, int], ...]) -> tuple[tuple[tuple[str, int], ...], ...] | None:
        """The phones of each word, from phoneme events."""
        phonemes = [(sample, name) for kind, _, sample, name in self._events if kind == _PHONEME]
        found = []
        for _, start, end in words:
            phones = _timed_phones([(sample, name) for sample, name in phonemes if start <= sample < end], end)
            if not phones:
                return None
            found.append((phones[0][:1] + (start,), *phones[1:]))
        return tuple(found)


def _timed_phones(phonemes: list[tuple[int, str]], end: int) -> list[tuple[str, int]] | None:
    """espeak-ng's phonemes with their first samples → phones with theirs; None if one is unknown.

    A phoneme that is two phones has its time halved; one that is none ("r" behind "ER") lengthens the phone before it.

    >>> _timed_phones([(0, "b"), (10, "'3:"), (20, "r-"), (30, "@L")], 50)
    [('B', 0), ('ER', 10), ('AH', 30), ('L', 40)]
    """
    found: list[tuple[str, int]] = []
    for number, (sample, _) in enumerate(phonemes):
        phones = to_arpabet(name for _, name in phonemes[: number + 1])
        if phones is None:
            return None
        new = phones[len(found) :]
        after = phonemes[number + 1][0] if number + 1 < len(phonemes) else end
        found = [(phone, at) for phone, (_, at) in zip(phones, found, strict=False)]
        found += [(phone, sample + (after - sample) * part // len(new)) for part, phone in enumerate(new)]
    return found


def _share(onsets: list[int], group: list[str]) -> list[int]:
    """Where each word but the first begins when espeak-ng speaks several as one ("in the"): phonemes by letters.

    >>> _share([0, 10, 20, 30], ["in", "the"])
    [20]
    """
    letters = sum(map(len, group))
    before = [sum(map(len, group[:index])) for index in range(1, len(group))]
    return [onsets[min(len(onsets) - 1, max(1, round(len(onsets) * count / letters)))] for count in before]


def espeak_version() -> str:
    """The library's own version, as in "1.52.0".

    Raises
    ------
    MtserError
        If espeakng-loader is not installed.
    """
    library = ctypes.CDLL(load_espeakng_loader().get_library_path())
    library.espeak_Info.restype = ctypes.c_char_p
    return str(library.espeak_Info(None).decode())


def load_espeakng_loader() -> ModuleType:
    """The module espeakng_loader, which an extra of mtser installs."""
    try:
        import espeakng_loader
    except ImportError as error:
        raise MtserError(
            "The mini corpus is spoken by espeak-ng, which is not installed: pip install mtser[mini]."
        ) from error
    return espeakng_loader
