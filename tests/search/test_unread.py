"""What of a query is not understood is said; what is understood is not."""

import pytest

from indexer.search.unread import list_unread


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("sujets:ville", ["query.unread.field"]),
        ("« ville", ["query.unread.quote"]),
        ('ville "rurale', ["query.unread.quote"]),
        ("(ville", ["query.unread.bracket"]),
        ("ville)", ["query.unread.bracket"]),
        ("(" * 21 + "ville" + ")" * 21, ["query.unread.deep"]),
        ("titre: ville", ["query.unread.no-value"]),
        ("ville ET", ["query.unread.operator"]),
        ("OU ville", ["query.unread.operator"]),
        ("ville SAUF", ["query.unread.operator"]),
        ("ville && commune", ["query.unread.sign"]),
        ("!ville", ["query.unread.sign"]),
        ("ville^2", ["query.unread.sign"]),
        ("mot " * 201, ["query.unread.parts"]),
        ("m" * 2001, ["query.unread.long"]),
    ],
)
def test_what_is_not_understood_is_said(typed: str, keys: list[str]) -> None:
    assert [each.key for each in list_unread(typed)] == keys


@pytest.mark.parametrize(
    "typed",
    [
        "comment habiter la ville ?", "ville : une histoire", "titre:ville", "titre:« la ville »",
        "a ET NON b", "http://exemple.test/a", "12:30", "« a: b && (c »",
        "citoyen(ne)s", "C'est vrai !",
        "(http://exemple.test/a)", "(cf. doi:10.5555/abc).", "(ISBN 978-2-07-036822-8)",
        "Note : la ville", "l'eau, les communs", "esp?ce", "(ville OU commune) ET travail",
    ],
)  # fmt: skip
def test_what_is_understood_is_not_said(typed: str) -> None:
    assert list_unread(typed) == ()
