"""``report.md``: all that a reader needs to believe, doubt or repeat a result; ``seeds.md`` for several seeds."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mtser.evaluation.pictures import History, draw_confusion, draw_curves
from mtser.files import write_json, write_text

SYNTHETIC = (
    "SYNTHETIC SPEECH. A computer spoke this corpus. The numbers show that the software works; they say nothing about "
    "how well emotions of people are recognised."
)
_NAMES = {"wa": "WA", "ua": "UA", "macro_f1": "macro F1"}
_HOW_TO_READ = """\
**WA** (weighted accuracy) is the share of all utterances that is right, so frequent classes weigh more. **UA**
(unweighted accuracy) is the mean of the classes' recalls, so each class weighs the same; {chance} *Pooled*
{pooled}; *mean ± std* is over the {parts}.
The intervals are 95 % percentile bootstrap intervals **over speakers**: they say how far the number may move
with other speakers, not with other utterances of the same ones.
"""
_POOLED = {
    "folds": "puts the test utterances of all folds together, each tested once by a model that never saw it",
    "models": "takes the mean of the models' probabilities for each utterance, none of which they were trained on",
}
_POOLED["seeds"] = _POOLED["folds"]
_CCC = (
    "CCC is the concordance correlation of prediction and rating, pooled: 1 if all are equal, 0 if they have nothing "
    "to do with each other; a wrong mean or a wrong spread lowers it."
)


def write_report(
    folder: str | Path,
    metrics: Mapping[str, Any],
    *,
    histories: Mapping[str, History] | None = None,
    chosen: Mapping[str, int] | None = None,
    command: str | None = None,
    environment: Mapping[str, object] | None = None,
) -> Path:
    """Write ``metrics.json``, ``confusion.png``, ``curves.png`` and ``report.md`` of one run.

    Parameters
    ----------
    folder
        The run folder.
    metrics
        What :func:`mtser.evaluation.summarise` returned.
    histories, chosen
        The training, see :func:`mtser.evaluation.draw_curves`; no curves without them.
    command
        The command line that makes the result again.
    environment
        Versions, device and the like: name → value.

    Returns
    -------
    Path
        ``report.md``.
    """
    folder, title = Path(folder), title_of(metrics)
    synthetic = bool(metrics["synthetic"])
    write_json(folder / "metrics.json", metrics)
    draw_confusion(
        folder / "confusion.png", metrics["pooled"]["confusion"], metrics["classes"], title=title, synthetic=synthetic
    )
    training = ["## Training", ""]
    if histories:
        draw_curves(folder / "curves.png", histories, title=title, synthetic=synthetic, chosen=chosen)
        training += ["![training curves of every fold](curves.png)", ""]
    folds, parts = metrics["folds"], parts_of(metrics)
    extent = f"{len(folds)} of {len(folds) + len(metrics['folds_missing'])} folds"
    per_fold = [
        [fold["name"], fold["n_utterances"], fold["n_speakers"], *(number(fold[name]) for name in _NAMES)]
        for fold in folds
    ]
    lines = [
        *_opening(metrics, extent if parts == "folds" else f"the models of {len(folds)} folds together"),
        *_results(metrics, "over_folds", parts),
        *_attributes(metrics, parts),
        "## Data",
        "",
        *_data(metrics),
        f"## {parts.capitalize()}",
        "",
        *_table([parts[:-1], "utterances", "speakers", *_NAMES.values()], per_fold),
        *_classes(metrics),
        "![confusion matrix](confusion.png)",
        "",
        *(training if histories else []),
        *_reading(metrics, parts),
        *_again(command, environment),
    ]
    return write_text(folder / "report.md", "\n".join(lines).rstrip() + "\n")


def write_seeds_report(folder: str | Path, metrics: Mapping[str, Any], *, command: str | None = None) -> Path:
    """Write ``seeds.json`` and ``seeds.md`` of several seeds.

    Parameters
    ----------
    metrics
        What :func:`mtser.evaluation.summarise_seeds` returned.

    Returns
    -------
    Path
        ``seeds.md``.
    """
    write_json(Path(folder) / "seeds.json", metrics)
    per_seed = [[one["seed"], *(number(one[name]) for name in _NAMES)] for one in metrics["per_seed"]]
    lines = [
        *_opening(metrics, f"{metrics['n_utterances']} utterances"),
        *_results(metrics, "over_seeds", "seeds"),
        *_attributes(metrics, "seeds"),
        "## Seeds",
        "",
        *_table(["seed", *_NAMES.values()], [*per_seed, *_ensemble(metrics)]),
        *_classes(metrics),
        *_reading(metrics, "seeds"),
        "Pooled over seeds, an utterance counts once a seed; in the intervals all its seeds stay with its speaker.",
        "",
        *_again(command, None),
    ]
    return write_text(Path(folder) / "seeds.md", "\n".join(lines).rstrip() + "\n")


def _ensemble(metrics: Mapping[str, Any]) -> list[list[str]]:
    """The row of all seeds as one model (the mean of their probabilities), if that was made."""
    if not (pooled := metrics.get("ensemble")):
        return []
    return [[f"ensemble of {len(metrics['seeds'])} seeds", *(number(pooled[name]) for name in _NAMES)]]


def title_of(metrics: Mapping[str, Any]) -> str:
    """System, corpus, protocol and seeds in one line."""
    seeds = metrics.get("seeds") or [metrics["seed"]]
    seed = f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return " · ".join([metrics["system"], metrics["corpus"], metrics["protocol"], seed])


def parts_of(metrics: Mapping[str, Any]) -> str:
    """What mean and deviation of a run are over: its folds, or, of another corpus, its models."""
    return "models" if "models" in metrics else "folds"


def number(value: float | None) -> str:
    """A measure with three decimals, or a dash where there is none."""
    return "–" if value is None else f"{value:.3f}"


def interval(ends: Sequence[float] | None) -> str:
    """An interval, or a dash."""
    return "–" if ends is None else f"{ends[0]:.3f} to {ends[1]:.3f}"


def spread(entry: Mapping[str, float | None]) -> str:
    """Mean ± standard deviation."""
    return number(entry["mean"]) + ("" if entry["std"] is None else f" ± {number(entry['std'])}")


def _opening(metrics: Mapping[str, Any], extent: str) -> list[str]:
    """Title and everything that must not be overlooked."""
    lines = [f"# {_escaped(title_of(metrics))}", ""]
    if metrics["synthetic"]:
        lines += [f"> **{SYNTHETIC}**", ""]
    lines += [
        f"System **{_escaped(metrics['system'])}** on **{_escaped(metrics['corpus'])}** under the protocol "
        f"**{metrics['protocol']}**, {extent}.",
        "",
    ]
    if metrics["warnings"]:
        lines += ["**Warnings**", "", *(f"- {_escaped(warning)}" for warning in metrics["warnings"]), ""]
    return lines


def _results(metrics: Mapping[str, Any], key: str, parts: str) -> list[str]:
    pooled = metrics["pooled"]
    rows = [
        [
            f"**{label}**",
            f"**{number(pooled[name])}**",
            interval(pooled.get(f"{name}_ci95")),
            spread(metrics[key][name]),
        ]
        for name, label in _NAMES.items()
    ]
    header = ["", "pooled", f"95 % interval over {metrics['n_speakers']} speakers", f"mean ± std over {parts}"]
    return ["## Result", "", *_table(header, rows)]


def _attributes(metrics: Mapping[str, Any], parts: str) -> list[str]:
    """The concordance correlation of each attribute; nothing for a system that tells classes alone."""
    if not (told := metrics.get("attributes")):
        return []
    rows = [[name, f"**{number(one['ccc'])}**", spread(one), one["n"]] for name, one in told.items()]
    return ["## Attributes", "", *_table(["", "CCC", f"mean ± std over {parts}", "ratings"], rows), _CCC, ""]


def _data(metrics: Mapping[str, Any]) -> list[str]:
    counts = [
        f"{_escaped(name)} {sum(row)}"
        for name, row in zip(metrics["classes"], metrics["pooled"]["confusion"], strict=True)
    ]
    lines = [
        f"{metrics['n_utterances']} tested utterances of {metrics['n_speakers']} speakers: {', '.join(counts)}. "
        f"{metrics['n_skipped']} utterances of the corpus were left out"
        + (" (each with its reason in `skipped.csv`):" if metrics["n_skipped"] else "."),
        "",
    ]
    lines += _corpora(metrics.get("corpora", ()), metrics["classes"])
    if metrics["skipped"]:
        lines += _table(["reason", "utterances"], [[_escaped(reason), n] for reason, n in metrics["skipped"].items()])
    for what, n in metrics.get("cut", {}).items():
        lines += [f"Cut: {n} {what}.", ""]
    for note in metrics.get("notes", ()):
        lines += [f"Note: {_escaped(note)}", ""]
    if metrics["n_removed"]:
        lines += [
            f"{metrics['n_removed']} times an utterance was taken out of the training or dev part of a fold, because "
            "its transcript stands in the test part.",
            "",
        ]
    return lines


def _corpora(corpora: Sequence[Mapping[str, Any]], classes: Sequence[str]) -> list[str]:
    """A line a corpus, where several are joined."""
    header = ["corpus", "used to", "language", "speakers", "utterances", *(_escaped(name) for name in classes)]
    rows = [
        [
            f"**{_escaped(one['name'])}**",
            one["role"],
            ", ".join(one["languages"]),
            one["speakers"],
            one["utterances"],
            *one["classes"].values(),
        ]
        for one in corpora
    ]
    return _table(header, rows) if rows else []


def _classes(metrics: Mapping[str, Any]) -> list[str]:
    """The confusion matrix with the recalls."""
    classes = [_escaped(name) for name in metrics["classes"]]
    pooled = metrics["pooled"]
    rows = [
        [f"**{name}**", *(f"**{n}**" if i == j else n for j, n in enumerate(row)), sum(row), number(recall)]
        for i, (name, row, recall) in enumerate(
            zip(classes, pooled["confusion"], pooled["recall"].values(), strict=True)
        )
    ]
    return [
        "## Classes",
        "",
        "Rows are the true classes, columns the predicted ones; pooled.",
        "",
        *_table(["true / predicted", *classes, "utterances", "recall"], rows),
    ]


def _reading(metrics: Mapping[str, Any], parts: str) -> list[str]:
    present = sum(1 for recall in metrics["pooled"]["recall"].values() if recall is not None)
    chance = f"guessing gives {1 / present:.3f} here."
    return ["## How to read the numbers", "", _HOW_TO_READ.format(chance=chance, pooled=_POOLED[parts], parts=parts)]


def _again(command: str | None, environment: Mapping[str, object] | None) -> list[str]:
    lines = []
    if command or environment:
        lines += ["## To run it again", ""]
    if command:
        lines += ["```bash", command, "```", ""]
    if environment:
        lines += _table(["environment", ""], [[_escaped(str(k)), _escaped(str(v))] for k, v in environment.items()])
    return lines


def _table(header: Sequence[object], rows: Iterable[Sequence[object]]) -> list[str]:
    """A Markdown table; the first column to the left, the others to the right."""
    lines = [header, ["---"] + ["---:"] * (len(header) - 1), *rows]
    return [f"| {' | '.join(map(str, line))} |" for line in lines] + [""]


def _escaped(text: str) -> str:
    """Text of other people (names, reasons) that cannot break a table or start markup."""
    for letter in "\\|*_<>`[]":
        text = text.replace(letter, "\\" + letter)
    return " ".join(text.split())
