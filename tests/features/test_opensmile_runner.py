"""openSMILE run again and again: its faults, its threads, and what tells configurations apart."""

import pickle
import threading
from pathlib import Path

import numpy as np
import pytest

from mtser.errors import FeatureError
from mtser.features.opensmile_mfcc import CONFIGURATION
from mtser.features.opensmile_runner import OpenSmileRunner

SAMPLES = np.random.default_rng(0).normal(0, 3000, 8000).astype(np.int16)


@pytest.fixture(autouse=True)
def _opensmile() -> None:
    pytest.importorskip("opensmile", reason="openSMILE is an extra")


def test_it_works_in_folders_of_any_name(tmp_path: Path) -> None:
    copy = tmp_path / "Jörg's größter Ordner" / "mfcc.conf"
    copy.parent.mkdir()
    copy.write_bytes(CONFIGURATION.read_bytes())
    expected = OpenSmileRunner(CONFIGURATION, "features").run(SAMPLES)
    assert np.array_equal(OpenSmileRunner(copy, "features").run(SAMPLES), expected)


def test_a_broken_configuration_is_an_error_each_time_and_mended_when_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "mine.conf"
    broken = (
        "[componentInstances:cComponentManager]\ninstance[x].type = cNoSuchThing\n[x:y]\nwriter.dmLevel = features\n"
    )
    path.write_text(broken)
    runner = OpenSmileRunner(path, "features")
    for _ in range(2):
        with pytest.raises(FeatureError, match="openSMILE failed"):
            runner.run(SAMPLES)
        with pytest.raises(FeatureError, match="openSMILE failed"):
            _ = runner.names
        with pytest.raises(FeatureError, match="openSMILE failed"):
            runner.frame_times()
    path.write_bytes(CONFIGURATION.read_bytes())
    assert runner.run(SAMPLES).shape == (32, 39)


@pytest.mark.parametrize("configuration", [CONFIGURATION, "ComParE_2016"])
def test_a_level_that_nothing_writes_is_an_error_not_the_end_of_the_process(configuration: Path | str) -> None:
    with pytest.raises(FeatureError, match=r"no component writes the level 'functional'; there are .*"):
        OpenSmileRunner(configuration, "functional").run(SAMPLES)


def test_the_instance_after_a_fault_is_a_new_one() -> None:
    runner = OpenSmileRunner(CONFIGURATION, "features")
    expected = runner.run(SAMPLES)
    with pytest.raises(FeatureError, match="openSMILE failed"):
        runner.run(SAMPLES[:0])  # openSMILE takes no empty audio
    assert np.array_equal(runner.run(SAMPLES), expected)


def test_rows_belong_to_their_caller() -> None:
    runner = OpenSmileRunner(CONFIGURATION, "features")
    rows = runner.run(SAMPLES)
    expected = rows.copy()
    rows += 1  # writable
    assert np.array_equal(runner.run(SAMPLES), expected)
    runner.run(-SAMPLES)
    assert np.array_equal(rows, expected + 1)


def test_instances_end_with_their_threads() -> None:
    runner, freed = OpenSmileRunner(CONFIGURATION, "features"), []

    def work() -> None:
        runner.run(SAMPLES)
        instance = runner._instances.smile
        free = instance._api.smile_free
        instance._api = type("Spy", (), {"smile_free": lambda self, smile: (freed.append(smile), free(smile))})()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert len(freed) == 1


def test_a_runner_can_be_pickled() -> None:
    runner = OpenSmileRunner("IS09", "lld")
    rows, names = runner.run(SAMPLES), runner.names
    copy = pickle.loads(pickle.dumps(runner))
    assert np.array_equal(copy.run(SAMPLES), rows) and copy.names == names


def test_frame_times_are_told_and_leave_no_trace() -> None:
    runner = OpenSmileRunner(CONFIGURATION, "features", {"frameLength": 480, "frameStep": 320})
    rows = runner.run(SAMPLES)
    assert runner.frame_times() == (0.03, 0.02)
    assert np.array_equal(runner.run(SAMPLES), rows)
    with pytest.raises(FeatureError, match="level func gives less than two frames a second"):
        OpenSmileRunner("IS09", "func").frame_times()


def test_settings_depend_on_included_files(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "mine.conf").write_text(
        "\\{\\cm[source{?}:source]}\n\\{parts/first.inc}\n\\{\\cm[second{parts/second.inc}:the second]}\n"
    )
    first, second = tmp_path / "parts" / "first.inc", tmp_path / "parts" / "second.inc"
    first.write_text("\\{../mine.conf}\nwriter.dmLevel = a\n")  # a circle
    second.write_text("writer.dmLevel = b\n")
    seen = [OpenSmileRunner(tmp_path / "mine.conf", "a").settings()]
    for part in (first, second):
        part.write_text(part.read_text() + "; changed\n")
        seen.append(OpenSmileRunner(tmp_path / "mine.conf", "a").settings())
    assert len({str(settings) for settings in seen}) == 3


def test_settings_of_a_file_do_not_depend_on_its_place(tmp_path: Path) -> None:
    (tmp_path / "other.conf").write_bytes(CONFIGURATION.read_bytes())
    here, there = (OpenSmileRunner(path, "features").settings() for path in (CONFIGURATION, tmp_path / "other.conf"))
    assert here == there
