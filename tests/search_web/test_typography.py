import pytest
from hypothesis import given
from hypothesis import strategies as st

from indexer.messages import open_translator
from indexer.messages.typography import set_french


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("Qui l'eût cru ?", "Qui l’eût cru\u202f?"),
        ("Vraiment !", "Vraiment\u202f!"),
        ("un mot ; un autre", "un mot\u202f; un autre"),
        ("Comprise comme : ville", "Comprise comme\u00a0: ville"),
        ("« tiers lieux »", "«\u00a0tiers lieux\u00a0»"),
        ("15 % des gens", "15\u202f% des gens"),
        ('viewBox="0 0 100 10"', 'viewBox="0 0 100 10"'),
        ("p. 12, n° 32", "p.\u00a012, n°\u00a032"),
        ("http://exemple.fr/a?b", "http://exemple.fr/a?b"),
        ("titre:ville", "titre:ville"),
        ("rien à changer", "rien à changer"),
    ],
)
def test_french_is_set_as_a_printer_does(typed, printed):
    assert set_french(typed) == printed


@given(st.text(alphabet="ab 1'«»:;!?%.np°\u00a0\u202f", max_size=40))
def test_setting_keeps_the_length_so_that_offsets_stay_true(text):
    assert len(set_french(text)) == len(text)


@given(st.text(alphabet="ab 1'«»:;!?%.np°\u00a0\u202f", max_size=40))
def test_setting_twice_changes_nothing_more(text):
    assert set_french(set_french(text)) == set_french(text)


def test_numbers_are_grouped_by_fine_spaces():
    assert [open_translator("fr").number(n) for n in (0, 999, 1000, 1234567)] == [
        "0",
        "999",
        "1\u202f000",
        "1\u202f234\u202f567",
    ]
