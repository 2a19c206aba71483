"""The CSL type of a reference in a line, by what the line says: each sign, and one that is not."""

import pytest

from indexer.bibliography.lines.container import Tail
from indexer.bibliography.lines.dates import FoundDate
from indexer.bibliography.lines.law import find_legal_text
from indexer.bibliography.lines.reading import tell_type
from indexer.bibliography.lines.title import Title
from indexer.model import Name

URL = "https://a.test/page"
REVIEW = Tail(container_title="Une revue")
DAY, MONTH, YEAR = (
    FoundDate(value="", start=0, end=0, precision=precision, is_range=False)
    for precision in (3, 2, 0)
)


def titled(value, sign="quotes"):
    return Title(value=value, start=0, end=len(value), confidence=0.9, sign=sign)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, "document"),
        ({"url": URL}, "webpage"),
        ({"title": titled("La ville", "italics")}, "book"),
        ({"title": titled("La ville", "italics"), "url": URL}, "webpage"),
        ({"title": titled("La ville")}, "document"),
        ({"is_interview": True, "genre": "thèse"}, "interview"),
        ({"whole": "Wikipédia, « Commun »"}, "entry-encyclopedia"),
        ({"whole": "Le kiwi, un fruit", "url": URL}, "webpage"),
        ({"url": "https://fr.wikipedia.org/w/Commun"}, "entry-encyclopedia"),
        ({"url": "https://a.test/wiki/Commun"}, "entry-encyclopedia"),
        ({"url": "https://kiwi.test/Commun"}, "webpage"),
        ({"title": titled("Loi n° 2014-366 du 24 mars 2014"), "url": URL}, "legislation"),
        ({"title": titled("Loi du marché"), "url": URL}, "webpage"),
        ({"title": titled("La loi n° 2014-366"), "url": URL}, "webpage"),
        ({"genre": "Thèse de doctorat"}, "thesis"),
        ({"genre": "Communication au colloque"}, "paper-conference"),
        ({"genre": "vidéo"}, "motion_picture"),
        ({"genre": "Podcast"}, "broadcast"),
        ({"genre": "Billet de blog"}, "post-weblog"),
        ({"genre": "rapport d'étude"}, "report"),
        ({"genre": "Tribune", "url": URL}, "webpage"),
        ({"fields": {"number": "12"}}, "report"),
        ({"tail": Tail(container_title="Un livre", editors=(Name(family="Un"),))}, "chapter"),
        (
            {
                "tail": Tail(
                    container_title="Un livre", editors=(Name(family="Un"),), editor_role="dir."
                )
            },
            "document",
        ),
        ({"tail": Tail(editors=(Name(family="Un"),))}, "document"),
        ({"fields": {"isbn": "9782000000000"}}, "book"),
        ({"tail": Tail(publisher="Un éditeur")}, "book"),
        ({"tail": Tail(publisher="Un éditeur", container_title="Une revue")}, "document"),
        ({"tail": Tail(container_title="Blog de l'atelier")}, "post-weblog"),
        ({"tail": Tail(container_title="Blogueurs"), "url": URL}, "webpage"),
        ({"tail": REVIEW, "fields": {"volume": "3"}}, "article-journal"),
        ({"tail": REVIEW, "fields": {"issue": "3"}, "issued": YEAR}, "article-journal"),
        ({"tail": REVIEW, "fields": {"page": "3-9"}, "issued": MONTH}, "article-magazine"),
        ({"tail": REVIEW, "fields": {"issue": "3"}, "issued": DAY}, "article-magazine"),
        ({"tail": REVIEW, "issued": DAY}, "article-newspaper"),
        ({"tail": REVIEW, "issued": MONTH, "url": URL}, "webpage"),
        ({"fields": {"volume": "3"}, "issued": DAY}, "document"),
    ],
)
def test_a_line_tells_the_type_of_what_it_cites(facts, kind):
    usual = {
        "title": None, "tail": Tail(), "genre": "", "fields": {}, "issued": None,
        "is_interview": False, "whole": "", "url": None,
    }  # fmt: skip
    assert tell_type(**usual | facts) == kind


@pytest.mark.parametrize(
    "line",
    [
        "Ce 3 mai 2011, le numéro 12 de la rue a fermé.",
        "La directive de la mairie du 3 mai n'a rien changé.",
        "Ta lettre du 3 mai 2011, n° 12, est perdue.",
        "NF X 35-109",
        "Directive Europe : un bilan",
    ],
)
def test_what_only_speaks_of_a_court_or_a_law_names_none(line):
    assert find_legal_text(line) is None
