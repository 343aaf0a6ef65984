"""Which encoder trains what makes some features."""

from mtser.encoders.fine_tuning import FineTuning
from mtser.encoders.tuned import TunedEncoder
from mtser.encoders.tuned_speech import TunedSpeech
from mtser.encoders.tuned_words import TunedWords
from mtser.errors import ConfigError
from mtser.features.contextual_words import ContextualWords
from mtser.features.huggingface_words import HuggingFaceWords
from mtser.features.input import Input
from mtser.features.means import UtteranceMeans, WordMeans
from mtser.features.pretrained_speech import PretrainedSpeech
from mtser.features.word_input import WordFrames


def tuned_encoder(features: Input, how: FineTuning) -> TunedEncoder:
    """The encoder that stands in the place of features and is trained.

    Parameters
    ----------
    features
        Of frames or words, by a pretrained encoder.
    how
        What is trained.

    Raises
    ------
    ConfigError
        If it is none, or its features need more than a batch.
    """
    extractor = getattr(features, "extractor", None)
    normalise = getattr(features, "normalise", "none")
    if normalise not in ("train", "none"):
        raise ConfigError(
            f"normalise is {normalise!r}, which looks at frames that a batch does not have; with tune: {how.tune} it "
            "can be train or none."
        )
    if isinstance(features, WordFrames | WordMeans | UtteranceMeans) and isinstance(extractor, PretrainedSpeech):
        return TunedSpeech(features, extractor, how)
    if isinstance(features, ContextualWords) and isinstance(extractor, HuggingFaceWords):
        return TunedWords(features, extractor, how)
    found = type(features).__name__ + ("" if extractor is None else f" of {type(extractor).__name__}")
    raise ConfigError(
        f"tune is {how.tune}, but {found} come from no pretrained encoder that can be trained; set fine_tuning of "
        "this encoder to null."
    )
