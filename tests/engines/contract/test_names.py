"""What has a name is found by it: titles, authors and editors, keywords, years, articles of law."""

import pytest

from indexer.engines import Searcher
from indexer.model import Name, Reference
from tests.engines.contract.conftest import Opened
from tests.engines.contract.engines import MadeIndex
from tests.engines.shelf import found, text


def cited(id: str, **more: object) -> Reference:
    return Reference(id=id, title="", **more)  # type: ignore[arg-type]


SHELF = (
    text("atelier", "Médecine du travail", "Un texte court.", issued="2014-03",
         reference=cited("atelier", keyword=("santé", "logiciel libre"))),
    text("longue", "La médecine, le travail et la médecine", "médecine travail " * 9,
         issued="2015", reference=cited("longue", keyword=("santé",))),
    text("chapitre", "Un chapitre", "En 2016, rien.", author="Anne Essai", issued="2016",
         reference=cited("chapitre", editor=(Name(family="von Exemple", given="Jo"),),
                         translator=(Name(literal="Lou de La Version"),))),
    text("loi", "Article L4121-1 - Principes", "L'employeur prend des mesures."),
    text("agents", "Effectifs", "On compte 25 000 agents."),
    text("renvoi", "Commentaire", "L'article L. 4121-1 du code, l'article L. 4121-1 encore."),
    text("une", "À la une", "Ce titre est à la une des journaux."),
    text("vanne", "Vannes", author="Ilona Marchepin, Pierre-Yves Le Garrouec",
         reference=cited("vanne", author=(Name(family="Marchepin", given="Ilona"),
                                          Name(family="Le Garrouec", given="Pierre-Yves")))),
    text("digue", "Digues", author="Adrien Marchepin, Hubert van der Poldre"),
    text("polder", "Polders", author="I. Marchepin, A. d’Orvalac"),
    text("moulin", "Moulins", "Voir aussi 10.5555/Rv.2019.13, sur les barrages.", issued="2019",
         url="https://www.revue.example/2019/moulins/?page=2",
         reference=cited("moulin", doi="10.5555/rv.2019.12",
                         url="https://www.revue.example/2019/moulins/?page=2")),
    text("barrage", "Barrages", url="https://editeur.example/doi/full/10.5555/rv.2019.13",
         reference=cited("barrage", url="https://editeur.example/doi/full/10.5555/rv.2019.13")),
    text("livre", "Bocages", reference=cited("livre", isbn="9782999912342")),
    text("these", "Étiers", url="https://theses.hal.science/tel-01234567",
         reference=cited("these", url="https://theses.hal.science/tel-01234567")),
    text("preprint", "Tides", language="en", url="https://arxiv.org/abs/2101.01234v2",
         reference=cited("preprint", url="https://arxiv.org/abs/2101.01234v2")),
    text("arsenal", "Arsenaux", author="Conseil des Arts et Métiers de Brévoux"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("query_text", "ids"),
    [
        ("auteur:Exemple", ["chapitre"]),
        ("auteur:« von Exemple »", ["chapitre"]),
        ("auteur:« Lou de La Version »", ["chapitre"]),
        ("auteur:« Essai von »", []),  # two names, not one
        ("auteur:« Essai, Anne »", ["chapitre"]),
        ("auteur:« von Exemple, Jo »", ["chapitre"]),
        ("auteur:« Exemple, Jo »", ["chapitre"]),
        ("auteur:« Exemple, Anne »", []),
        ("mot:santé titre:longue", []),
        ("tag:« logiciel libre »", ["atelier"]),
        ("mot:santé SAUF mot:libre", ["longue"]),
        ("travail ET médecine-courte", ["atelier"]),
        ("travail ET médecine-courte +texte", ["atelier"]),
        ("travail ET médecine-courte -zigoufle", ["atelier"]),
        ("travail ET médecine-courte année:2010..2020", ["atelier"]),
        ("25 000", ["agents"]),
        ("25000 agents", ["agents"]),
        ("« 25\u202f000 agents »", ["agents"]),
        ("25, 000", []),
        ("mot:logiciels", ["atelier"]),
        ("mot:« libre logiciel »", []),
        ("mot:iciel", []),
        ("mot:s", []),
        ("mot:log*", ["atelier"]),
        ("mot:« logiciel lib* »", []),
        ("annee:2014", ["atelier"]),
        ("annee:(2014 OU 2015..2016) travail", ["atelier", "longue"]),
        ("« à la une »", ["une"]),
        ("à la une", ["une"]),
        ("la", []),
        ("la ET travail", []),
        ("langue:français annee:2016", ["chapitre"]),
    ],
)
def test_a_name_finds(searcher: Searcher, query_text: str, ids: list[str]) -> None:
    assert sorted(found(searcher, query_text)) == sorted(ids)


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("Ilona Marchepin", ["vanne", "polder"]),
        ("Marchepin Ilona", ["vanne", "polder"]),
        ("MARCHEPIN Ilona", ["vanne", "polder"]),
        ("marchepin, i.", ["vanne", "polder"]),
        ("I. Marchepin", ["vanne", "polder"]),
        ("Marchepin I", ["vanne", "polder"]),
        ("A. Marchepin", ["digue"]),
        ("Marchepin, Adrien", ["digue"]),
        ("Marchepin et al.", ["vanne", "digue", "polder"]),
        ("Marchepin, I., et al.", ["vanne", "polder"]),
        ("Marchepin I. & Le Garrouec P.-Y.", ["vanne"]),
        ("Le Garrouec et Ilona Marchepin", ["vanne"]),
        ("Le Garrouec, P.Y.", ["vanne"]),
        ("Garrouec, Pierre-Yves Le", ["vanne"]),
        ("Marchepin, Pierre", []),
        ("Ilona Pierre", []),  # two people's given names
        ("Marchepin Pierre-Yves", []),
        ("Poldre, Hubert van der", ["digue"]),
        ("van der Poldre H.", ["digue"]),
        ("H. Poldre", ["digue"]),
        ("Alice d'Orvalac", ["polder"]),  # a reference that has initials alone
        ("Orvalac, Alice d’", ["polder"]),
        ("Zoé d'Orvalac", []),
        ("Conseil des Arts et Métiers", ["arsenal"]),
        ("Z. Q.", []),
    ],
)
def test_a_person_is_found_however_the_name_is_written(
    searcher: Searcher, name: str, ids: list[str]
) -> None:
    assert sorted(found(searcher, f'auteur:"{name}"')) == sorted(ids)


