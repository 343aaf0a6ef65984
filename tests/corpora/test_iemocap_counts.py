from collections.abc import Iterator
from dataclasses import replace
from itertools import count

from mtser.corpora.emo_evaluation import Turn
from mtser.corpora.iemocap_counts import BY_SESSION, BY_SPEAKER, N_TURNS, compare_with_release
from mtser.corpora.iemocap_names import IemocapName
from mtser.corpora.iemocap_release import Recording

LABEL = {"neutral": "neu", "happy or excited": "exc", "angry": "ang", "sad": "sad"}


def recording(speaker: str, label: str, number: int) -> Recording:
    name = IemocapName(f"Ses0{speaker[0]}F_impro01_F{number}", "Ses01F_impro01", speaker[0], speaker, "improvised")
    return Recording(name, Turn(name.id, label, None, (), number), "", "", None, None)


def release() -> list[Recording]:
    """As many turns of each class, session and speaker as the release has, and the rest without agreement."""
    numbers = count()

    def chosen() -> Iterator[Recording]:
        for session, counts in BY_SESSION.items():
            labels = [LABEL[name] for name, n in counts.items() for _ in range(n)]
            for index, label in enumerate(labels):
                woman = index < BY_SPEAKER[f"{session}F"]
                yield recording(session + ("F" if woman else "M"), label, next(numbers))

    found = list(chosen())
    return found + [recording("1F", "xxx", next(numbers)) for _ in range(N_TURNS - len(found))]


def test_both_tables_have_the_same_total() -> None:
    assert sum(sum(counts.values()) for counts in BY_SESSION.values()) == sum(BY_SPEAKER.values()) == 5531


def test_the_release_itself_has_no_warning() -> None:
    assert compare_with_release(release()) == ()


def test_other_labels_are_named() -> None:
    recordings = release()
    recordings[0] = replace(recordings[0], turn=replace(recordings[0].turn, label="sad"))
    assert compare_with_release(recordings) == (
        "The corpus differs from the IEMOCAP release: session 1 has 383 neutral utterances instead of 384; "
        "session 1 has 195 sad utterances instead of 194.",
    )


def test_a_lost_dialog_is_named() -> None:
    recordings = release()
    (warning,) = compare_with_release(recordings[10:])
    assert "session 1 has 374 neutral utterances instead of 384" in warning
    assert "speaker 1F has 518 utterances instead of 528" in warning


def test_subsets_are_nobodys_business() -> None:
    recordings = release()
    assert compare_with_release(one for one in recordings if one.name.session != "3") == ()
    assert compare_with_release(recordings[::3]) == ()
    assert compare_with_release([]) == ()
