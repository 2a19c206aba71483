"""Make collections of long texts out of those of short ones.

    python -m benchmarks.relevance.long --collections DIR --into DIR

PIAF's paragraphs put together as articles; CDTN's laws as chapters and its sheets as pages; the
sheets of service-public without their titles, which are the queries. `--into` can then be measured
as any folder of collections.
"""

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.relevance.collections import Collection, Text, Topic, read_collection


def main() -> int:
    """Write what can be made of the collections that are there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relevance.long")
    parser.add_argument("--collections", type=Path, required=True, help="where they are")
    parser.add_argument("--into", type=Path, required=True, help="where to write the long ones")
    asked = parser.parse_args()
    piaf = read_collection(asked.collections / "piaf", "dev")
    cdtn = read_collection(asked.collections / "cdtn", "dev")
    for made in (join_articles(piaf), join_pages(cdtn), take_sheets(cdtn)):
        write_collection(made, asked.into / made.name)
    return 0


def join_articles(piaf: Collection) -> Collection:
    """Put the paragraphs of each article together; the article answers."""
    return _join("piaf-articles", piaf, {text.id: text.title for text in piaf.texts}, "title")


def join_pages(cdtn: Collection) -> Collection:
    """Put the articles of a chapter of law together, and the parts of a page."""
    return _join("cdtn-pages", cdtn, {text.id: _find_page(text.id) for text in cdtn.texts}, "both")


def take_sheets(cdtn: Collection) -> Collection:
    """Take the sheets of service-public without titles; each title of one sheet is a query."""
    sheets = [text for text in cdtn.texts if text.id.startswith("sp/")]
    by_title: dict[str, list[str]] = {}
    for sheet in sheets:
        by_title.setdefault(sheet.title, []).append(sheet.id)
    topics = [
        Topic(id=f"q{number}", text=title, group=f"q{number}", relevance={ids[0]: 1})
        for number, (title, ids) in enumerate(by_title.items())
        if len(ids) == 1
    ]
    texts = (Text(id=sheet.id, title="", text=sheet.text) for sheet in sheets)
    return Collection(name="sheets", texts=tuple(texts), topics=tuple(topics))


def write_collection(made: Collection, folder: Path, split: str = "dev") -> None:
    """Write a collection as `read_collection` reads it, its queries as those of one half."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(
        folder / "docs.jsonl.gz",
        ({"id": text.id, "title": text.title, "text": text.text} for text in made.texts),
    )
    _write_rows(
        folder / f"queries.{split}.jsonl.gz",
        ({"id": topic.id, "text": topic.text, "group": topic.group} for topic in made.topics),
    )
    judged = (
        f"{topic.id}\t{document}\t{grade}\n"
        for topic in made.topics
        for document, grade in topic.relevance.items()
    )
    (folder / f"qrels.{split}.tsv").write_text("".join(judged), encoding="utf-8")


def _join(name: str, made_of: Collection, whole_of: dict[str, str], kept: str) -> Collection:
    """Put together the texts of one whole; `kept` says whether each brings its title too."""
    parts: dict[str, list[Text]] = {}
    for text in made_of.texts:
        parts.setdefault(whole_of[text.id], []).append(text)
    texts = []
    for whole, held in parts.items():
        is_alone = len(held) == 1 or kept == "title"
        joined = (text.text if is_alone else f"{text.title}\n{text.text}" for text in held)
        title = held[0].title if is_alone else _find_title(held[0])
        texts.append(Text(id=whole, title=title, text="\n".join(joined)))
    topics = []
    for topic in made_of.topics:
        best: dict[str, int] = {}
        for document, grade in topic.relevance.items():
            whole = whole_of[document]
            best[whole] = max(grade, best.get(whole, 0))
        topics.append(Topic(id=topic.id, text=topic.text, group=topic.group, relevance=best))
    return Collection(name=name, texts=tuple(texts), topics=tuple(topics))


def _find_page(key: str) -> str:
    """The chapter of an article of law, the page of a part of one."""
    if key.startswith("ct/"):
        return key.split("-")[0]
    return key.split("#")[0]


def _find_title(part: Text) -> str:
    """The title of a whole, by that of its first part."""
    if part.id.startswith("ct/"):
        return re.sub(r"^Article \S+ - ", "", part.title)
    return part.title.split(" : ")[0]


def _write_rows(path: Path, rows: Iterable[dict[str, str]]) -> None:
    def lines() -> Iterator[str]:
        for row in rows:
            yield json.dumps(row, ensure_ascii=False) + "\n"

    with gzip.open(path, "wt", encoding="utf-8") as out:
        out.writelines(lines())


if __name__ == "__main__":
    sys.exit(main())
