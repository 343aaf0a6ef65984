"""The numbers that the headers of the rival systems state, written out once more beside where they are from."""

from typing import Any

import pytest
import torch

from mtser.configuration import Hyperparameters
from tests.helpers.systems import HPARAMS, build

# Yoon, Byun and Jung 2018, github.com/david-yoon/multimodal-speech-emotion: model/reference_script.sh (hidden_dim 200,
# encoder_size 750; dr_audio 0.7 and dr_text 0.3 are what is kept), model/project_config.py (39 MFCC, 35 functionals,
# GloVe's 300, 128 words); the maps of train_multi's model: half of 235, half of 200. Frames of 25 ms every 10 ms.
_DUAL = {
    "max_words": 128,
    "text_encoder.words.size": 300,
    "text_encoder.words.vectors": None,  # our reading
    "text_encoder.net.hidden_size": 200,
    "text_encoder.net.cell": "gru",
    "text_encoder.net.bidirectional": False,
    "audio_encoder.features.extractor!": "!new:mtser.features.OpenSmileMFCC",
    "audio_encoder.features.extractor.frame_length": 0.025,
    "audio_encoder.features.extractor.frame_step": 0.010,
    "audio_encoder.features.max_frames": 750,
    "audio_encoder.features.normalise": "train",  # our reading
    "audio_encoder.net.input_size": 39,
    "audio_encoder.net.hidden_size": 200,
    "audio_encoder.net.cell": "gru",
    "audio_encoder.net.bidirectional": False,
    "audio_encoder.net.returns": "last",
    "audio_encoder.functionals.features.extractor.feature_set": "prosody",
    "audio_encoder.functionals.features.normalise": "train",
}
# The common 39 MFCC of words, section 4.2 of the paper whose tables these systems stand in.
_WORD_MFCC = {
    "audio_encoder.features!": "!new:mtser.features.WordFrames",
    "audio_encoder.features.extractor!": "!new:mtser.features.OpenSmileMFCC",
    "audio_encoder.features.extractor.frame_length": 0.025,
    "audio_encoder.features.extractor.frame_step": 0.015,
    "audio_encoder.features.normalise": "train",
    "audio_encoder.features.max_frames": 64,
    "text_encoder.tokenizer.min_count": 2,
}
# Joint vector and classifier of the full system, section 4.2.
_JOINT = {"joint.size": 100, "classifier.hidden_size": 50}
_TRANSFORMER = {
    "transformer.size": 50,
    "transformer.n_heads": 5,
    "transformer.n_blocks": 2,
    "transformer.positions": "sinusoidal",
    "transformer.norm": "post",
}
STATED: dict[str, dict[str, Any]] = {
    "mdre": {
        **_DUAL,
        "text_encoder.net.returns": "last",
        "joint.modalities.audio": 235,
        "joint.modalities.text": 200,
        "joint.sizes.audio": 117,
        "joint.sizes.text": 100,
    },
    # SE_model_multi_attn.py: the map is of the text's width; at most 750 frames is our reading (its command has 1000).
    "mdrea": {**_DUAL, "text_encoder.net.returns": "states", "attention.query": "audio", "attention.size": 200},
    # Yoon et al. 2019, the abstract (bidirectional LSTMs, the audio first asks the words, two hops), and what the same
    # authors published of the successor, github.com/david-yoon/attentive-modality-hopping-for-SER:
    # model/train_reference_script.sh (200 units, 750 frames, 128 words).
    "mha2": {
        "max_words": 128,
        "text_encoder.words.size": 300,
        "text_encoder.net.hidden_size": 200,
        "text_encoder.net.cell": "lstm",
        "text_encoder.net.bidirectional": True,
        "text_encoder.net.returns": "states",
        "audio_encoder.features.extractor.frame_step": 0.010,
        "audio_encoder.features.max_frames": 750,
        "audio_encoder.features.normalise": "train",
        "audio_encoder.net.hidden_size": 200,
        "audio_encoder.net.cell": "lstm",
        "audio_encoder.net.bidirectional": True,
        "audio_encoder.net.returns": "states",
        "attention.first": "audio",
        "attention.second": "text",
        "attention.hops": 2,
        "attention.bidirectional": True,
    },
    # Xu et al. 2019, github.com/Delta-ML/delta, egs/iemocap/emo/v1/conf/multimodal-align-emotion.yml: embedding_size
    # 300, cell_dim 100, hidden_dim 200, head_num 8, winstep 0.01. LSTMs and the whole utterance are our reading.
    "lstm_attn": {
        "text_encoder.words.size": 300,
        "text_encoder.net.hidden_size": 100,
        "text_encoder.net.cell": "lstm",
        "text_encoder.net.bidirectional": True,
        "audio_encoder.features.extractor.frame_step": 0.010,
        "audio_encoder.features.max_frames": None,
        "audio_encoder.features.normalise": "train",
        "audio_encoder.net.hidden_size": 100,
        "audio_encoder.net.cell": "lstm",
        "audio_encoder.net.bidirectional": True,
        "alignment.attention.n_heads": 8,
        "alignment.attention.size": 200,
        "layer.net.hidden_size": 100,
        "layer.net.cell": "lstm",
        "layer.net.bidirectional": True,
        "pooling.aggregate": "attention",
    },
    # Shen et al. 2020, the abstract alone; all numbers are our reading, as the header states them.
    "wise": {
        **_WORD_MFCC,
        **_JOINT,
        "text_encoder.size": 100,
        "audio_encoder.hidden_size": 50,
        "word_interaction.size": 100,
        "pooling.modalities": ["audio", "text"],
        "pooling.aggregate": "sum",
    },
    # Yenigalla et al. 2018, the abstract alone (CNNs, four parallel shapes); all numbers are our reading.
    "phoneme_spectrogram": {
        **_JOINT,
        "text_encoder.size": 100,
        "text_encoder.widths": [2, 3, 4, 5],
        "text_encoder.n_filters": 32,
        "text_encoder.output_size": 100,
        "audio_encoder.features.extractor!": "!new:mtser.features.LogMel",
        "audio_encoder.features.extractor.frame_length": 0.032,
        "audio_encoder.features.extractor.frame_step": 0.016,
        "audio_encoder.features.extractor.n_mel": 64,
        "audio_encoder.features.max_frames": 750,
        "audio_encoder.features.normalise": "train",
        "audio_encoder.n_filters": 32,
        "audio_encoder.stride": [4, 8],
        "audio_encoder.output_size": 100,
        "pooling.modalities": ["audio", "text"],
    },
    # Gu et al. 2019, github.com/XinyuLyu/Mutual-Correlation-..., ACMM/fusion_context_regression.py (four layers, n_head
    # 10, d_k 20) and ACMM/self_attention_fusion.py (no position in FusionAttention: positions are our reading).
    "mcaf": {
        **_WORD_MFCC,
        **_JOINT,
        "text_encoder.size": 200,
        "interaction.size": 200,
        "interaction.n_heads": 10,
        "interaction.n_layers": 4,
        "interaction.positions": "sinusoidal",
        "pooling.modalities": ["audio", "text"],
        "context": None,
    },
    # Pepino et al. 2020, the abstract alone (frozen word vectors, openSMILE); all numbers are our reading.
    "bert_functionals": {
        **_JOINT,
        "text_encoder.size": 128,
        "text_encoder.words.extractor.layers": 1,
        "audio_encoder.features.extractor.feature_set": "eGeMAPSv02",
        "audio_encoder.features.normalise": "train",
        "interaction!": "!new:mtser.fusion.EarlyFusion",
        "interaction.size": 128,
    },
    # Atmaja and Akagi 2020; the networks are those of audio_only and text_only.
    "multitask_vad": {
        **_WORD_MFCC,
        **_TRANSFORMER,
        "transformer.share": [],
        "interaction.aggregate": "attention",
        "classifier.attributes.hidden_size": 50,
        "classifier.classes.hidden_size": 50,
        "training.loss.share": 0.5,
        "training.loss.attributes.weights": [0.9, 0.9, 0.2],
        "stacking": "none",
    },
    # Wang et al. 2021: everything that full.yaml has; the third modality is ours.
    "n_modalities": {
        **_WORD_MFCC,
        **_TRANSFORMER,
        **_JOINT,
        "transformer.share": ["q", "k"],
        "third_encoder.features.extractor!": "!new:mtser.features.ProsodyContours",
        "third_encoder.features.extractor.frame_length": 0.040,
        "third_encoder.features.extractor.frame_step": 0.015,
        "third_encoder.features.max_frames": 64,
        "third_encoder.features.normalise": "train",
        "third_encoder.query": "text",
        "audio_encoder.query": "text",
        "interaction.modalities": ["audio", "text", "third"],
        "interaction.aggregate": "sum",
    },
}
# Every dropout, by the model's names. dr_audio 0.7 and dr_text 0.3 of both of Yoon et al.'s commands are what is kept;
# MHA-2's is on inputs alone. LSTM+Attn's 0.5 is our reading (Delta has 0.7). The classifier's is of section 4.2.
_DUAL_DROPOUT = {
    "encoders.text.net.input_dropout": 0.7,
    "encoders.text.net.output_dropout": 0.7,
    "encoders.audio.net.input_dropout": 0.3,
    "encoders.audio.net.output_dropout": 0.3,
}
_TRANSFORMER_DROPOUT = {"fusion.0.blocks.0.dropout": 0.1, "fusion.0.blocks.1.dropout": 0.1}
DROPOUTS: dict[str, dict[str, float]] = {
    "mdre": _DUAL_DROPOUT,
    "mdrea": _DUAL_DROPOUT,
    "mha2": {"encoders.text.net.input_dropout": 0.7, "encoders.audio.net.input_dropout": 0.3},
    "lstm_attn": {
        "encoders.text.net.input_dropout": 0.5,
        "encoders.text.net.output_dropout": 0.5,
        "encoders.audio.net.output_dropout": 0.5,
        "fusion.0.dropout": 0.5,
        "fusion.1.net.output_dropout": 0.5,
    },
    "multitask_vad": {
        **_TRANSFORMER_DROPOUT,
        "classifier.attributes.dropout": 0.5,
        "classifier.classes.dropout": 0.5,
    },
    "n_modalities": {**_TRANSFORMER_DROPOUT, "classifier.dropout": 0.5},
    **dict.fromkeys(("wise", "phoneme_spectrogram", "mcaf", "bert_functionals"), {"classifier.dropout": 0.5}),
}

