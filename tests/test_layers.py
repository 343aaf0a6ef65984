"""Imports point one way, as the folders are ordered, and never in a circle."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "mtser"

# From the bottom to the top; a module may import from its own layer and from those below it.
LAYERS = [
    "errors",
    "languages",
    "checks",
    "option_values",
    "cores",
    "devices",
    "apart",
    "parallel",
    "unfinished",
    "files",
    "pictures",
    "progress_bar",
    "pretrained",
    "configuration",
    "ragged",
    "sequence",
    "attention",
    "outputs",
    "measures_on_dev",
    "named_files",
    "protocol_names",
    "text_files",
    "text_tables",
    "audio",
    "pronunciation",
    "transcription",
    "alignment",
    "corpora",
    "aligning",
    "features",
    "encoders",
    "fusion",
    "classifiers",
    "model",
    "evaluation",
    "classical",
    "training",
    "tables",
    "sweep",
    "tuning",
    "inference",
    "transfer",
    "prediction",
    "demo",
    "cli",
    "__main__",
]
# Judging predictions needs neither a model nor torch.
BELOW_EVALUATION = {"errors", "files", "pictures", "measures_on_dev", "alignment", "corpora"}
# They come with an extra that a user may not have: imported where they are used, never when mtser is imported.
OPTIONAL = {
    "av",
    "ctranslate2",
    "espeakng_loader",
    "faster_whisper",
    "gradio",
    "h5py",
    "num2words",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "opensmile",
    "optuna",
    "peft",
    "pocketsphinx",
    "transformers",
}


def module_name(path: Path) -> str:
    """``mtser/audio/reading.py`` → ``mtser.audio.reading``; a package's ``__init__.py`` has the package's name."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in sorted(PACKAGE.rglob("*.py"))
}


def imported_by(node: ast.AST) -> set[str]:
    """Return the modules that a statement imports; of ``from a import b``, ``a.b`` if that is a module of mtser."""
    if isinstance(node, ast.Import):
        return {alias.name for alias in node.names}
    if isinstance(node, ast.ImportFrom):
        assert node.level == 0, "imports are absolute in mtser"
        names = {f"{node.module}.{alias.name}" for alias in node.names}
        return {name if name in MODULES else str(node.module) for name in names}
    return set()


def imported(tree: ast.AST) -> set[str]:
    """Return the modules that a file imports, at its top or later."""
    return {name for node in ast.walk(tree) for name in imported_by(node)}


def layer(module: str) -> str:
    """``mtser.audio.reading`` → ``audio``."""
    return module.split(".")[1]


def allowed(own: str) -> set[str]:
    """Return the layers that a layer may import from."""
    return BELOW_EVALUATION | {own} if own == "evaluation" else set(LAYERS[: LAYERS.index(own) + 1])


def test_every_module_has_a_layer() -> None:
    assert {layer(module) for module in MODULES if module != "mtser"} <= set(LAYERS), "tell LAYERS where it belongs"


def test_imports_point_downwards() -> None:
    upwards = [
        f"{module} imports {name}"
        for module, tree in MODULES.items()
        for name in sorted(imported(tree))
        if name.startswith("mtser.") and (module == "mtser" or layer(name) not in allowed(layer(module)))
    ]
    assert not upwards


def test_no_module_imports_itself_in_a_circle() -> None:
    graph = {module: [name for name in imported(tree) if name in MODULES] for module, tree in MODULES.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def test_optional_packages_are_imported_where_they_are_used() -> None:
    eager = []
    for module, tree in MODULES.items():
        functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
        lazy = {id(node) for function in functions for node in ast.walk(function)}
        statements = [node for node in ast.walk(tree) if id(node) not in lazy]
        names = {name.split(".")[0] for node in statements for name in imported_by(node)}
        eager += [f"{module} imports {name}" for name in sorted(names & OPTIONAL)]
    assert not eager
