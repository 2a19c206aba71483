"""Say things to people in French or in English, from catalogues of sentences that have keys.

Below the pages and the command nothing holds a sentence: rooms give a `Message`, the key of a
sentence and the values that it is about, which travels, is compared and stored as a value. Who
shows it to a person opens a `Translator` of that person's language and asks for the words.

The catalogues are `fr.po` and `en.po` (GNU gettext), beside this module: `msgid` is the key,
`msgstr` the sentence with values in braces. Plural forms are chosen by the value named `count`.
CONTRIBUTING.md says how to add a message.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import Any, Final

from indexer.messages.typography import set_french

LANGUAGES: Final = ("fr", "en")
DEFAULT_LANGUAGE: Final = "fr"
NAMES: Final[Mapping[str, str]] = MappingProxyType({"fr": "français", "en": "English"})

_KEY: Final = re.compile(r"[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+")
# Which plural form stands with a number: CLDR's rules, as `Plural-Forms` of the catalogues says.
_PLURAL_FORMS: Final[Mapping[str, Callable[[int], int]]] = MappingProxyType(
    {"fr": lambda count: int(count > 1), "en": lambda count: int(count != 1)}
)
# A line of a catalogue: what it holds, and the text in quotes. Lines that follow hold a text only.
_LINE: Final = re.compile(r'(?:(msgid|msgid_plural|msgstr|msgstr\[[01]\]) )?(".*")')

NBSP: Final = "\u00a0"
NNBSP: Final = "\u202f"


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence to be said: its key in the catalogues, and the values that it names.

    Hashable and immutable; made by `message`. `str()` shows the key, for logs.
    """

    key: str
    values: tuple[tuple[str, "Value"], ...] = ()

    def __bool__(self) -> bool:
        """Whether there is anything to say: the message without a key says nothing."""
        return bool(self.key)

    def __str__(self) -> str:
        """Give the key, for logs."""
        return self.key

    def list_texts(self) -> Iterator[str]:
        """List the texts among its values, those of messages within it too."""
        for _, value in self.values:
            if isinstance(value, str):
                yield value
            for each in value if isinstance(value, tuple) else (value,):
                if isinstance(each, Message):
                    yield from each.list_texts()


Value = str | int | float | date | datetime | Message | tuple[Message, ...]
NOTHING: Final = Message("")


def is_key(text: str) -> bool:
    """Say whether a text may be the key of a sentence: words in lower case, with dots between."""
    return _KEY.fullmatch(text) is not None


def message(key: str, /, **values: Value) -> Message:
    """Make the message of a key.

    >>> message("link.reason.answers-404", count=2).key
    'link.reason.answers-404'
    """
    return Message(key, tuple(sorted(values.items())))


def render_json(said: Message) -> Any:
    """Give a message as JSON can hold it: `null`, a key, or `[key, {name: value}]`."""
    if not said.values:
        return said.key or None
    return [said.key, {name: _render_value(value) for name, value in said.values}]


def _render_value(value: Value) -> Any:
    if isinstance(value, Message):
        return {"message": render_json(value)}
    if isinstance(value, tuple):
        return {"messages": [render_json(each) for each in value]}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    if isinstance(value, date):
        return {"day": value.isoformat()}
    return value


def parse_json(raw: Any) -> Message:
    """Read what `render_json` gave. Raises ValueError for anything else."""
    match raw:
        case None:
            return NOTHING
        case str():
            return Message(raw)
        case [str(key), dict(values)]:
            return message(key, **{name: _parse_value(value) for name, value in values.items()})
    raise ValueError(f"this is no message: {json.dumps(raw, default=str)[:80]}")


def _parse_value(raw: Any) -> Value:
    match raw:
        case {"message": held}:
            return parse_json(held)
        case {"messages": list(held)}:
            return tuple(map(parse_json, held))
        case {"moment": str(held)}:
            return datetime.fromisoformat(held)
        case {"day": str(held)}:
            return date.fromisoformat(held)
        case str() | int() | float():
            return raw
    raise ValueError(f"this is no value of a message: {json.dumps(raw, default=str)[:80]}")


