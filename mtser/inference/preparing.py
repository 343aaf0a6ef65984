"""From a recording to what models read: heard, and its features extracted."""

from dataclasses import dataclass
from itertools import count

from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import UnusableAudioError
from mtser.errors import FeatureError, MtserError
from mtser.features.extractor import UnusableFeaturesError
from mtser.features.text_extractor import TextExtractor
from mtser.features.waveform_source import WaveformSource
from mtser.inference.ensemble import Ensemble
from mtser.inference.listener import Heard, Listener
from mtser.inference.recordings import FailedRecording, Recording


@dataclass(frozen=True)
class Prepared:
    """A recording that models can judge.

    Parameters
    ----------
    heard
        What is said in it, and when.
    source
        Its features.
    """

    heard: Heard
    source: WaveformSource


class Preparer:
    """Prepares recordings, several threads at once.

    Parameters
    ----------
    ensemble
        The models that are to judge.
    listener
        Reads recordings, transcribes and aligns.
    """

    def __init__(self, ensemble: Ensemble, listener: Listener) -> None:
        self.ensemble = ensemble
        self.listener = listener
        self._language_models: dict[str, TextExtractor] = {}
        self._numbers = count()

    def prepare(self, recording: Recording) -> Prepared:
        """Read, find the words, extract features.

        Raises
        ------
        MtserError
            If the recording cannot be used.
        """
        heard = self.listener.hear(recording)
        id = str(next(self._numbers))
        words = [word.word for word in heard.words[: self.ensemble.max_words]]
        source = WaveformSource({id: heard.samples}, {id: words}, self._language_models)
        try:
            for extractor in self.ensemble.extractors if words else ():
                source.features(extractor)
        except UnusableFeaturesError as error:
            raise UnusableAudioError(recording.title, error.problem, error.detail, heard.seconds) from error
        except FeatureError as error:
            raise FeatureError(f"{recording.title}: {error}") from error
        return Prepared(heard, source)

    def prepare_or_fail(self, recording: Recording) -> Prepared | FailedRecording:
        """The same, with what went wrong as an answer."""
        try:
            return self.prepare(recording)
        except Exception as error:  # one strange recording must not stop the others
            return failure(recording, error)


def failure(recording: Recording, error: Exception) -> FailedRecording:
    """What an exception says about one recording."""
    if isinstance(error, UnusableAlignmentError):
        return FailedRecording(recording.title, error.reason, str(error))
    if isinstance(error, UnusableAudioError | UnusableFeaturesError):
        return FailedRecording(recording.title, error.problem, str(error))
    if isinstance(error, MtserError):
        return FailedRecording(recording.title, "cannot be recognised", str(error))
    return FailedRecording(recording.title, "cannot be recognised", f"{recording.title}: {error!r}")