# What the encoder of each modality reads, and who extracts it.
_WORDS, _MFCC_OF_WORDS = ("WordTokenizer", None), ("WordFrames", "OpenSmileMFCC")
_MFCC, _FUNCTIONALS = ("UtteranceFrames", "OpenSmileMFCC"), ("UtteranceFeatures", "OpenSmileFunctionals")
READS: dict[str, dict[str, list[tuple[str, str | None]]]] = {
    **dict.fromkeys(("mdre", "mdrea"), {"text": [_WORDS], "audio": [_MFCC, _FUNCTIONALS]}),
    **dict.fromkeys(("mha2", "lstm_attn"), {"text": [_WORDS], "audio": [_MFCC]}),
    **dict.fromkeys(("mcaf", "multitask_vad"), {"text": [_WORDS], "audio": [_MFCC_OF_WORDS]}),
    "wise": {"text": [_WORDS], "audio": [_MFCC_OF_WORDS, ("PhoneFrames", None)]},
    "phoneme_spectrogram": {"text": [("WordPhones", None)], "audio": [("UtteranceFrames", "LogMel")]},
    "bert_functionals": {"text": [("ContextualWords", "HuggingFaceWords")], "audio": [_FUNCTIONALS]},
    "n_modalities": {"text": [_WORDS], "audio": [_MFCC_OF_WORDS], "third": [("WordFrames", "ProsodyContours")]},
}


