import pytest

from search_web.pages.query_relaxation import find_hint


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ville ou campagne", "ville OU campagne"),
        ("ville sauf Paris", "ville SAUF Paris"),
        ("a ou b sauf c", "a OU b SAUF c"),
    ],
)
def test_an_operator_in_lower_case_is_hinted_at(typed, meant):
    hint = find_hint(typed)

    assert hint is not None
    assert hint.query_text == meant


@pytest.mark.parametrize(
    "typed",
    ["", "ou", "ville ou", "ou ville", "ville OU campagne", "« pain ou vin »", "coup ourson"],
)
def test_no_hint_where_it_is_only_a_word(typed):
    assert find_hint(typed) is None
