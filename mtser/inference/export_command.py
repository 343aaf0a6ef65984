"""The sub-command ``mtser export``."""

import argparse
import json
from pathlib import Path

NAME = "export"
SUMMARY = "Write the models of a run as a folder for others: weights, description, model card, ONNX."

_EXAMPLES = """\
examples:
  all folds of a run, whose probabilities are averaged:
    mtser export results/full/mini/loso/seed_1 --out my_model
  the model of one fold, without ONNX:
    mtser export results/full/mini/loso/seed_1 --out my_model \\
      --fold session_1 --no_onnx

The folder holds data alone (safetensors, YAML, JSON, ONNX). It is loaded by
EmotionRecognizer.from_pretrained, and can be uploaded to the Hugging Face hub
as it is. Whether weights may be passed on is for the corpus's licence to say.
"""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the options of the sub-command."""
    parser.epilog = _EXAMPLES
    add = parser.add_argument
    add("run", type=Path, metavar="RUN", help="results/<system>/<corpus>/<protocol>/seed_<n>")
    add("--out", type=Path, metavar="DIR", required=True, help="the folder to write; it must not exist or be empty")
    add("--fold", metavar="NAME", help="the model of this fold alone (default: those of all finished folds)")
    add("--no_onnx", action="store_true", help="write no ONNX files")
    add("--license", metavar="NAME", default="other", help="of the weights, for the model card (default: other)")
    add("--title", metavar="TEXT", help="of the model card (default: system and corpus)")


def run(options: argparse.Namespace) -> int:
    """Write the folder."""
    from mtser.inference.export import export_run
    from mtser.inference.members import load_run
    from mtser.inference.pretrained_folder import CONFIG

    trained = load_run(options.run, options.fold)
    out = export_run(trained, options.out, onnx=not options.no_onnx, licence=options.license, title=options.title)
    files = sorted(path for path in out.rglob("*") if path.is_file())
    size = sum(path.stat().st_size for path in files) / 1e6
    models = f"{len(trained.models)} models" if len(trained.models) > 1 else "1 model"
    print(f"{out}: {models}, {len(files)} files, {size:.1f} MB. README.md is the model card.")
    if foreign := json.loads((out / CONFIG).read_text(encoding="utf-8"))["allow"]:
        print(f"Who uses it needs what is no part of mtser, and has to allow it: --allow {','.join(foreign)}")
    return 0
