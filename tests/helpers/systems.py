"""The systems of hparams/, built and given synthetic data."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from mtser.configuration import Hyperparameters
from mtser.corpora.utterance import Utterance
from mtser.encoders import Batch
from mtser.model import EmotionModel
from mtser.ragged import Ragged
from mtser.training import TrainingPlan
from mtser.training.data import LabelledBatch, ModelData
from tests.helpers.synthetic import EMOTIONS, SyntheticSource

HPARAMS = Path(__file__).parents[2] / "hparams"
SYSTEMS = sorted(file.stem for file in HPARAMS.glob("*.yaml"))


def build(system: str, **overrides: str) -> dict[str, Any]:
    """The objects of a system's file; ``a__b`` overrides ``a.b``. Audio comes from the extractor without openSMILE."""
    file = HPARAMS / f"{system}.yaml"
    given = {name.replace("__", "."): value for name, value in overrides.items()}
    if "!include:../features/mfcc_opensmile.yaml" in _audio_block(file):
        given = {"audio_encoder.features": "blocks/features/mfcc_torch.yaml", **given}
    return Hyperparameters(file, given).build()


def _audio_block(file: Path) -> str:
    """The text of the block that a system's file includes as its audio encoder."""
    found = re.search(r"^audio_encoder: !include:(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    return (HPARAMS / found[1]).read_text(encoding="utf-8") if found else ""


@dataclass
class Ready:
    """A system that has seen its training part, and its data."""

    model: EmotionModel
    plan: TrainingPlan
    data: ModelData

    def batch(self, *rows: int) -> LabelledBatch:
        """Some utterances; without arguments all."""
        ids = [self.data.utterances[row].id for row in rows or range(len(self.data.utterances))]
        return self.data.batch(self.data.rows(ids))


def ready(system: str, utterances: list[Utterance], device: str = "cpu", **overrides: str) -> Ready:
    """Build a system, let it learn what precedes training from ``utterances``, and load them."""
    torch.manual_seed(0)
    objects = build(system, **overrides)
    model, plan = objects["model"], objects["training"]
    data = ModelData(utterances, EMOTIONS, objects["max_words"], device, n_preceding=model.n_preceding)
    source = SyntheticSource(utterances)
    data.load([input for input in model.inputs if input.key() is not None], source)  # type: ignore[arg-type]
    every = data.rows(one.id for one in utterances)
    model.fit(data.utterances, data.tables(every))
    data.load([input for input in model.inputs if input.key() is None], source)  # type: ignore[arg-type]
    if callable(fit := getattr(plan.loss, "fit", None)):
        fit(data.labels(every), len(EMOTIONS))
    return Ready(model.to(device), plan, data)


def in_double(batch: Batch) -> Batch:
    """The batch with its numbers (not its tokens) in float64."""
    data = {
        input: Ragged(table.values.double() if table.values.is_floating_point() else table.values, table.lengths)
        for input, table in batch.data.items()
    }
    return Batch(batch.n_words, data, batch.turns)
