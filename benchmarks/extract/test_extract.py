"""The benchmark reads three layouts and scores each by its own definition."""

import gzip
import json
from pathlib import Path

import pytest

from benchmarks.extract.__main__ import main
from benchmarks.extract.fitting import fit, list_weighed_pages
from benchmarks.extract.layouts import (
    GoldPage,
    read_readability,
    read_scrapinghub,
    read_trafilatura,
    read_wcxb,
)
from benchmarks.extract.scorers import score_scrapinghub, score_trafilatura, score_wcxb
from indexer.extract.weighing import WEIGHTS

TEXT = "Les communs se partagent sans se perdre, et chacun y ajoute un peu de sa part chaque jour."
PAGE = f"<html><body><article><h1>Un titre</h1><p>{TEXT}</p></article></body></html>".encode()


def gold(
    text: str = "", *, wanted: tuple[str, ...] = (), unwanted: tuple[str, ...] = ()
) -> GoldPage:
    return GoldPage(id="1", url="", path=Path("x"), text=text, wanted=wanted, unwanted=unwanted)


@pytest.mark.parametrize(
    ("score", "page", "text", "expected"),
    [
        # Shingles of four words: abcd bcde against abcd, and bcdx beside.
        (score_scrapinghub, gold("a b c d e"), "a b c d x", (1 / 2, 1 / 2, 1 / 2)),
        (score_scrapinghub, gold("a b c d e"), "a b c d e", (1, 1, 1)),
        (score_scrapinghub, gold("a b c d e"), "", (0, 0, 0)),
        # Pieces, whatever the white between their words.
        (
            score_trafilatura,
            gold(wanted=("a b", "c"), unwanted=("z",)),
            "a \n b z",
            (0.5, 0.5, 0.5),
        ),
        (score_trafilatura, gold(wanted=("a b",), unwanted=("z",)), "", (0, 0, 0)),
        # Words, in lower case, as many times as they stand.
        (score_wcxb, gold("A a b c"), "a b", (1, 0.5, 2 / 3)),
        (score_wcxb, gold(""), "", (1, 1, 1)),
        (score_wcxb, gold(""), "a", (0, 0, 0)),
    ],
)
def test_each_benchmark_has_its_own_measure(score, page, text, expected):
    assert score([(page, text)]) == pytest.approx(expected)


def write_scrapinghub(folder: Path) -> None:
    (folder / "html").mkdir()
    (folder / "html" / "ab.html.gz").write_bytes(gzip.compress(PAGE))
    truth = {"ab": {"articleBody": TEXT, "url": "http://a.example/"}}
    (folder / "ground-truth.json").write_text(json.dumps(truth), encoding="utf-8")


def test_the_layouts_are_read(tmp_path):
    for name in ("scrapinghub", "trafilatura", "wcxb"):
        (tmp_path / name).mkdir()
    write_scrapinghub(tmp_path / "scrapinghub")
    (tmp_path / "trafilatura" / "cache").mkdir()
    (tmp_path / "trafilatura" / "cache" / "a.html").write_bytes(PAGE)
    row = {"http://a.example/": {"file": "a.html", "with": [TEXT], "without": ["Menu"]}}
    (tmp_path / "trafilatura" / "evaldata.json").write_text(json.dumps(row), encoding="utf-8")
    split = tmp_path / "wcxb" / "dev"
    (split / "html").mkdir(parents=True)
    (split / "ground-truth").mkdir()
    (split / "html" / "0001.html.gz").write_bytes(gzip.compress(PAGE))
    row = {"url": "http://a.example/", "ground_truth": {"main_content": TEXT}}
    (split / "ground-truth" / "0001.json").write_text(json.dumps(row), encoding="utf-8")

    (first,) = read_scrapinghub(tmp_path / "scrapinghub")
    (second,) = read_trafilatura(tmp_path / "trafilatura")
    (third,) = read_wcxb(tmp_path / "wcxb")
    (fourth,) = read_wcxb(split)

    assert (first.text, second.wanted, third.text) == (TEXT, (TEXT,), TEXT)
    assert [page.read_payload() for page in (first, second, third, fourth)] == [PAGE] * 4
    assert second.is_french


