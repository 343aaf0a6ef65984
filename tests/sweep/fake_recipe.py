"""A recipe that trains nothing: it writes a run folder as train.py does, quickly, and misbehaves on demand.

How it behaves stands in the YAML: plain ``name: value`` lines. What happens when, it tells the file ``$JOURNAL``.
"""

import fcntl
import json
import os
import re
import signal
import sys
import time
import zlib
from pathlib import Path

HELP = """\
usage: fake_recipe.py [--data_folder FOLDER] ...

  --data_folder FOLDER  the corpus
  --corpus_name NAME
  --folds NUMBERS
  --run_name NAME
  --cache_folder FOLDER
  --label_map YAML
  --device NAME         such as
                        --device cpu
  --precision NAME

Every name in the YAML is an option too: --number_of_epochs 20, and nested ones with dots:
--transformer.share "[q, k, v]".
"""
# No part of what is run:
PASSING = ("output_folder", "fold_settings", "folds", "behave", "meet", "prepare_seconds", "epoch_seconds")
EXTRACTOR = re.compile(r"extractor: !name:(\w+)")


def main(arguments: list[str]) -> int:
    if arguments == ["--help"]:
        print(HELP)
        return 0
    dev_only = "--dev_only" in arguments
    arguments = [word for word in arguments if word != "--dev_only"]
    text = Path(arguments[0]).read_text()
    yaml = {"system": Path(arguments[0]).stem}
    of_file = dict(re.findall(r"^(\w+): (.*)$", text, re.MULTILINE))
    yaml |= of_file
    options = dict(zip(arguments[1::2], arguments[2::2], strict=True))
    yaml |= {name[2:]: value for name, value in options.items()}
    system, protocol, seed = yaml.get("run_name", yaml["system"]), yaml["protocol"], yaml["seed"]
    corpus = yaml.get("corpus_name") or (Path(yaml["data_folder"]).name if "data_folder" in yaml else "mini")
    run = Path(yaml["output_folder"], system, corpus, protocol, f"seed_{seed}")
    name = f"{system}/{protocol}/{seed}"
    settings = {} if EXTRACTOR.search(text) else {"hyperparameters": {key: plain(yaml[key]) for key in of_file}}
    tell("start", name, os.environ.get("OMP_NUM_THREADS", "all"))
    behave = yaml.get("behave", "")
    if behave == "refuse" or yaml.get("refused_protocol") == protocol:
        print("error: this cannot be.", file=sys.stderr)
        return 2
    tell("prepare", name, *EXTRACTOR.findall(text))
    time.sleep(float(yaml.get("prepare_seconds", 0)))
    tell("prepared", name, *EXTRACTOR.findall(text))
    if behave == "not_applicable":
        reason = "the corpus has no attributes."
        write(run / "not_applicable.json", {"reason": reason, **settings})
        print(f"not applicable: {reason}", file=sys.stderr)
        return 3
    run.mkdir(parents=True, exist_ok=True)
    guard = (run / "guard").open("w")
    try:
        fcntl.flock(guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        tell("COLLISION", name)
        return 1
    asked = {"yaml": {key: value for key, value in yaml.items() if key not in PASSING}, **settings}
    if (run / "run.json").exists() and json.loads((run / "run.json").read_text())["yaml"] != asked["yaml"]:
        print(f"error: {run}: holds another run.", file=sys.stderr)
        return 2
    all_folds = [f"fold_{number}" for number in range(1, int(yaml.get("n_folds", 2)) + 1)]
    write(run / "folds.json", {"folds": [{"name": fold} for fold in all_folds]})
    write(run / "run.json", asked)
    if behave == "crash":
        return crash()
    if behave == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    meet(int(yaml.get("meet", 0)))
    chosen = [all_folds[int(number) - 1] for number in yaml["folds"].split(",")] if "folds" in yaml else all_folds
    for fold in chosen:
        train(run / "folds" / fold, name, int(yaml["number_of_epochs"]), float(yaml.get("epoch_seconds", 0)), yaml)
    done = [fold for fold in all_folds if (run / "folds" / fold / "result.json").exists()]
    pooled = {"wa": number(f"{name} wa"), "ua": number(f"{name} ua")}
    missing = [fold for fold in all_folds if fold not in done]
    folds = [{"name": fold} for fold in done]
    if dev_only:
        if "inner" in yaml:
            write(run / "outer.json", ["fold_1", "fold_2"])
        dev = {"dev_ua": float(yaml["x"])}
        write(run / "metrics.json", {"part": "dev", "measure": "dev_ua", "dev": dev, "folds": folds})
    elif behave != "silent":
        write(run / "predictions.csv", "utterance,fold,seed,truth,prediction\n")
        write(run / "report.md", "# Report\n")
        write(run / "manifest.json", {})
        write(run / "metrics.json", {"pooled": pooled, "folds": folds, "folds_missing": missing, "synthetic": False})
    tell("end", name)
    return 0


def meet(number: int) -> None:
    """Wait until so many runs have begun; if they never do, go on after a while."""
    end = time.monotonic() + 20
    while number and Path(os.environ["JOURNAL"]).read_text().count(" prepared ") < number and time.monotonic() < end:
        time.sleep(0.01)


def train(folder: Path, name: str, n_epochs: int, seconds: float, yaml: dict[str, str]) -> None:
    if (folder / "result.json").exists():
        return
    rows = (folder / "log.csv").read_text().splitlines()[1:] if (folder / "log.csv").exists() else []
    while len(rows) < n_epochs:
        time.sleep(seconds)
        dev_ua = number(f"{name} {folder.name} {len(rows) + 1}")
        if "x" in yaml:  # what a trial reaches grows from epoch to epoch, up to x
            dev_ua = float(yaml["x"]) * (len(rows) + 1) / n_epochs
            tell("epoch", name, str(len(rows) + 1))
        rows.append(f"{len(rows) + 1},{dev_ua},{seconds}")
        write(folder / "log.csv", "\n".join(["epoch,dev_ua,seconds", *rows, ""]))
    write(folder / "result.json", {})


def plain(text: str) -> object:
    """A value of a YAML line."""
    try:
        return json.loads(text)
    except ValueError:
        return text[1:-1].replace("''", "'") if text.startswith("'") else text


def number(text: str) -> float:
    return zlib.crc32(text.encode()) % 1000 / 1000


def crash() -> int:
    raise RuntimeError("the weights\nare gone")


def write(file: Path, value: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    part.write_text(value if isinstance(value, str) else json.dumps(value))
    part.replace(file)


def tell(*words: str) -> None:
    if "JOURNAL" in os.environ:
        line = " ".join([f"{time.monotonic():.4f}", *words]) + "\n"
        descriptor = os.open(os.environ["JOURNAL"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
        os.write(descriptor, line.encode())
        os.close(descriptor)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
