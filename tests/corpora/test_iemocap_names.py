import pytest

from mtser.corpora.iemocap_names import IemocapName, parse_utterance_name


def test_the_last_letter_is_the_speaker_and_the_first_one_is_not() -> None:
    name = parse_utterance_name("Ses03M_script01_2_F012")
    assert name == IemocapName("Ses03M_script01_2_F012", "Ses03M_script01_2", "3", "3F", "scripted")


@pytest.mark.parametrize("dialog", ["Ses03M_impro05a", "Ses03M_impro08b", "Ses05M_script01_1b", "Ses05F_script03_2"])
def test_irregular_dialogs(dialog: str) -> None:
    name = parse_utterance_name(f"{dialog}_M000")
    assert name is not None
    assert (name.dialog, name.style) == (dialog, "improvised" if "impro" in dialog else "scripted")


@pytest.mark.parametrize(
    "id",
    [
        "Ses01F_impro01_MXX0",
        "Ses01F_impro01_M00",
        "Ses01F_impro01_M0000",
        "Ses01F_impro01",
        "Ses01F_script01_M000",
        "Ses01X_impro01_M000",
        "._Ses01F_impro01_M000",
        "Ses01F_impro01_M000\n",
        "Ses01F_impro01_M00٣",
        "",
    ],
)
def test_other_names_are_none(id: str) -> None:
    assert parse_utterance_name(id) is None