def test_a_line_of_json_an_extractor(tmp_path, capsys):
    write_scrapinghub(tmp_path)

    main(["--layout", "scrapinghub", str(tmp_path), "--json", "--only", "renvois"])

    row = json.loads(capsys.readouterr().out)
    assert row["extractor"] == "renvois"
    assert (row["precision"], row["recall"], row["f1"]) == (1.0, 1.0, 1.0)


def test_what_a_page_declares_is_cut_and_nothing_else(tmp_path):
    declared = (
        b"<html><head><title>A</title><meta property='og:title' content=A><meta property=og:type "
        b"content=article><meta content=2010-01-01 property='article:published_time'>"
        b'<script type=\'application/ld+json\'>{"@type": "Article"}</script></head>'
        b"<body itemscope itemtype='http://schema.org/Article' class=a><p>Un.</p></body></html>"
    )
    path = tmp_path / "a.html"
    path.write_bytes(declared)

    read = GoldPage(id="a", url="", path=path, is_undeclared=True).read_payload()

    assert read == (
        b"<html><head><title>A</title><meta property='og:title' content=A></head>"
        b"<body itemscope class=a><p>Un.</p></body></html>"
    )
    assert GoldPage(id="a", url="", path=path).read_payload() == declared


def test_the_pages_of_readability_are_told_by_their_gold_and_each_is_of_one_half(tmp_path, capsys):
    for name, gold in (("one", f"<p>{TEXT}</p>"), ("two", f"<p>{TEXT}</p><p>{TEXT}</p>")):
        (tmp_path / "test-pages" / name).mkdir(parents=True)
        (tmp_path / "test-pages" / name / "source.html").write_bytes(PAGE)
        (tmp_path / "test-pages" / name / "expected.html").write_text(gold, encoding="utf-8")
    pages = {page.id: page for page in read_readability(tmp_path)}
    told = ["--layout", "readability", str(tmp_path), "--json", "--only", "renvois"]

    main([*told, "--kind", "real", "--half", "apart" if pages["one"].is_apart else "seen"])

    assert {name: page.kind for name, page in pages.items()} == {"one": "real", "two": "repeating"}
    assert json.loads(capsys.readouterr().out)["pages"] == 1
    with pytest.raises(SystemExit, match="no page"):
        main([*told, "--kind", "real", "--half", "seen" if pages["one"].is_apart else "apart"])


@pytest.mark.campaign
def test_the_weights_are_fitted_on_pages_that_are_doubtful_and_no_articles(tmp_path):
    cards = "".join(f"<li><a href=/{n}><div>{TEXT} {n}</div></a></li>" for n in range(9))
    listing = f"<nav>Accueil</nav><ul>{cards}</ul><footer>Contact et mentions légales</footer>"
    said = '<meta property="og:type" content="article">'
    golds = []
    for number, head in enumerate(("", said)):
        path = tmp_path / f"{number}.html.gz"
        path.write_bytes(gzip.compress(f"<head>{head}</head><body>{listing}</body>".encode()))
        text = " ".join(f"{TEXT} {n}" for n in range(9))
        golds.append(GoldPage(id=str(number), url="", path=path, text=text))

    (weighed,) = list_weighed_pages(iter(golds))
    weights = dict(zip(step_names(), fit([weighed]), strict=True))

    assert weighed.page.id == "0"
    assert [*weighed.is_text] == [False, *[True] * 9, False]
    assert weights["in_footer"] < 0 < weights["item"]


def step_names() -> list[str]:
    return [*(name for name, steps in WEIGHTS.items() for _ in steps), "intercept"]
