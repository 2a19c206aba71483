"""A small corpus, crawled and indexed by the command, with one text that somebody may withdraw.

That text has a title, an author and a word that nothing else has; all names are made up.
"""

from pathlib import Path
from urllib.parse import quote

from indexer.capture.browser import BrowserPage
from indexer.capture.rendering import draft_page, make_visit
from indexer.notify import Notice, NoticeKind, ToldState
from indexer.urls import urlkey
from indexer.watch.journal import FILE_NAME as JOURNAL
from indexer.watch.journal import WatchJournal
from tests.archive.exchanges import NOON, Corpus
from tests.command import run_command
from tests.replay import ReplayServer
from tests.replay.pages import Page

ID = "krempach-2015-quenotiere"
URL = "http://www.retrait.test/Articles/Myst%C3%A8re/?b=2"
DOI = "10.5555/Retrait.42"
CITED = "http://exemple.test/clic"  # another text's
IMAGES_AT = "20260301120000"  # when a browser took an image of both
# What only the withdrawn text has, folded: its title, its author, a word of it, where it is.
SECRETS = ("quenotiere", "krempach", "zigouflard", "retrait.test", "10.5555/retrait")

# Sentences that no extract has, folded: of that text, and of one that other files don't cite.
UNSEEN = "un tilleul abrite le banc"
FREE = "le cafe est offert par la commune"

# The note about that text alone, and the one about two texts; their sentences stay.
ALONE = "Une enquête menée pendant un hiver auprès de douze coursiers."
TOGETHER = "On lira avec profit deux textes sur le sujet"

BIBLIOGRAPHY = f"""\
@article{{{ID},
  author = {{Krempach, Ysolde}},
  title = {{Quenotière vivante des ateliers partagés}},
  journal = {{La Revue fictive}},
  year = 2015,
  doi = {{{DOI}}},
  url = {{{URL}}},
  annote = {{{ALONE}}}
}}

@online{{tessier-2014-cooperer,
  author = {{Tessier, Paul}},
  title = {{Coopérer durablement dans les ateliers}},
  year = 2014,
  url = {{http://exemple.test/cooperer}},
  annote = {{Un manuel pour commencer.}}
}}

@online{{garnaud-2016-clic,
  author = {{Garnaud, Élodie}},
  title = {{Ateliers ouverts au partage}},
  year = 2016,
  url = {{http://exemple.test/clic}}
}}
"""
ANNOTATED = f"""\
Partage

{TOGETHER} :

- Ysolde Krempach, « Quenotière vivante des ateliers partagés », La Revue fictive, 2015, {URL}
- Paul Tessier, « Coopérer durablement dans les ateliers », 2014, http://exemple.test/cooperer
"""

JPEG = b"\xff\xd8\xff\xe0"
_COMMON = (
    "Les ateliers partagés rassemblent des machines, des savoirs et des personnes dans un même "
    "lieu, où chacun apprend des autres sans maître ni élève.",
    "La coopération durable demande du temps, des règles écrites ensemble et une caisse commune "
    "que personne ne possède.",
    "Le partage des outils réduit les dépenses, allonge la vie des objets et ouvre la fabrique à "
    "celles et ceux qui n'y entraient pas.",
)


def make_page(url: str, title: str, author: str, *more: str) -> Page:
    """A page of an article that an extractor takes for one."""
    body = "".join(f"<p>{paragraph}</p>" for paragraph in (*_COMMON, *more, *_COMMON))
    html = (
        f"<!DOCTYPE html><html lang='fr'><head><meta charset='utf-8'><title>{title}</title>"
        f"<meta name='author' content='{author}'></head>"
        f"<body><article><h1>{title}</h1>{body}</article></body></html>"
    )
    return Page(url=url, payload=html.encode(), headers={"Content-Type": "text/html"})


PAGES = (
    make_page(
        URL,
        "Quenotière vivante des ateliers partagés",
        "Ysolde Krempach",
        "Le zigouflard des ateliers, que personne d'autre ne nomme ainsi, passe chaque matin "
        "avant l'ouverture et range les outils de la veille.",
        "Au bout de l'allée, un tilleul abrite le banc des réunions.",
    ),
    make_page(
        "http://exemple.test/cooperer",
        "Coopérer durablement dans les ateliers",
        "Paul Tessier",
        "Un règlement affiché à l'entrée rappelle que les machines sont à tout le monde.",
    ),
    make_page(
        "http://exemple.test/clic",
        "Ateliers ouverts au partage",
        "Élodie Garnaud",
        "Les portes restent ouvertes le samedi, et le café est offert par la commune.",
    ),
)


