"""What pocketsphinx hears in other processes is what it hears here."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mtser.apart import Processes
from mtser.audio import UnusableAudioError, read_audio
from mtser.errors import ConfigError
from mtser.transcription import transcribe_many
from mtser.transcription.apart import TranscriberApart
from mtser.transcription.sphinx import SphinxTranscriber

pytest.importorskip("pocketsphinx")


@pytest.fixture
def files(shared_data: Path) -> dict[str, Path]:
    """Some of RAVDESS."""
    return {file.stem: file for file in sorted((shared_data / "ravdess").glob("Actor_0[12]/*"))[::12]}


def test_transcripts_are_the_same(files: dict[str, Path]) -> None:
    alone, apart = SphinxTranscriber(), TranscriberApart(SphinxTranscriber(), Processes(2))
    assert (apart.name, apart.settings()) == (alone.name, alone.settings())
    samples = [read_audio(file) for file in files.values()]
    expected = [alone.transcribe(one) for one in samples]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(apart.transcribe, samples)) == expected
        assert list(pool.map(apart.transcribe, samples[::-1])) == expected[::-1]  # whatever was heard before
    assert apart._apart._processes._are_ready and len({one.text for one in expected}) > 3
    with pytest.raises(ConfigError, match="understands English only, not 'de'"):
        apart.transcribe(samples[0], "de")


def test_a_folder_on_several_cores_gives_the_same(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "zero.wav").write_bytes(b"")
    several = []
    for n_jobs in (1, 2):
        monkeypatch.setenv("MTSER_CACHE", str(tmp_path / str(n_jobs)))
        given = {"zero": tmp_path / "zero.wav", **files}
        found = transcribe_many(SphinxTranscriber(), given, language="en", n_jobs=n_jobs, progress=False)
        assert list(found) == list(given)
        several.append({id: str(one) if isinstance(one, UnusableAudioError) else one for id, one in found.items()})
    assert several[0] == several[1] and "empty audio" in str(several[0]["zero"])
