"""Every system of a section against the reference: paired tests, corrected for their number."""

from collections.abc import Mapping

from mtser.evaluation import Comparison, Predictions, compare
from mtser.evaluation.compare import Difference
from mtser.tables.holm import holm
from mtser.tables.report import LEVEL, Against, Contrast


def compare_all(systems: Mapping[str, Predictions], reference: str, speakers: Mapping[str, str]) -> dict[str, Against]:
    """Compare each system with the reference, system minus reference.

    Holm's correction is over the systems of the section, for each measure by itself.

    Parameters
    ----------
    systems
        System → predictions of all its seeds; nothing is compared if the reference is not among them.
    speakers
        Utterance id → speaker.
    """
    others = [name for name in systems if name != reference] if reference in systems else []
    found = {name: compare(systems[name], systems[reference], speakers) for name in others}
    wa = _tested({name: one.wa for name, one in found.items()})
    ua = _tested({name: one.ua for name, one in found.items()})
    mcnemar = _mcnemar(found)
    return {name: Against(wa[name], ua[name], mcnemar.get(name)) for name in others}


def too_few_speakers(n_speakers: int, n_comparisons: int) -> str | None:
    """The warning that no difference can be shown, whatever the systems do; None if one can.

    Example
    -------
    >>> too_few_speakers(10, 6) is None
    True
    """
    smallest = n_comparisons * 2 / 2**n_speakers  # of a permutation test over speakers: all of them agree
    if smallest < LEVEL:
        return None
    return (
        f"With {n_speakers} speakers and {n_comparisons} comparison{'s' * (n_comparisons > 1)} the smallest corrected "
        f"p is {min(1.0, smallest):.3g}: no difference can be shown here, however large it is."
    )


def _tested(differences: Mapping[str, Difference]) -> dict[str, Contrast]:
    corrected = holm([one.p for one in differences.values()])
    return {
        name: Contrast(one.value, one.ci95, one.p, p)
        for (name, one), p in zip(differences.items(), corrected, strict=True)
    }


def _mcnemar(found: Mapping[str, Comparison]) -> dict[str, tuple[float, float]]:
    p = {name: one.mcnemar_p for name, one in found.items() if one.mcnemar_p is not None}
    return dict(zip(p, zip(p.values(), holm(list(p.values())), strict=True), strict=True))
