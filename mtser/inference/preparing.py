"""From what was heard to what models read: its features, extracted."""

from dataclasses import dataclass
from uuid import uuid4

from mtser.alignment.word_times import UnusableAlignmentError
from mtser.audio.reading import UnusableAudioError
from mtser.errors import FeatureError, MtserError
from mtser.features.extractor import UnusableFeaturesError
from mtser.features.text_extractor import TextExtractor
from mtser.features.waveform_source import WaveformSource
from mtser.inference.ensemble import Ensemble
from mtser.inference.listener import Heard
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
    """Extracts the features of recordings, several threads at once.

    Parameters
    ----------
    ensemble
        The models that are to judge.
    """

    def __init__(self, ensemble: Ensemble) -> None:
        self.ensemble = ensemble
        self._language_models: dict[str, TextExtractor] = {}

    def prepare(self, heard: Heard) -> Prepared:
        """Extract the features.

        Raises
        ------
        MtserError
            If there are none.
        """
        id = uuid4().hex
        words = [word.word for word in heard.words[: self.ensemble.max_words]]
        source = WaveformSource({id: heard.samples}, {id: words}, self._language_models)
        try:
            for extractor in self.ensemble.extractors if words else ():
                source.features(extractor)
        except UnusableFeaturesError as error:
            raise UnusableAudioError(heard.recording.title, error.problem, error.detail, heard.seconds) from error
        except FeatureError as error:
            raise FeatureError(f"{heard.recording.title}: {error}") from error
        return Prepared(heard, source)


def failure(recording: Recording, error: Exception) -> FailedRecording:
    """What an exception says about one recording."""
    if isinstance(error, UnusableAlignmentError):
        return FailedRecording(recording.title, error.reason, str(error))
    if isinstance(error, UnusableAudioError | UnusableFeaturesError):
        return FailedRecording(recording.title, error.problem, str(error))
    if isinstance(error, MtserError):
        return FailedRecording(recording.title, "cannot be recognised", str(error))
    return FailedRecording(recording.title, "cannot be recognised", f"{recording.title}: {error!r}")
