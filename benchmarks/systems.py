"""Every system at IEMOCAP's size: seconds of an epoch, parameters, padding, memory, each in a process of its own.

    python benchmarks/systems.py [hparams/*.yaml] [--threads 2] [--epochs 1]

Prints a Markdown table; see ``epoch.py`` for what is measured. Of systems without epochs (``classical``) it is the
fitting of a fold (``fit.py``).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from mtser.configuration import Hyperparameters
from mtser.model import EmotionModel

HERE = Path(__file__).parent


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("hparams", nargs="*", default=sorted((HERE.parent / "hparams").glob("*.yaml")), type=Path)
    parser.add_argument("--threads", default="2")
    parser.add_argument("--epochs", default="1")
    options = parser.parse_args()
    print("| system | parameters | seconds an epoch | padding of frames | padding of words | peak memory |")
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for file in options.hparams:
        has_epochs = isinstance(Hyperparameters(file).build().get("model"), EmotionModel)
        with tempfile.TemporaryDirectory() as folder:
            result = Path(folder) / "figures.json"
            command = [sys.executable, HERE / ("epoch.py" if has_epochs else "fit.py"), file, "--json", result]
            command += ["--threads", options.threads, "--epochs", options.epochs] if has_epochs else []
            ended = subprocess.run(list(map(str, command)), capture_output=True, text=True)
            if ended.returncode:
                print(f"| `{file.stem}` | failed: {ended.stderr.strip().splitlines()[-1]} |", flush=True)
                continue
            figures = json.loads(result.read_text())
        padding = [f"{figures['padding'].get(unit, 0):.0%}" for unit in ("frame", "word")]
        cells = [f"`{file.stem}`", f"{figures['parameters']:,}".replace(",", " "), f"{figures['total']:.1f}"]
        cells += [*padding, f"{figures['peak_gib']:.1f} GiB"]
        print(f"| {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
