"""readability-lxml in fewer steps: what it shows is what the library shows."""

from copy import deepcopy

import pytest
from readability import Document

from indexer.extract.blocks import parse_markup
from indexer.extract.payload import decode_markup
from indexer.extract.readers import ReaderView
from tests.extract.test_weighing import KINDS
from tests.replay import PAGES_FOLDER

PAGES = sorted([*KINDS.glob("*.html"), *PAGES_FOLDER.glob("*.html")])
TEXT = (
    "Les communs se partagent sans se perdre, et chacun y ajoute, chaque jour, un peu de sa part."
)
MIXED = f"""<body><div class="sidebar"><ul><li><a href=/a>Un lien,  avec
du\tblanc</a></li></ul></div><div id=content class=article-body>Du texte nu, {TEXT}<br>{TEXT}
<div>Un <b>bloc</b> sans bloc, {TEXT}</div>{TEXT}<p>{TEXT}</p><div><img src=a.jpg> {TEXT}</div>
<div><blockquote>{TEXT}</blockquote></div>
<span>{TEXT}<table><tr><td>{TEXT}</td></tr></table></span><p class="comment">{TEXT}</p>
<div class="popup"><article>{TEXT} {TEXT}</article></div><h2>Un titre</h2>{TEXT * 4}</div></body>"""


class TheirView(Document):
    """The library's own methods, given the same parsed page."""

    def __init__(self, tree):
        super().__init__("")
        self._tree = tree

    def _parse(self, _):
        tree = deepcopy(self._tree)
        for element in list(tree.iter("script", "style", "link")):
            element.drop_tree()
        return tree


@pytest.mark.parametrize(
    "markup",
    [*(decode_markup(page.read_bytes())[0] for page in PAGES), MIXED],
    ids=[*(page.stem for page in PAGES), "mixed"],
)
def test_it_shows_what_the_library_shows(markup):
    tree = parse_markup(markup)

    shown = ReaderView(tree).summary(html_partial=True)

    assert "<p" in shown
    assert shown == TheirView(tree).summary(html_partial=True)


def test_a_page_without_text_is_no_more_to_it_than_to_the_library():
    tree = parse_markup("<body><div></div><p> </p></body>")

    assert ReaderView(tree).summary() == TheirView(tree).summary()
