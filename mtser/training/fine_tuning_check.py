"""Whether what is asked of pretrained encoders has an effect."""

from collections.abc import Mapping
from typing import Any

from torch import nn

from mtser.encoders import FineTuning
from mtser.encoders.tuned import tuned_encoders
from mtser.encoders.tuned_speech import TunedSpeech
from mtser.errors import ConfigError


def check_fine_tuning(objects: Mapping[str, Any]) -> None:
    """Refuse a fine-tuning that reaches no encoder, and an augmentation of sound that none hears.

    Parameters
    ----------
    objects
        Of a system's YAML.

    Raises
    ------
    ConfigError
        That says so.
    """
    how, model = objects.get("fine_tuning"), objects.get("model")
    asked = objects.get("tune", "none") != "none" or (isinstance(how, FineTuning) and how.trains)
    found = tuned_encoders(model) if isinstance(model, nn.Module) else []
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
