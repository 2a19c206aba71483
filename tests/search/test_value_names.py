"""Values are typed in French and in English, whatever the index calls them."""

import pytest

from indexer.model import DocumentKind, LinkState
from indexer.search.fieldnames import FIELD_BY_TYPED, list_value_names, read_site, read_value
from indexer.search.parsing import parse_query
from indexer.search.query import In
from indexer.search.unread import list_unread

VALUES = [
    *(("link", state.value) for state in LinkState),
    *(("kind", k.value) for k in DocumentKind),
]


@pytest.mark.parametrize(("field", "value"), VALUES)
def test_every_name_of_a_value_is_read_as_that_value(field: str, value: str) -> None:
    names = list_value_names(field, value)

    assert len(names) > 1
    assert {read_value(field, name.upper() if name != value else name) for name in names} == {value}


@pytest.mark.parametrize(("typed", "field"), FIELD_BY_TYPED.items())
def test_every_name_of_a_field_is_read_as_that_field(typed: str, field: str) -> None:
    for name in (typed, typed.upper()):
        query = parse_query(f"{name}:2014")
        assert isinstance(query, In) and query.field == field
    assert [each.key for each in list_unread(f"{typed}: ville")] == ["query.unread.no-value"]


def test_what_is_no_name_stays_as_it_was_typed() -> None:
    assert read_value("link", "Zombie") == "Zombie"
    assert read_value("site", "mort") == "mort"


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("www.Gazette.test", "gazette.test"),
        ("https://gazette.test/x?a=b", "gazette.test"),
        ("ftp://jo:mot@www.gazette.test:21/", "gazette.test"),
        ("//gazette.test", "gazette.test"),
        ("gazette.test:8080", "gazette.test"),
        ("gazette", "gazette"),
        ("www.", "www."),
        ("", ""),
        ("://", "://"),
    ],
)
def test_an_address_stands_for_its_host(typed: str, host: str) -> None:
    assert read_site(typed) == host
    assert read_site(host) == host