def make_corpus(folder: Path) -> None:
    """Write the bibliography, crawl its pages through a replay server, index them."""
    (folder / "bibliography").mkdir(parents=True)
    (folder / "bibliography" / "biblio.bib").write_text(BIBLIOGRAPHY, encoding="utf-8")
    (folder / "bibliography" / "notes.txt").write_text(ANNOTATED, encoding="utf-8")
    with ReplayServer(PAGES) as proxy:
        for command in ("crawl", "index"):
            done = run_command(folder, command, proxy=proxy.url)
            assert done.returncode == 0, done.stderr


def let_live(folder: Path) -> None:
    """Add what a corpus has after a while: images of its pages, notices of their links."""
    with Corpus(folder).open() as opened:
        images = ((URL, f"Le zigouflard, {UNSEEN}"), (CITED, f"Le samedi, {FREE}"))
        for url, text in images:
            capture = opened.catalogue.latest_capture(urlkey(url), live_only=True)
            page = BrowserPage(
                final_url=url, markup=f"<p>{text}".encode(), image=JPEG + text.encode()
            )
            drafts = draft_page(capture, page, at=NOON)
            opened.keeper.keep_beside_page(make_visit(capture, page, drafts, NOON), drafts)
    with WatchJournal(folder / JOURNAL) as journal:
        for url, title in ((URL, "Quenotière vivante"), (CITED, "Ateliers ouverts")):
            notice = Notice(kind=NoticeKind.DEATH, url=url, title=title, at=NOON)
            journal.remember(urlkey(url), ToldState(is_dead=True), [notice], ["mail a@b.test"])


# All of them name the text at URL, or by its id.
FORMS = (
    URL,
    URL.replace("http:", "https:"),
    URL.replace("www.", ""),
    URL.replace("/?", "?"),
    URL.replace("http://www.retrait.test", "HTTP://WWW.Retrait.TEST"),
    URL.upper(),
    URL.replace("http://", ""),
    URL.replace("http:", ""),
    f"{URL}#haut",
    f"{URL}&utm_source=lettre&utm_medium=x",
    URL.replace("retrait.test", "retrait.test:80"),
    URL.replace("http://www.retrait.test", "https://retrait.test:443"),
    URL.replace("http://www.", "").replace("retrait.test", "retrait.test:443"),
    URL.replace("%C3%A8", "è"),
    URL.replace("%C3%A8", "%c3%a8").replace("Articles", "%41rticles"),
    URL.replace("http://", "http://qui:secret@"),
    f"<{URL}>",
    f"https://web.archive.org/web/20150304050607/{URL}",
    f"http://web.archive.org/web/2015id_/{URL.replace('http', 'https')}",
    f"https://web.archive.org/web/*/{URL}",
    ID,
    ID.upper(),
    f"@{ID}",
    f"https://renvois.example/textes/{ID}?q=mot#p3",
    DOI,
    f"doi:{DOI.lower()}",
    f"https://doi.org/{DOI}",
    f"DX.DOI.ORG/{DOI.upper()}",
    # As the URL standard reads them, as they are copied, as programs write them.
    URL.replace("//", "/", 1),
    URL.replace("http://", "http:\\\\"),
    URL.replace("retrait.test", "retrait.test."),
    URL.replace("%C3%A8", "e\u0300"),
    URL.replace("%C3%A8", "e%CC%80").replace("Articles", "./x/../Articles"),
    URL.replace("&", "&amp;") + "&amp;utm_source=x",
    f"{URL}.",
    f"URL : {URL}",
    f"view-source:{URL}",
    rf"\url{{{URL}}}",
    f"[La page]({URL})",
    f"{URL} La page, lue en mars",
    f"https://web.archive.org/web/{URL}",
    f"https://web.archive.org/save/{URL}",
    f"https://archive.ph/newest/{URL}",
    f"https://traduction.test/?de=fr&u={quote(URL, safe='')}",
    f"doi: {DOI}",
    f"{DOI}.",
    f"urn:doi:{DOI}",
    f"info:doi/{DOI}",
    f"https://doi.org/doi:{DOI}",
    f"https://doi.org/{quote(DOI, safe='')}",
    f"https://doi.org/{DOI}?nosfx=y#haut",
    f"https://hdl.handle.net/{DOI}",
    f"https://editeur.test/doi/abs/{DOI}",
    f"https://doi-org.mandataire.test/{DOI}",
    rf"\parencite[12]{{{ID}}}",
    f"[@{ID}]",
    f"{ID}.",
    f"/textes/{ID}.json",
)
