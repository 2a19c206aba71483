"""What the catalogues promise: every key in both languages, with the same values."""

import gettext
from datetime import UTC, date, datetime
from importlib.resources import files
from string import Formatter
from typing import Final

import pytest
from babel.messages.pofile import read_po

from indexer import messages
from indexer.messages import (
    LANGUAGES,
    Translator,
    message,
    open_translator,
    parse_json,
    read_catalogue,
)

HEADER: Final = 'msgid ""\nmsgstr "Language: en\\n"\n'


def read_sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Every key of a catalogue, and its sentences: one, or one for each plural form."""
    with (files(messages) / f"{language}.po").open("rb") as handle:
        catalogue = read_po(handle, locale=language)
    return {
        each.id if isinstance(each.id, str) else each.id[0]: (
            (each.string,) if isinstance(each.string, str) else tuple(each.string or ("",))
        )
        for each in catalogue
        if each.id
    }


def list_names(sentence: str) -> set[str]:
    """The values that a sentence names in braces."""
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_is_read_as_babel_reads_it(language: str) -> None:
    lines = (files(messages) / f"{language}.po").read_text("utf-8").splitlines()
    assert read_catalogue(lines) == read_sentences(language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_forms_are_chosen_as_the_catalogue_says(language: str) -> None:
    with (files(messages) / f"{language}.po").open("rb") as handle:
        promised = gettext.c2py(read_po(handle, locale=language).plural_expr)
    choose = messages._PLURAL_FORMS[language]
    assert [choose(count) for count in range(25)] == [promised(count) for count in range(25)]


def test_texts_of_a_catalogue_may_take_several_lines_and_escapes() -> None:
    written = HEADER + '# Why.\nmsgid "a.b"\nmsgstr ""\n"One \\"two\\"\\n"\n"three"\n'
    assert read_catalogue(written.splitlines()) == {"a.b": ('One "two"\nthree',)}


@pytest.mark.parametrize(
    "line", ['msgctxt "x"', 'msgstr[2] "x"', 'msgid "a.b', "sentence", 'msgid "a.b"\nmsgstr ""']
)
def test_what_is_no_line_of_a_catalogue_is_refused(line: str) -> None:
    written = f'{HEADER}msgid "a.b"\nmsgstr "One"\n{line}\n'
    with pytest.raises(ValueError, match="catalogue"):
        read_catalogue(written.splitlines())


def test_every_key_has_a_sentence_in_both_languages() -> None:
    french, english = read_sentences("fr"), read_sentences("en")
    assert french.keys() == english.keys()
    empty = [key for each in (french, english) for key, said in each.items() if not all(said)]
    assert empty == []


def test_both_languages_name_the_same_values_and_count_the_same_things() -> None:
    french, english = read_sentences("fr"), read_sentences("en")
    assert {key: len(said) for key, said in french.items()} == {
        key: len(said) for key, said in english.items()
    }
    differing = [
        key
        for key in french
        if list_names(" ".join(french[key])) | {"count"}
        != list_names(" ".join(english[key])) | {"count"}
    ]
    assert differing == []


def test_values_are_named() -> None:
    unnamed = [
        key
        for language in LANGUAGES
        for key, said in read_sentences(language).items()
        if any(not name.isidentifier() for each in said for name in list_names(each))
    ]
    assert unnamed == []


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        ("fr", 0, "0\u00a0mort"),
        ("fr", 1, "1\u00a0mort"),
        ("fr", 2, "2\u00a0morts"),
        ("fr", 12345, "12\u202f345\u00a0morts"),
        ("en", 0, "0 dead"),
        ("en", 12345, "12,345 dead"),
    ],
)
def test_plural_forms_and_numbers_are_those_of_the_language(
    language: str, count: int, said: str
) -> None:
    assert open_translator(language)("link.count.dead", count=count) == said


@pytest.mark.parametrize(
    ("language", "day", "said"),
    [
        ("fr", date(2024, 5, 1), "1er mai 2024"),
        ("fr", date(2024, 8, 11), "11 août 2024"),
        ("en", date(2024, 5, 1), "May 1, 2024"),
    ],
)
def test_days_are_written_as_the_language_does(language: str, day: date, said: str) -> None:
    assert open_translator(language).day(day) == said.replace(" ", "\u00a0")


def test_a_message_travels_as_json_whatever_it_holds() -> None:
    said = message(
        "link.state.dead",
        inner=message("link.count.dead", count=3),
        moment=datetime(2024, 5, 1, 23, 30, tzinfo=UTC),
        day=date(2024, 5, 1),
        share=0.625,
        words="« a » {b}",
    )
    assert parse_json(messages.render_json(said)) == said
    assert parse_json(messages.render_json(messages.NOTHING)) == messages.NOTHING


@pytest.mark.parametrize("raw", [3, [], ["key"], ["key", {"a": {"b": 1}}], {"key": "a"}])
def test_what_is_no_message_is_refused(raw: object) -> None:
    with pytest.raises(ValueError, match="no "):
        parse_json(raw)


def test_values_are_never_read_as_sentences() -> None:
    say = open_translator("fr")
    assert say.format_field("{key} !", "") == "{key} !"


def test_an_unknown_key_or_language_is_an_error() -> None:
    with pytest.raises(KeyError, match=r"no\.such\.key"):
        open_translator("fr")("no.such.key")
    with pytest.raises(ValueError, match="'xx'"):
        Translator("xx")