@pytest.mark.parametrize(
    ("typed", "scheme", "ids"),
    [
        ("10.5555/rv.2019.12", "doi", ["moulin"]),
        ("doi:10.5555/RV.2019.12.", "doi", ["moulin"]),
        ("DOI 10.5555/rv.2019.12", "doi", ["moulin"]),
        ("https://doi.org/10.5555/rv.2019.12", "doi", ["moulin"]),
        ("http://dx.doi.org/10.5555/rv.2019.12", "doi", ["moulin"]),
        ("https://dx.doi.org/10.5555%2Frv.2019.12", "doi", ["moulin"]),
        ("https://editeur.example/doi/full/10.5555%2Frv.2019.12", "doi", ["moulin"]),
        ("10.5555%2frv.2019.12", "doi", ["moulin"]),
        ("https://doi.org/10.5555/rv.2019.13", "doi", ["barrage", "moulin"]),  # the other cites it
        ("https://doi.org/10.5555/rv.2019.99", "doi", []),
        ("https://www.revue.example/2019/moulins/?page=2", "url", ["moulin"]),
        ("http://revue.example/2019/moulins?page=2&utm_source=lettre#haut", "url", ["moulin"]),
        ("www.revue.example/2019/moulins/?page=2", "url", ["moulin"]),
        ("revue.example/2019/moulins?page=2", "url", ["moulin"]),
        ("https://web.archive.org/web/2020/https://revue.example/2019/moulins?page=2", "url",
         ["moulin"]),
        ("https://www.revue.example/2019/moulins", "url", []),  # another page
        ("978-2-9999-1234-2", "isbn", ["livre"]),
        ("ISBN 978 2 9999 1234 2", "isbn", ["livre"]),
        ("ISBN-13: 9782999912342", "isbn", ["livre"]),
        ("2-9999-1234-X", "isbn", ["livre"]),
        ("tel-01234567", "hal", ["these"]),
        ("https://hal.science/tel-01234567v2/document", "hal", ["these"]),
        ("arXiv:2101.01234", "arxiv", ["preprint"]),
        ("https://arxiv.org/pdf/2101.01234.pdf", "arxiv", ["preprint"]),
        ("https://doi.org/10.48550/arXiv.2101.01234", "doi", ["preprint"]),
    ],
)  # fmt: skip
def test_what_names_a_text_finds_it_first_and_says_so(
    searcher: Searcher, typed: str, scheme: str, ids: list[str]
) -> None:
    results = searcher.search(typed)
    assert [hit.id for hit in results.hits] == ids
    assert [(term.scheme, term.document_count) for term in results.terms] == [(scheme, len(ids))]
    assert not results.unread
    assert not results.corrections
    assert results.all_words is None
    for hit in results.hits[:1]:
        assert "identifier" in [each.field for each in hit.matched]
    assert searcher.search(results.understood).total == len(ids)


@pytest.mark.parametrize(
    "typed",
    [
        "Essai, A. (2019). Moulins et barrages. https://doi.org/10.5555/rv.2019.12",
        "Moulins (voir https://revue.example/2019/moulins?page=2).",
        "« Moulins », doi : 10.5555/rv.2019.12, consulté le 4 mai",
    ],
)
def test_a_reference_that_was_copied_finds_its_text_first(searcher: Searcher, typed: str) -> None:
    assert found(searcher, typed)[0] == "moulin"


