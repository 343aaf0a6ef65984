import pytest

from mtser.pictures import columns_of, shortened_within
from mtser.tables.pictures.names import fitting, without_ensemble


@pytest.mark.parametrize(
    ("text", "longest", "share", "expected"),
    [
        ("full_without_spec_augment", 12, 0.5, "full_…ugment"),
        ("full_without_spec_augment", 12, 0.0, "…pec_augment"),
        ("full_without_spec_augment", 12, 1.0, "full_withou…"),
        ("full", 4, 0.5, "full"),
        ("高兴的系统", 7, 0.5, "高…统"),
        ("e\u0301" * 9, 5, 0.5, "e\u0301" * 2 + "…" + "e\u0301" * 2),
        ("full", 1, 0.5, "…"),
    ],
)
def test_the_middle_is_cut(text, longest, share, expected):
    found = shortened_within(text, longest, share)
    assert found == expected and columns_of(found) <= longest


@pytest.mark.parametrize(
    "names",
    [
        ["full_tuned_without_spec_augment", "full_tuned_without_word_augment", "full_tuned_with_every_spec_augment"],
        [f"{'a' * 30}{middle}{'b' * 30}" for middle in "xyz"],
        ["full", "full (ensemble)"],
        ["日本語の長い名前のシステム一", "日本語の長い名前のシステム二"],
    ],
)
def test_different_names_stay_different_and_ensembles_ensembles(names):
    """Each also has an ensemble, which at first was told by the last letters that were cut."""
    names = [*names, *(f"{name} (ensemble of 3 seeds)" for name in names)]
    for longest in (16, 19, 30):
        shown = fitting(names, longest)
        assert len(set(shown)) == len(names)
        assert all(columns_of(one) <= longest for one in shown)
        assert all(one.endswith(" (ensemble)") for name, one in zip(names, shown, strict=True) if "seeds" in name)
        assert fitting([*names, *names], longest) == shown + shown


def test_what_fits_is_not_changed_and_what_is_alike_is_numbered():
    assert fitting(["full", "mha2 (ensemble of 2 seeds)", "full"], 24) == ["full", "mha2 (ensemble)", "full"]
    alike = [f"{'a' * 30}{middle}{'b' * 30}" for middle in "xyz"]
    assert fitting(alike, 17) == ["aaaaaaaa…bbbbbbbb", "aaaaaaa…bbbbbbb 2", "aaaaaaa…bbbbbbb 3"]


def test_the_system_of_an_ensemble():
    assert (
        without_ensemble("full (ensemble of 12 seeds)") == "full" and without_ensemble("a (ensemble)") == "a (ensemble)"
    )
