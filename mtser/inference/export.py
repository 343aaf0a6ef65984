"""A run as a folder for others: weights, description, vocabularies, a model card; data only."""

import json
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mtser import __version__
from mtser.errors import ConfigError, ModelError, MtserError
from mtser.files import write_json, write_text
from mtser.inference.data_folder import DataFolder
from mtser.inference.members import TrainedRun
from mtser.inference.model_card import Card, model_card
from mtser.inference.onnx_export import write_onnx
from mtser.inference.pretrained_folder import CONFIG, DESCRIPTION, FORMAT, MEMBERS, WEIGHTS, read_pretrained
from mtser.inference.shared_description import share_description


def export_run(
    run: TrainedRun, out: str | Path, *, onnx: bool = True, licence: str = "other", title: str | None = None
) -> Path:
    """Write the folder.

    It appears in one step, whole or not at all, and is read back before: what is written can be loaded.

    Parameters
    ----------
    run
        With the models that shall be in it.
    out
        The folder; it must not exist, or be empty.
    onnx
        Also write each model as ONNX.
    licence
        Of the weights, as the hub names licences ("cc-by-4.0"); "other" says that the corpus's licence decides.
    title
        Of the model card; default: system and corpus.

    Returns
    -------
    Path
        ``out``.

    Raises
    ------
    ConfigError
        If the folder is not empty.
    ModelError
        If the model cannot be shared or, with ``onnx``, not be written as ONNX.
    """
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out}: is there already and not empty; choose another folder, or delete it.")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{out.name}.", suffix=".part", dir=out.parent))
    except OSError as error:
        raise MtserError(f"{out}: cannot be written ({error.strerror}); choose another folder.") from error
    try:
        _write(run, folder, onnx=onnx, licence=licence, title=title)
        folder.chmod(0o755)
        if out.exists():
            out.rmdir()
        folder.rename(out)
    except OSError as error:
        raise MtserError(f"{out}: cannot be written ({error.strerror or error}).") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return out


def _write(run: TrainedRun, folder: Path, *, onnx: bool, licence: str, title: str | None) -> None:
    from safetensors.torch import save_file

    if run.nested:
        raise ModelError(
            f"{run.folder}: its folds have settings of their own (mtser tune --nested), and an exported model has one "
            f"description; export one of them: --fold {next(iter(run.models))}."
        )
    shared = share_description(run.description, folder)
    write_text(folder / DESCRIPTION, shared.text)
    for name, model in run.models.items():
        member = folder / MEMBERS / name
        member.mkdir(parents=True)
        model.save_assets(member / "assets")
        weights = {key: one.detach().cpu().clone().contiguous() for key, one in model.state_dict().items()}
        save_file(weights, member / WEIGHTS, metadata={"format": "pt"})
        (member / WEIGHTS).chmod(0o644)
        if onnx:
            write_onnx(model, run.classes, member / "model.onnx")
    metrics = _metrics(run)
    write_json(
        folder / CONFIG,
        {
            "library": "mtser",
            "mtser_version": __version__,
            "format": FORMAT,
            "system": run.system,
            "classes": list(run.classes),
            "members": list(run.models),
            "epochs": dict(run.epochs),
            "max_words": run.max_words,
            "language": run.language,
            "sample_rate": 16000,
            "allow": list(shared.foreign),
        },
    )
    if metrics:
        write_json(folder / "metrics.json", metrics)
    card = Card(run, metrics, shared.foreign, licence=licence, title=title, onnx=onnx)
    write_text(folder / "README.md", model_card(card))
    read_pretrained(DataFolder(folder), shared.foreign)


_KEPT = (
    *("system", "corpus", "protocol", "synthetic", "seed", "classes", "n_utterances", "n_speakers", "n_skipped"),
    *("pooled", "over_folds", "folds", "folds_missing", "warnings"),
)


def _metrics(run: TrainedRun) -> Mapping[str, Any]:
    """What the run measured, without what only its own folder can explain."""
    try:
        found = json.loads((run.folder / "metrics.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):  # of a run that is not finished
        return {}
    return {name: found[name] for name in _KEPT if name in found}