@pytest.mark.parametrize("name", STATED)
def test_numbers_are_those_of_the_header(name: str) -> None:
    found = Hyperparameters(HPARAMS / f"{name}.yaml").flat()
    assert {option: found.get(option, "missing") for option in STATED[name]} == STATED[name]


@pytest.mark.parametrize("name", READS)
def test_each_modality_is_what_its_name_says(name: str) -> None:
    found = {}
    for modality, encoder in Hyperparameters(HPARAMS / f"{name}.yaml").build()["model"].encoders.items():
        by_whom = [(one, getattr(one, "extractor", None)) for one in encoder.inputs]
        found[modality] = [(type(one).__name__, by and type(by).__name__) for one, by in by_whom]
    assert found == READS[name]


def test_every_table_has_every_rival() -> None:
    assert STATED.keys() == DROPOUTS.keys() == READS.keys()


def test_shapes_of_filters_and_turns_of_a_dialog() -> None:
    spectrogram = Hyperparameters(HPARAMS / "phoneme_spectrogram.yaml").get("audio_encoder")
    assert [list(shape) for shape in spectrogram["shapes"]] == [[6, 8], [9, 12], [12, 16], [15, 20]]
    dialog = Hyperparameters(HPARAMS / "mcaf.yaml", {"context": "blocks/context/dialog.yaml"})
    assert dialog.flat()["context.n_preceding"] == 8


@pytest.mark.parametrize("name", DROPOUTS)
def test_dropouts_are_these_and_no_others(name: str) -> None:
    model, found = build(name)["model"], {}
    for place, module in model.named_modules():
        if isinstance(module, torch.nn.Dropout) and module.p:
            found[place] = module.p
        assert not getattr(module, "word_dropout", 0.0), place
    assert found == DROPOUTS[name]
    assert (model.modality_dropout, model.auxiliary) == (0.0, 0.0)