@pytest.mark.parametrize("typed", ["loi/texte", "0123456788", "12.5/3", "rapport-20190101"])
def test_what_only_looks_like_a_number_of_a_text_is_words(searcher: Searcher, typed: str) -> None:
    assert not any(term.scheme for term in searcher.search(typed).terms)


@pytest.mark.parametrize("typed", ["Marchepin,Ilona", "I.Marchepin", "Marchepin,I."])
def test_a_name_needs_no_quotation_marks_where_it_has_no_blank(
    searcher: Searcher, typed: str
) -> None:
    assert sorted(found(searcher, f"auteur:{typed}")) == ["polder", "vanne"]


@pytest.mark.parametrize(
    ("query_text", "first"),
    [
        ("medecine du travail", "atelier"),
        ("Médecine du travail", "atelier"),
        ("un chapitre", "chapitre"),
        ("2016", "chapitre"),
        ("L. 4121-1", "loi"),
        ("art. L 4121-1", "loi"),
        ("article L. 4121-1", "loi"),
        ("l. 4121-1", "loi"),
    ],
)
def test_what_is_asked_by_its_name_comes_first(
    searcher: Searcher, query_text: str, first: str
) -> None:
    assert found(searcher, query_text)[0] == first


@pytest.mark.parametrize(
    ("query_text", "first"),
    [
        ("L. 4121-1 code du travail", "article"),
        ("article L4121-1 du code du travail", "article"),
        ("code du travail L.4121-1", "article"),
        ("loi n° 2014-856 économie sociale", "law"),
        ("économie sociale 2014-856", "law"),
    ],
)
def test_what_bears_a_number_comes_before_what_speaks_of_its_subject(
    opened: Opened, query_text: str, first: str
) -> None:
    code = "Le code du travail, et son article L. 4121-1."
    subject = "L'économie sociale, et sa loi n° 2014-856."
    shelf = [
        text("article", "Article L4121-1 - Chapitre premier : obligations", "L'employeur agit."),
        text("law", "Loi n° 2014-856 du 31 juillet 2014", "Texte."),
        *(
            text(f"page-{n}", "Le contrat et ses règles : questions et réponses", code)
            for n in range(3)
        ),
        *(
            text(f"subject-{n}", "Le contrat et ses règles : questions et réponses", subject)
            for n in range(3)
        ),
        *(text(f"other-{n}", "Une ville et son jardin", "Rien de tel ici.") for n in range(40)),
    ]
    with opened(*shelf) as searcher:
        assert found(searcher, query_text)[0] == first


def test_a_title_keeps_its_score_and_comes_once(searcher: Searcher) -> None:
    hits = searcher.search("médecine du travail", extracts=False).hits
    assert [hit.id for hit in hits] == ["atelier", "longue"]
    explained = searcher.explain("médecine du travail", "atelier")
    assert explained is not None
    assert explained.score == pytest.approx(hits[0].score)
    second = searcher.search("médecine du travail", page=2, page_size=1, extracts=False).hits
    assert [hit.id for hit in second] == ["longue"]


def test_keywords_are_a_facet_of_several_values(searcher: Searcher) -> None:
    facet = searcher.search("annee:2014..2016").facets["keyword"]
    assert {each.value: each.count for each in facet} == {"santé": 2, "logiciel libre": 1}
    for each in facet:
        narrowed = searcher.search("", filters={"keyword": (each.value,)})
        assert narrowed.total == each.count


def test_what_a_phrase_of_small_words_found_is_marked_and_said(searcher: Searcher) -> None:
    results = searcher.search("à la une")
    assert results.understood == "« à la une »"
    (hit,) = results.hits
    marked = {snippet.text[start:end] for snippet in hit.snippets for start, end in snippet.marks}
    assert marked >= {"à", "la", "une"}


def test_a_word_apart_after_its_apostrophe_is_one_word(opened: Opened) -> None:
    shelf = (
        text("a", "Les prud' hommes"),
        text("b", "Le conseil de prud’hommes"),
        text("c", "Hommes"),
    )
    with opened(*shelf) as searcher:
        for typed in ("prud'hommes", "prud' hommes", "PRUD’ HOMMES"):
            assert sorted(found(searcher, typed)) == ["a", "b"]


def test_what_was_deleted_is_counted_nowhere(index: MadeIndex) -> None:
    index.build(SHELF)
    index.update(dropped=["longue"], order=[each.id for each in SHELF])
    searcher = index.open()
    results = searcher.search("médecine travail")
    assert [term.document_count for term in results.terms] == [1, 1]
    assert results.total == 1
    assert [each.document_count for each in searcher.suggest("médec")] == [1, 1]
