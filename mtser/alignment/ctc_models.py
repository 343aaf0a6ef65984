"""Acoustic models that were trained by CTC: from a folder, the Hugging Face hub, or torchaudio."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mtser.audio.reading import SAMPLE_RATE
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.pretrained import content_hashes, find_model


@dataclass(frozen=True)
class CtcModel:
    """Samples → log-probabilities of the characters of a vocabulary.

    Parameters
    ----------
    emit
        Samples ``[samples]`` on ``device``, normalised → log-probabilities ``[frames, characters]``.
    vocabulary
        Character → column.
    blank
        The column of the blank.
    between_words
        The character that stands between words; None if there is none.
    hop
        Samples from one frame to the next.
    normalises
        Whether the samples have to have mean 0 and variance 1.
    device
        Where the model is.
    settings
        What determines what it emits.
    """

    emit: Callable[[torch.Tensor], torch.Tensor]
    vocabulary: Mapping[str, int]
    blank: int
    between_words: str | None
    hop: int
    normalises: bool
    device: torch.device
    settings: Mapping[str, Any]


def load_ctc_model(name: str, device: str | None = None, revision: str | None = None) -> CtcModel:
    """Load a model.

    Parameters
    ----------
    name
        A bundle of torchaudio ("WAV2VEC2_ASR_BASE_960H", "VOXPOPULI_ASR_BASE_10K_DE", "MMS_FA"), a folder in the layout
        of the Hugging Face hub, or a name on the hub ("facebook/wav2vec2-base-960h"): Wav2Vec2ForCTC, HubertForCTC,
        WavLMForCTC and others that hear samples. Of a folder or the hub, weights are read in the safetensors format
        only, and no code.
    device
        As torch names it; default: the GPU if there is one.
    revision
        On the hub.

    Raises
    ------
    MtserError
        If there is no such model, it is of another kind, or transformers is not installed.
    """
    where = torch.device(device or ("cuda" if torch.cuda.is_available() else "cpu"))
    if not Path(name).is_dir() and name.isupper() and name.replace("_", "").isalnum():
        return _from_torchaudio(name, where)
    return _from_folder(find_model(name, revision), where)


def _from_torchaudio(name: str, device: torch.device) -> CtcModel:
    import torchaudio

    bundle = getattr(torchaudio.pipelines, name, None)
    if bundle is None or not hasattr(bundle, "get_labels"):
        known = [one for one in dir(torchaudio.pipelines) if "ASR" in one or one == "MMS_FA"]
        raise ConfigError(f"torchaudio has no acoustic model {name}; it has {', '.join(known)}.")
    aligns_only = name == "MMS_FA"
    try:
        network = bundle.get_model(with_star=False) if aligns_only else bundle.get_model()
    except Exception as error:  # whatever the download finds
        reason = str(error).strip().rstrip(".") or repr(error)
        raise ModelError(
            f"the weights of {name} are not on this machine and cannot be downloaded ({reason}); choose a local "
            "folder: ctc:FOLDER."
        ) from error
    network = network.eval().to(device)
    labels = bundle.get_labels(star=None) if aligns_only else bundle.get_labels()

    def emit(samples: torch.Tensor) -> torch.Tensor:
        return network(samples[None])[0][0].log_softmax(-1)

    # The bundles that need it normalise samples themselves.
    return CtcModel(
        emit, {label: i for i, label in enumerate(labels)}, 0, "|" if "|" in labels else None, 320, False, device,
        {"torchaudio": name, "device": device.type},
    )  # fmt: skip


def _from_folder(folder: Path, device: torch.device) -> CtcModel:
    try:
        import transformers
    except ImportError as error:
        raise MtserError(
            "Models of the Hugging Face hub are read by transformers, which is not installed: "
            "pip install mtser[pretrained]."
        ) from error
    safe: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, **safe)
        network = transformers.AutoModelForCTC.from_pretrained(folder, use_safetensors=True, **safe)
        network = network.eval().float().to(device)
        hop = int(network.config.inputs_to_logits_ratio)
    except Exception as error:  # whatever transformers finds wrong with files of strangers
        reason = (str(error).strip().splitlines() or [repr(error)])[0].rstrip(".:")
        raise ModelError(f"{folder}: is no model that was trained by CTC on samples ({reason}).") from error
    heard = _feature_extractor(folder, safe)
    if (rate := heard.get("sampling_rate", SAMPLE_RATE)) != SAMPLE_RATE:
        raise ModelError(f"{folder}: the model hears {rate} Hz; mtser has {SAMPLE_RATE} Hz.")

    def emit(samples: torch.Tensor) -> torch.Tensor:
        return network(samples[None]).logits[0].log_softmax(-1)

    between = getattr(tokenizer, "word_delimiter_token", None)
    vocabulary = {token: index for token, index in tokenizer.get_vocab().items() if index < network.config.vocab_size}
    return CtcModel(
        emit,
        vocabulary,
        int(network.config.pad_token_id),
        between if between in vocabulary else None,
        hop,
        bool(heard.get("do_normalize", False)),
        device,
        {**content_hashes(folder), "device": device.type},
    )


def _feature_extractor(folder: Path, safe: Mapping[str, Any]) -> dict[str, Any]:
    from transformers import AutoFeatureExtractor

    try:
        return dict(AutoFeatureExtractor.from_pretrained(folder, **safe).to_dict())
    except OSError:  # without preprocessor_config.json it hears samples as they are
        return {}
