"""What ``mtser predict`` prints for people."""

from rich.console import Console
from rich.text import Text

from mtser.inference.recognition import Recognition
from mtser.prediction.prediction import Prediction

_BAR = 30
_COUNTS = 0.02
"""A word that changes a probability by less is not marked."""


def one_line(found: Prediction) -> str:
    """A recording of many: emotion, probability, name, text.

    Example
    -------
    >>> from mtser.alignment import Word
    >>> from mtser.inference.recognition import WordEvidence
    >>> heard = (WordEvidence(Word("oh", 0.2, 0.6)), WordEvidence(Word("no", 0.7, 1.4)))
    >>> only = Recognition("calls/a.wav", 0.0, 2.0, {"sad": 0.75, "happy": 0.25}, heard, "oh no")
    >>> one_line(Prediction("calls/a.wav", 2.0, (only,)))
    'sad      0.75  calls/a.wav  "oh no"'
    """
    turns = f"  {len(found.turns)} turns" if found.was_cut else ""
    text = found.text if len(found.text) <= 60 else f"{found.text[:59]}…"
    warned = "  !" if found.warnings else ""
    answer = f"{found.emotion:8} {found.probability:.2f}" if found.has_words else "no words     "
    return f"{answer}  {found.name}{turns}" + (f'  "{text}"' if text else "") + warned


def show(found: Prediction, console: Console) -> None:
    """Print all about one recording: bars, what was said with the words that counted, or the turns; warnings."""
    console.print(Text(f"{found.name}  {found.duration:.2f} s", style="bold"), soft_wrap=True)
    console.print()
    if found.was_cut:
        console.print(f"  mean of {len(found.turns)} turns, each as long as it lasts")
    wide = max(map(len, found.probabilities))
    for name, value in sorted(found.probabilities.items(), key=lambda pair: -pair[1]):
        full = round(_BAR * value)
        style = "bold" if found.has_words and name == found.emotion else ""
        console.print(Text(f"  {name:{wide}}  {'█' * full}{'·' * (_BAR - full)}  {value:.3f}", style=style))
    console.print()
    if found.was_cut:
        _show_turns(found, console)
    else:
        _show_words(found.turns[0], console)
    for sentence in found.warnings:
        console.print(Text(f"  ! {sentence}", style="yellow"), soft_wrap=True)


def _show_turns(found: Prediction, console: Console) -> None:
    for turn in found.turns:
        times = f"{turn.start:8.1f} – {turn.end:8.1f} s"
        console.print(Text(f"  {times}  {turn.emotion:8} {turn.probability:.2f}  {turn.text}"), soft_wrap=True)
    console.print()


def _show_words(turn: Recognition, console: Console) -> None:
    if not turn.words:
        console.print("  no words\n")
        return
    line = Text("  ")
    for one in turn.words:
        total = sum(one.occlusion.values())
        if any(abs(value) >= _COUNTS for value in one.occlusion.values()):
            line.append(
                f"{one.word.word} [{total:+.2f}]", style="bold dark_orange" if total > 0 else "bold medium_purple"
            )
        else:
            line.append(one.word.word)
        line.append(" ")
    console.print(line)
    if any(abs(value) >= _COUNTS for one in turn.words for value in one.occlusion.values()):
        console.print(Text(f"  [±]: change of P({turn.emotion}) by the word, in all modalities together", style="dim"))
    by = [f"transcribed by {turn.transcribed_by}"] if turn.transcribed_by else ["text as given"]
    by += [f"word times by {turn.aligned_by}"] if turn.aligned_by else []
    console.print(Text(f"  {', '.join(by)}", style="dim"))
    console.print()
