"""Which kind of model lies in a folder."""

from pathlib import Path

from mtser.errors import ConfigError, FeatureError
from mtser.features.speech.ctranslate2_whisper import CTranslate2Whisper
from mtser.features.speech.model import SpeechModel
from mtser.features.speech.waves import FAMILIES, WaveModel
from mtser.features.speech.whisper import WhisperModel
from mtser.pretrained import CTRANSLATE2, SPEECH, WEIGHTS, configuration, find_model


def speech_model(
    folder: Path, engine: str, compute_type: str, pickled: bool, silence: float | None = None
) -> SpeechModel:
    """The model of a folder, not loaded yet.

    Parameters
    ----------
    folder
        What :func:`find_speech_model` gave.
    engine
        "transformers" or "ctranslate2".
    compute_type
        Of CTranslate2.
    pickled
        Whether weights may come from a pickled checkpoint.
    silence
        Of Whisper (see :class:`~mtser.features.speech.whisper.WhisperModel`); the other families read none.

    Raises
    ------
    FeatureError
        If it is of a family that mtser does not know.
    ConfigError
        If there is no such engine, or it does not fit to the model.
    """
    if engine == "ctranslate2":
        return CTranslate2Whisper(folder, compute_type, silence)
    if engine != "transformers":
        raise ConfigError(f"engine is {engine!r}; it can be transformers or ctranslate2.")
    if not any(folder.glob(WEIGHTS)) and (folder / CTRANSLATE2).is_file():
        return WhisperModel(folder, silence=silence)  # CTranslate2's config.json does not tell the family
    family = configuration(folder).get("model_type")
    if family == "whisper":
        return WhisperModel(folder, pickled, silence)
    if family in FAMILIES:
        return WaveModel(folder, pickled)
    raise FeatureError(
        f"{folder}: is a model of the family {family!r}; those of speech that mtser reads are "
        f"{', '.join(FAMILIES)} and whisper."
    )


def find_speech_model(name: str, revision: str | None, pickled: bool) -> Path:
    """The folder of a model of speech (see :func:`~mtser.pretrained.find_model`)."""
    return find_model(name, revision, SPEECH.with_pickles() if pickled else SPEECH)
