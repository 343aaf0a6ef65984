"""The model card: what the model is, how well it does on whom, and what it must not be taken for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from mtser import __version__
from mtser.inference.members import TrainedRun


@dataclass(frozen=True)
class Card:
    """What the card tells of.

    Parameters
    ----------
    run
        The models.
    metrics
        What the run measured; empty if it is not finished.
    allow
        What a user has to allow to load it.
    licence, title
        As for :func:`mtser.inference.export.export_run`.
    onnx
        Whether ONNX files are there.
    """

    run: TrainedRun
    metrics: Mapping[str, Any]
    allow: Sequence[str]
    licence: str
    title: str | None
    onnx: bool

    @property
    def corpus(self) -> str:
        """Its name in the results."""
        return str(self.metrics.get("corpus", self.run.folder.parent.parent.name))

    @property
    def protocol(self) -> str:
        """Its name in the results."""
        return str(self.metrics.get("protocol", self.run.folder.parent.name))


def model_card(card: Card) -> str:
    """README.md in the form of the Hugging Face hub: YAML front matter, then Markdown."""
    parts = [f"---\n{_front_matter(card)}---\n", f"# {card.title or f'{card.run.system}, trained on {card.corpus}'}\n"]
    parts += [_what(card), _results(card), _use(card), _limits(card), _licence(card), _source(card)]
    return "\n".join(part for part in parts if part)


def _front_matter(card: Card) -> str:
    front: dict[str, Any] = {
        "library_name": "mtser",
        "pipeline_tag": "audio-classification",
        "language": card.run.language,
        "license": card.licence,
        **({"license_name": "see-the-corpus", "license_link": "README.md"} if card.licence == "other" else {}),
        "tags": ["speech-emotion-recognition", "multimodal", "mtser", card.run.system],
    }
    if pooled := card.metrics.get("pooled"):
        results = {
            "task": {"type": "audio-classification", "name": "Speech emotion recognition"},
            "dataset": {"name": card.corpus, "type": card.corpus, "split": f"protocol {card.protocol}"},
            "metrics": [
                {"type": "accuracy", "name": "WA (accuracy)", "value": round(pooled["wa"], 4)},
                {"type": "recall", "name": "UA (macro recall)", "value": round(pooled["ua"], 4)},
                {"type": "f1", "name": "macro F1", "value": round(pooled["macro_f1"], 4)},
            ],
        }
        front["model-index"] = [{"name": card.run.system, "results": [results]}]
    text, yaml = StringIO(), YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    yaml.dump(front, text)
    return text.getvalue()


def _what(card: Card) -> str:
    run, n = card.run, len(card.run.models)
    synthetic = ""
    if card.metrics.get("synthetic"):
        synthetic = (
            "\n**Synthetic speech.** A computer spoke the training corpus. The model shows that the software works; it "
            "knows nothing of people's emotions.\n"
        )
    ensemble = (
        f"{n} models, one a fold of the cross-validation; their probabilities are averaged."
        if n > 1
        else f"The model of fold {next(iter(run.models))}."
    )
    return (
        f"Speech emotion recognition from sound and words: {', '.join(run.classes)}. The system `{run.system}` of "
        f"mtser {__version__}, trained on {card.corpus} under the protocol `{card.protocol}` with seed {run.seed}. "
        f"{ensemble} Utterances are cut to their first {run.max_words} words.\n{synthetic}"
    )


def _results(card: Card) -> str:
    pooled = card.metrics.get("pooled")
    if not pooled:
        return "## Results\n\nThe cross-validation was not finished when this was written: no results are known.\n"

    def row(name: str, key: str) -> str:
        interval = pooled.get(f"{key}_ci95")
        told = f"[{interval[0]:.3f}, {interval[1]:.3f}]" if interval and None not in interval else "not known"
        return f"| {name} | {pooled[key]:.3f} | {told} |\n"

    recall = ", ".join(f"{name} {value:.3f}" for name, value in pooled.get("recall", {}).items() if value is not None)
    warnings = "".join(f"\n- {warning}" for warning in card.metrics.get("warnings", []))
    together = ""
    if len(card.run.models) > 1:
        together = (
            "\nThese are results of each model on the fold that it was not trained on. **All models together were not "
            "measured**: every utterance of the corpus was training data of most of them.\n"
        )
    return (
        f"## Results\n\nOn the test parts of `{card.protocol}`, pooled: {card.metrics['n_utterances']} utterances of "
        f"{card.metrics['n_speakers']} speakers. Intervals are over speakers (95 %).\n\n"
        "| measure | value | interval |\n|---|---|---|\n"
        + row("WA (accuracy)", "wa")
        + row("UA (macro recall)", "ua")
        + (f"\nRecall: {recall}.\n" if recall else "")
        + together
        + (warnings + "\n" if warnings else "")
    )


def _use(card: Card) -> str:
    allow = f", allow={list(card.allow)!r}" if card.allow else ""
    onnx = ""
    if card.onnx:
        onnx = (
            "\n`members/*/model.onnx` are the models for other runtimes: features and token numbers of one utterance → "
            "probabilities. Features, vocabulary and words with times are mtser's to make (docs/inference.md).\n"
        )
    return (
        "## Use\n\n```python\nfrom mtser.inference import EmotionRecognizer\n\n"
        f'recognizer = EmotionRecognizer.from_pretrained("path/of/this/folder"{allow})\n'
        'print(recognizer.recognize("speech.wav", "What is said in it.").probabilities)\n```\n\n'
        f"The folder holds data alone ({'safetensors, YAML, JSON, ONNX' if card.onnx else 'safetensors, YAML, JSON'}); "
        "loading it runs no code of it.\n"
        + onnx
        + (
            "\nThe model needs the classes or language models named in `allow`, which are not part of mtser; on the "
            f"command line they are allowed with `--allow {','.join(card.allow)}`.\n"
            if card.allow
            else ""
        )
    )


def _limits(card: Card) -> str:
    return (
        "## Limits\n\n"
        f"- It knows the {len(card.run.classes)} classes above and gives every recording one of them. Probabilities "
        "are not calibrated for other speech.\n"
        f"- It learned from {card.corpus} (language: {card.run.language}): other languages, microphones, ages, "
        "cultures and ways of speaking may give wrong answers that look certain. Acted emotions differ from felt "
        "ones.\n"
        "- It judges how an utterance sounds and reads, not what a person feels. It is no ground for decisions about "
        "people (at work, in school, by police, in medicine); some of these uses are forbidden by law.\n"
        "- It relies on words and their times; errors of a transcript or an alignment become errors of the emotion.\n"
    )


def _licence(card: Card) -> str:
    said = card.metrics.get("licence")
    told = f" ({said})" if said else ""
    decided = "" if card.licence == "other" else f" The weights are given under {card.licence}."
    return (
        f"## Licence\n\nThe weights were learned from {card.corpus}, and `vocabulary.json` lists words of its "
        f"transcripts: whether and how they may be passed on and used is decided by that corpus's licence{told}."
        f"{decided} mtser itself is under the Apache License 2.0.\n"
    )


def _source(card: Card) -> str:
    if not card.run.epochs:
        return ""
    epochs = ", ".join(f"{name} {epoch}" for name, epoch in card.run.epochs.items())
    return f"## Training\n\nEpoch that was chosen on the dev part, by fold: {epochs}.\n"
