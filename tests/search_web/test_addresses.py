from urllib.parse import unquote

import pytest

from indexer.model import Document, DocumentKind, Paragraph
from indexer.search import Hit, Snippet
from search_web.site.addresses import original_url

TWICE = Document(
    id="a",
    kind=DocumentKind.TEXT,
    title="A",
    paragraphs=(
        Paragraph(text="La ville."),
        Paragraph(text="Avant elle, la ville après tout."),
        Paragraph(text="La gare."),
    ),
)


def hit(*snippets: Snippet, url: str | None = "http://a.fr/b") -> Hit:
    return Hit(
        rank=1, score=1.0, id="a", kind=DocumentKind.TEXT, title="A", url=url, snippets=snippets
    )


@pytest.mark.parametrize(
    ("found", "address"),
    [
        (hit(), "http://a.fr/b"),
        (hit(Snippet(text="rien de trouvé")), "http://a.fr/b"),
        (hit(url=None), ""),
        (hit(url="javascript:alert(1)"), ""),
        (
            hit(Snippet(text="La gare.", marks=((3, 7),), paragraph=2)),
            "http://a.fr/b#:~:text=La gare.",
        ),
        (
            hit(Snippet(text="la ville", marks=((3, 8),), paragraph=1)),
            "http://a.fr/b#:~:text=Avant elle,-,la ville,-après tout.",
        ),
        (
            hit(Snippet(text="la ville", marks=((3, 8),), paragraph=1), url="http://a.fr/b#c"),
            "http://a.fr/b#c:~:text=Avant elle,-,la ville,-après tout.",
        ),
        (hit(Snippet(text="x", marks=((0, 1),), paragraph=0, page=3)), "http://a.fr/b#page=3"),
    ],
)
def test_the_original_is_opened_where_something_was_found(found, address):
    assert unquote(original_url(found, lambda _: TWICE)) == address
