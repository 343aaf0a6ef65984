"""Whether what is asked of pretrained encoders has an effect."""

from collections.abc import Mapping
from typing import Any

from mtser.encoders import Encoder, FineTuning
from mtser.encoders.tuned import tuned_encoders
from mtser.encoders.tuned_speech import TunedSpeech
from mtser.errors import ConfigError
from mtser.features.input import behind
from mtser.model import EmotionModel


def check_fine_tuning(objects: Mapping[str, Any]) -> list[str]:
    """Refuse a fine-tuning that reaches no encoder, and an augmentation of sound that none hears.

    Parameters
    ----------
    objects
        Of a system's YAML.

    Returns
    -------
    list of str
        For the report: which pretrained encoders stay frozen beside one that is trained.

    Raises
    ------
    ConfigError
        That says so.
    """
    how, model = objects.get("fine_tuning"), objects.get("model")
    asked = objects.get("tune", "none") != "none" or (isinstance(how, FineTuning) and how.trains)
    every = model.encoders.items() if isinstance(model, EmotionModel) else ()
    encoders = {name: one for name, one in every if isinstance(one, Encoder)}
    found = [tuned for one in encoders.values() for tuned in tuned_encoders(one)]
    if asked and not found:
        raise ConfigError(
            "tune asks for pretrained encoders to be trained, but no encoder of the system is told to: give one its "
            "fine_tuning (for example --audio_encoder.fine_tuning '!ref <fine_tuning>'), or set tune to none."
        )
    hears = any(isinstance(one, TunedSpeech) for one in found)
    if isinstance(how, FineTuning) and how.augment is not None and not hears:
        raise ConfigError(
            "fine_tuning.augment changes sound, but no encoder that is trained hears any; set it to null."
        )
    return [
        f"tune {objects.get('tune')} does not train the pretrained encoder of {name}, which has no fine_tuning."
        for name, encoder in encoders.items()
        if found and _is_frozen(encoder)
    ]


def _is_frozen(encoder: Encoder) -> bool:
    """Whether it reads what a pretrained encoder said before training."""
    pretrained = any(hasattr(one, "to_be_trained") for input in encoder.inputs for one in behind(input))
    return pretrained and not tuned_encoders(encoder)
