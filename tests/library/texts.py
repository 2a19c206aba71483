"""What the library holds: texts, what was written about them, and what becomes of their links.

    make_shelf(count)     the texts and the files that cite them; the same for the same numbers

All is made up: no person, place, journal or article of that name is meant.
"""

import random
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from tests.library.grammar import PLACES, EnglishWriter, Writer, contract, zipf

VERSION: Final = 1  # raise it when the same seed makes another library
SEED: Final = 2026
FILES: Final = ("txt", "md", "html", "bib", "ris") * 3 + ("txt", "md", "html", "json", "yaml")
SITES: Final = 40
YEARS: Final = range(2001, 2026)
TOPICS: Final = (
    "Habiter", "Se déplacer", "Travailler", "Produire autrement", "Se nourrir", "Apprendre",
    "Prendre soin", "Décider ensemble", "Financer", "Les communs",
)  # fmt: skip
CHAPTERS: Final = (
    "Comment faire place à l’autre ?", "Qui paie, et qui décide ?",
    "Que changent les outils numériques ?", "Que reste-t-il à inventer ?",
)  # fmt: skip
HEADINGS: Final = ("Enjeux", "Exemples", "Points de vue", "Pour aller plus loin")  # under each
KEYWORDS: Final = (
    "tiers-lieux", "économie collaborative", "mobilité", "coopérative", "communs", "logement",
    "télétravail", "droit du travail", "énergie", "alimentation", "démocratie locale",
    "low-tech", "monnaie locale", "biens communs", "aménagement", "logiciel libre", "éducation",
    "santé", "vieillesse", "L’eau", "recherche-action", "financement participatif",
)  # fmt: skip
MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
)  # fmt: skip
_GIVEN: Final = (
    "Aline", "Basile", "Céleste", "Denis", "Élise", "Fabien", "Géraldine", "Hervé", "Inès", "Joël",
    "Katell", "Loïc", "Maëlle", "Noël", "Odile", "Perrine", "Quentin", "Régine", "Samir", "Thaïs",
    "Ulysse", "Violette", "Wassim", "Yaëlle", "Zoé", "Jean-Noël", "Anne-Lise",
)  # fmt: skip
_FAMILY_STARTS: Final = (
    "Bran", "Cassou", "Doul", "Estri", "Fauge", "Gril", "Hurle", "Jarmo", "Lanvi", "Morgue", "Névo",
    "Orsi", "Puyse", "Rambo", "Sarvi", "Trico", "Urva", "Vaugi",
)  # fmt: skip
_FAMILY_ENDS: Final = (
    "quel", "vert", "gère", "zac", "dier", "lune", "mont", "rande", "court", "rieux", "bœuf",
    "thou", "lègue",
)  # fmt: skip
_PARTICLES: Final = ("",) * 12 + ("de ", "du ", "de La ", "Le ", "van ", "von ", "van der ", "d’")
_JOURNALS: Final = (
    "Cahiers {}", "Revue {}", "Le Courrier {}", "La Gazette {}", "Chroniques {}", "L’Écho {}",
    "Feuilles {}", "Lettre {}",
)  # fmt: skip
_PUBLISHERS: Final = (
    "Éditions du Pont-Vieux", "L’Établi", "Presses de l’Aune", "La Ruche & l’Encre",
    "Éditions d’À-Côté", "Le Bief",
)  # fmt: skip
_TITLES: Final = (
    "{A}, une réponse {b} ?", "{A} à l’épreuve {b}", "Ce que {a} doit à {c}",
    "« {A} » : retour sur une expérience à {place}", "{A} et {c} : l’exemple de {place}",
    "Pour une histoire {b}", "{A}, et après ?", "Faut-il craindre {a} ?",
    "{A} : dix ans après, enquête à {place}", "D’un usage à l’autre : {a} à {place}",
    "Penser {a}, habiter {c} : notes sur la vie quotidienne, les institutions et ce qui, à "
    "{place}, fait tenir ensemble des gens que tout sépare, de la fin de l’hiver à la récolte",
)  # fmt: skip
_EN_TITLES: Final = (
    "The {a} and the {c}: lessons from {place}", "Why {a}s matter",
    "Rethinking the {a} in {place}: a long view of {c}s, rules and what holds a town together",
)  # fmt: skip
# What a server answers from which day on; days are counted from the first visit.
LIVES: Final[Mapping[str, tuple[tuple[int, str], ...]]] = MappingProxyType(
    {
        "alive": ((0, "page"),),
        "moved": ((0, "page"), (45, "moved")),
        "blocked": ((0, "page"), (45, "forbidden")),
        "sick": ((0, "page"), (100, "error")),
        "dead": ((0, "page"), (45, "missing")),
        "gone": ((0, "page"), (75, "gone")),
        "resurrected": ((0, "page"), (25, "missing"), (110, "page")),
        "never": (),  # cited too lately to have been visited
    }
)
_LIFE_WEIGHTS: Final = (58, 9, 7, 6, 9, 3, 4, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody made up; the particle is part of the family name."""

    given: str
    family: str

    @property
    def display(self) -> str:
        """The name as one says it."""
        return f"{self.given} {self.family}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """A stand-in site, and what it calls itself."""

    host: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text that is cited; what a careful reader of the files would find."""

    number: int
    topic: int
    kind: str  # article, book, chapter, report
    title: str
    author: tuple[Person, ...]
    editor: tuple[Person, ...] = ()
    translator: tuple[Person, ...] = ()
    container: str = ""
    publisher: str = ""
    place: str = ""  # of the publisher
    issued: str = ""  # EDTF
    url: str = ""
    site: Site | None = None
    doi: str = ""
    language: str = "fr"
    keyword: tuple[str, ...] = ()
    life: str = "alive"
    places: tuple[str, ...] = ()  # that it is about

    def paragraphs(self) -> list[str]:
        """Write the text itself: the same at every call."""
        draw = random.Random(f"{SEED} text {self.number}")
        make = EnglishWriter if self.language == "en" else Writer
        writer = make(draw, topic=self.topic, places=self.places)
        return [writer.paragraph() for _ in range(min(24, 2 + int(draw.lognormvariate(1.0, 0.6))))]

    def behaviour(self, day: int) -> str:
        """What its server does on a day; "" before anybody asked."""
        answers = [answer for since, answer in LIVES[self.life] if since <= day]
        return answers[-1] if answers else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A place in a file: one or several texts, and the note on all of them ("": none)."""

    texts: tuple[Text, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Items under a heading; `introduction` is a note that cites nothing."""

    section: tuple[str, ...]  # headings, outermost first
    introduction: str = ""
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """A file of the bibliography."""

    name: str
    title: str
    chapters: tuple[Chapter, ...]

    @property
    def extension(self) -> str:
        """Its format."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Everything that was made up."""

    texts: tuple[Text, ...]
    files: tuple[File, ...] = field(default=())

    @property
    def by_url(self) -> dict[str, Text]:
        """The texts that have an address."""
        return {text.url: text for text in self.texts if text.url}


def make_shelf(count: int = 2000, *, seed: int = SEED) -> Shelf:
    """Make `count` texts and the files that cite them (20 from 200 texts on, fewer before)."""
    people = list(_make_people(random.Random(f"{seed} people")))
    sites = [_make_site(number) for number in range(SITES)]
    texts = []
    titles: set[str] = set()
    for number in range(count):
        text = _make_text(random.Random(f"{seed} {number}"), number, people, sites, titles)
        titles.add(text.title)
        texts.append(text)
    return Shelf(
        texts=tuple(texts), files=tuple(_make_files(random.Random(f"{seed} files"), texts))
    )


def slug(text: str) -> str:
    """Letters and digits of an address."""
    plain = unicodedata.normalize("NFD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _make_people(draw: random.Random) -> Iterator[Person]:
    families = [start + end for start in _FAMILY_STARTS for end in _FAMILY_ENDS]
    draw.shuffle(families)
    for family in families * 2:
        particle = draw.choice(_PARTICLES)
        yield Person(given=draw.choice(_GIVEN), family=particle + family)


def _make_site(number: int) -> Site:
    place = PLACES[number * 11 % len(PLACES)]
    name = _JOURNALS[number % len(_JOURNALS)].format(f"de {place}")
    return Site(host=f"www.{slug(name)}.example", name=name)


def _make_text(
    draw: random.Random, number: int, people: list[Person], sites: list[Site], titles: set[str]
) -> Text:
    topic = draw.choices(range(len(TOPICS)), cum_weights=zipf(len(TOPICS), exponent=0.6))[0]
    kind = draw.choices(("article", "book", "chapter", "report"), (78, 9, 6, 7))[0]
    language = "en" if draw.random() < 0.12 else "fr"
    places = tuple(draw.sample(PLACES, 3))
    title = _make_title(draw, topic, language, places)
    while title in titles:
        title = _make_title(draw, topic, language, tuple(draw.sample(PLACES, 3)))
    year = draw.choice(YEARS)
    has_url = kind in ("article", "report") or draw.random() < 0.2
    site = draw.choices(sites, cum_weights=zipf(len(sites), exponent=0.7))[0] if has_url else None
    containers = {"article": site.name if site else "", "chapter": f"{TOPICS[topic]} à {places[1]}"}
    is_day = kind == "article"
    return Text(
        number=number,
        topic=topic,
        kind=kind,
        title=title,
        author=_draw_authors(draw, people),
        editor=tuple(draw.sample(people, draw.choice((1, 2)))) if kind == "chapter" else (),
        translator=(draw.choice(people),) if kind == "book" and draw.random() < 0.3 else (),
        container=containers.get(kind, ""),
        publisher="" if kind == "article" else draw.choice(_PUBLISHERS),
        place="" if kind == "article" else draw.choice(("Lyon", "Rennes", "Paris", "Namur")),
        issued=f"{year}-{draw.randint(1, 12):02}-{draw.randint(1, 28):02}" if is_day else f"{year}",
        url=f"http://{site.host}/{year}/{slug(title)[:60]}-{number}" if site else "",
        site=site,
        doi=f"10.5555/rv.{year}.{number}" if draw.random() < 0.15 else "",
        language=language,
        keyword=tuple(draw.sample(KEYWORDS, draw.choice((0, 1, 2, 3)))),
        life=draw.choices(tuple(LIVES), _LIFE_WEIGHTS)[0] if site else "never",
        places=places,
    )


def _draw_authors(draw: random.Random, people: list[Person]) -> tuple[Person, ...]:
    """One to three; a few people write much."""
    count = draw.choice((1, 1, 1, 2, 2, 3))
    ranks = zipf(len(people), exponent=0.8)
    return tuple(dict.fromkeys(draw.choices(people, cum_weights=ranks, k=count)))


def _make_title(draw: random.Random, topic: int, language: str, places: tuple[str, ...]) -> str:
    if language == "en":
        english = EnglishWriter(draw, topic=topic, places=places)
        return draw.choice(_EN_TITLES).format(a=english.noun(), c=english.noun(), place=places[0])
    writer = Writer(draw, topic=topic, places=places)
    first, second = writer.group()[0], writer.group()[0]
    return draw.choice(_TITLES).format(
        a=first, A=first[0].upper() + first[1:], b=contract(second), c=second, place=places[0]
    )


def _make_files(draw: random.Random, texts: list[Text]) -> Iterator[File]:
    """Deal the texts out to files, chapters and headings; some are cited in two files."""
    count = min(len(FILES), max(1, len(texts) // 10))
    for number in range(count):
        topic = number % len(TOPICS)
        mine = texts[number::count]
        title = TOPICS[topic] + ("" if number < len(TOPICS) else " (suite)")
        if FILES[number] in ("txt", "md", "html"):
            others = draw.sample(texts, max(1, len(mine) // 15))
            mine = mine + [text for text in others if text not in mine]
        chapters = tuple(_make_chapters(draw, title, topic, mine))
        yield File(
            name=f"{number + 1:02}-{slug(title)}.{FILES[number]}", title=title, chapters=chapters
        )


def _make_chapters(
    draw: random.Random, title: str, topic: int, texts: list[Text]
) -> Iterator[Chapter]:
    paths = [(title, chapter, heading) for chapter in CHAPTERS for heading in HEADINGS]
    share = -(-len(texts) // len(paths))
    for number, path in enumerate(paths):
        mine = texts[number * share : (number + 1) * share]
        if not mine:
            return
        writer = Writer(draw, topic=topic, places=mine[0].places)
        introduction = writer.paragraph() if draw.random() < 0.4 else ""
        yield Chapter(
            section=path, introduction=introduction, items=tuple(_make_items(draw, writer, mine))
        )


def _make_items(draw: random.Random, writer: Writer, texts: list[Text]) -> Iterator[Item]:
    rest = list(texts)
    while rest:
        together = 3 if draw.random() < 0.1 else 1
        some, rest = rest[:together], rest[together:]
        note = ""
        if len(some) > 1:
            note = f"On lira avec profit ces textes sur {writer.group()[0]}, que tout sépare :"
        elif draw.random() < 0.65:
            note = "\n\n".join(writer.paragraph() for _ in range(draw.choice((1, 1, 2))))
        yield Item(texts=tuple(some), note=note)