class Translator(Formatter):
    """Give the words of messages in one language. Immutable: safe to share between threads.

    `say = open_translator("fr")`, then `say("page.results.texts", count=12)` or `say(message)`.
    """

    def __init__(self, language: str) -> None:
        """Read the catalogue of a language of LANGUAGES. Raises ValueError for another."""
        if language not in LANGUAGES:
            raise ValueError(f"no catalogue in {language!r}; there are {', '.join(LANGUAGES)}")
        self.language = language
        self._catalogue = read_catalogue(
            (files(__name__) / f"{language}.po").read_text("utf-8").splitlines()
        )
        self._choose_form = _PLURAL_FORMS[language]
        self._set: dict[str, tuple[str, ...]] = {}  # sentences that were said, as they are set
        self.keys: frozenset[str] = frozenset(self._catalogue)

    def set_sentence(self, sentence: str) -> str:
        """Set a sentence of the catalogue before values stand in it: what is quoted is left."""
        if self.language != "fr":
            return sentence
        return set_french(sentence).replace("{count} ", f"{{count}}{NBSP}")

    def find_forms(self, key: str) -> tuple[str, ...]:
        """Find the sentence of a key, or its two plural forms, set. Raises KeyError without one."""
        forms = self._set.get(key)
        if forms is None:
            if key not in self.keys:
                raise KeyError(f"no sentence in {self.language} for {key!r}")
            forms = self._set[key] = tuple(map(self.set_sentence, self._catalogue[key]))
        return forms

    def __call__(self, said: str | Message, /, **values: Value) -> str:
        """Say a message, or the sentence of a key with values.

        Raises KeyError for a key that no catalogue has, or a value that the sentence names and
        nobody gave.
        """
        key = said if isinstance(said, str) else said.key
        if isinstance(said, Message):
            values = {**dict(said.values), **values}
        if not key:
            return ""
        forms = self.find_forms(key)
        sentence = forms[0]
        if len(forms) > 1:
            count = values["count"]
            if not isinstance(count, int):
                raise KeyError(f"{key!r} counts something, and `count` is no whole number")
            sentence = forms[self._choose_form(count)]
        return self.vformat(sentence, (), values) if "{" in sentence else sentence

    def format_field(self, value: Any, format_spec: str) -> str:
        """Write a value as this language does; formats: `and`, `share`, `sentence`, `capital`."""
        if isinstance(value, Message):
            value = self(value)
        if isinstance(value, tuple):
            value = self._join(value, format_spec)
        if format_spec == "and":
            return str(value)
        if format_spec == "capital":
            return f"{value[:1].upper()}{value[1:]}"
        if format_spec == "share":
            return self.share(value)
        if format_spec == "sentence":
            return self.sentence(value)
        if format_spec:
            return format(value, format_spec)
        if isinstance(value, date):  # a datetime too
            return self.day(value)
        if isinstance(value, int):
            return self.number(value)
        return str(value)

    def _join(self, messages: tuple[Message, ...], format_spec: str) -> str:
        said = list(map(self, messages))
        if format_spec != "and":
            return ", ".join(said)
        from babel.lists import format_list  # here: a command starts without Babel

        return str(format_list(said, locale=self.language))

    def number(self, number: int) -> str:
        """Write a whole number with its groups of digits: "12 345" (fine spaces), "12,345"."""
        return f"{number:,}".replace(",", NNBSP) if self.language == "fr" else f"{number:,}"

    def share(self, share: float) -> str:
        """Write a part of a whole, 0..1, in percent, rounded down: "62 %", "62%"."""
        return f"{int(share * 100)}{NNBSP if self.language == 'fr' else ''}%"

    def day(self, day: date | datetime) -> str:
        """Write a day, of a moment its day in UTC: "1er mai 2024", "May 1, 2024"."""
        from babel.dates import format_date  # here: a command starts without Babel

        if isinstance(day, datetime):
            day = day.astimezone(UTC).date()
        words = format_date(day, "long", locale=self.language)
        if self.language == "fr" and day.day == 1:
            words = f"1er{words[1:]}"  # CLDR writes "1 mai"
        return words.replace(" ", NBSP)

    def month(self, day: date) -> str:
        """Write the month of a day: "mars 2014", "March 2014"."""
        from babel.dates import format_skeleton  # here: a command starts without Babel

        return str(format_skeleton("yMMMM", day, locale=self.language))

    def weekdays(self) -> tuple[tuple[str, str], ...]:
        """Name the days of a week, from Monday on: a letter, and the whole word."""
        from babel.dates import get_day_names  # here: a command starts without Babel

        short = get_day_names("narrow", "stand-alone", locale=self.language)
        whole = get_day_names("wide", "stand-alone", locale=self.language)
        return tuple((short[day], whole[day]) for day in range(7))

    def language_name(self, code: str) -> str:
        """Name the language of a BCP 47 code: "anglais", "English"; an unknown code stays one."""
        from babel import Locale  # here: a command starts without Babel

        primary = code.replace("_", "-").split("-")[0].lower()
        names: Mapping[str, str] = Locale(self.language).languages
        return names.get(primary, code)

    def sentence(self, clause: str | Message, **values: Value) -> str:
        """Say a clause as a sentence: its first letter raised, a full stop at its end."""
        words = clause if isinstance(clause, str) and not values else self(clause, **values)
        return f"{words[:1].upper()}{words[1:]}."


def read_catalogue(lines: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Read the lines of a catalogue: the sentence of each key, or its two plural forms.

    What we write of the format of GNU gettext: comments, `msgid`, `msgid_plural`, `msgstr`,
    `msgstr[0]`, `msgstr[1]`, texts over several lines. A library reads 1,000 entries in 57 ms of
    CPU, and takes 130 ms to import: a command would wait for it at each start. Raises ValueError
    for any other line, and for a key that stands twice.
    """
    entries: list[dict[str, str]] = []
    field = ""
    for number, line in enumerate(lines, 1):
        if not line or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None or not (match[1] or field):
            raise ValueError(f"line {number} of a catalogue is not understood: {line}")
        text = json.loads(match[2]) if "\\" in line else match[2][1:-1]
        if match[1] == "msgid":
            entries.append({})
        field = match[1] or field
        entries[-1][field] = entries[-1].get(field, "") + text
    found: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        key = entry.pop("msgid")
        entry.pop("msgid_plural", None)
        if key in found:
            raise ValueError(f"{key!r} stands twice in a catalogue")
        if key:
            found[key] = tuple(entry.values())
    return found


@cache  # one for each of LANGUAGES
def open_translator(language: str = DEFAULT_LANGUAGE) -> Translator:
    """Give the Translator of a language, read once. Raises ValueError when there is none."""
    return Translator(language)
