"""How many utterances of each class the IEMOCAP release has, to tell an incomplete copy."""

from collections import Counter
from collections.abc import Iterable

from mtser.corpora.iemocap_release import Recording

N_TURNS = 10_039
FOUR_CLASSES = {"neu": "neutral", "hap": "happy or excited", "exc": "happy or excited", "ang": "angry", "sad": "sad"}

# Before an alignment is asked for: happiness and excitement are one class.
BY_SESSION = {
    "1": {"neutral": 384, "happy or excited": 278, "angry": 229, "sad": 194},
    "2": {"neutral": 362, "happy or excited": 327, "angry": 137, "sad": 197},
    "3": {"neutral": 320, "happy or excited": 286, "angry": 240, "sad": 305},
    "4": {"neutral": 258, "happy or excited": 303, "angry": 327, "sad": 143},
    "5": {"neutral": 384, "happy or excited": 442, "angry": 170, "sad": 245},
}
BY_SPEAKER = {
    "1F": 528,
    "1M": 557,
    "2F": 481,
    "2M": 542,
    "3F": 522,
    "3M": 629,
    "4F": 528,
    "4M": 503,
    "5F": 590,
    "5M": 651,
}


def compare_with_release(recordings: Iterable[Recording]) -> tuple[str, ...]:
    """Sentences that say where a corpus differs from the release in its counts of the four common classes.

    People work with subsets, and other corpora come in IEMOCAP's layout: only what has the release's five sessions and
    its number of turns, give or take 5 %, is compared.
    """
    recordings = tuple(recordings)
    sessions = {recording.name.session for recording in recordings}
    if sessions != set(BY_SESSION) or abs(len(recordings) - N_TURNS) > 0.05 * N_TURNS:
        return ()
    chosen = [recording for recording in recordings if recording.turn.label in FOUR_CLASSES]
    classes = Counter((recording.name.session, FOUR_CLASSES[recording.turn.label]) for recording in chosen)
    speakers = Counter(recording.name.speaker for recording in chosen)
    differences = [
        f"session {session} has {classes[session, name]} {name} utterances instead of {expected}"
        for session, counts in BY_SESSION.items()
        for name, expected in counts.items()
        if classes[session, name] != expected
    ]
    differences += [
        f"speaker {speaker} has {speakers[speaker]} utterances instead of {expected}"
        for speaker, expected in BY_SPEAKER.items()
        if speakers[speaker] != expected
    ]
    if not differences:
        return ()
    return ("The corpus differs from the IEMOCAP release: " + "; ".join(differences) + ".",)
