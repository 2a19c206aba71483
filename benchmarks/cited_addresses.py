"""`python -m benchmarks.cited_addresses FOLDER`: what of real Markdown files reaches a reference.

pandoc's tree says what a file cites: absolute addresses of links, image sources aside. Of each
file: how many of them are a reference's; how many comments that follow a link ("[title](address),
a comment") are in a note that cites it; how many of those references bear the words of their link
as title; and how many bear the words of another link, which is a lie.

Needs pandoc on the PATH, or `pip install pypandoc_binary`. The files are fetched by hand, never
committed; a README of navigation and badges says little.
"""

import argparse
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from indexer.bibliography.gathering import gather
from indexer.bibliography.readers import decode_text, parse_file
from indexer.model import Bibliography
from indexer.urls import urlkey

_ABSOLUTE: Final = re.compile(r"(?:https?|ftp)://|doi:", re.IGNORECASE)
_FRONT_MATTER: Final = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_WORD: Final = re.compile(r"\w+")
_MIN_COMMENT_WORDS: Final = 3
_MIN_LINKS: Final = 3  # a file with fewer is no list
_KEPT: Final = 0.9  # of the words of a comment, in one note

Node = dict[str, Any]


@dataclass(slots=True)
class CitedLinks:
    """What pandoc sees in a file."""

    addresses: dict[str, str] = field(default_factory=dict)  # key -> as written
    texts: dict[str, set[str]] = field(default_factory=dict)  # key -> words of its links
    comments: list[tuple[str, str, str]] = field(default_factory=list)  # key, title, comment


@dataclass(slots=True)
class CitedScore:
    """Counts of one file or several."""

    addresses: int = 0
    covered: int = 0
    comments: int = 0
    kept: int = 0
    titled: int = 0
    lies: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, other: "CitedScore") -> None:
        """Add the counts of another file."""
        for name in ("addresses", "covered", "comments", "kept", "titled", "lies"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.missed += other.missed


def run_pandoc(path: Path) -> Node:
    """Read a Markdown file as pandoc's tree of GitHub's Markdown."""
    program = shutil.which("pandoc")
    if program is None:
        import pypandoc  # type: ignore[import-not-found,import-untyped,unused-ignore]

        program = pypandoc.get_pandoc_path()
    text = _FRONT_MATTER.sub("", decode_text(path.read_bytes()) or "")
    done = subprocess.run(
        [program, "-f", "gfm", "-t", "json"],
        input=text,
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    tree: Node = json.loads(done.stdout)
    return tree


def read_cited(tree: Node) -> CitedLinks:
    """What a tree of pandoc cites."""
    cited = CitedLinks()
    for inlines in _inlines(tree["blocks"]):
        _read_links(inlines, cited)
        _read_comment(inlines, cited)
    return cited


def _inlines(node: Any) -> Iterator[list[Node]]:
    """The contents of every paragraph, heading and cell."""
    if isinstance(node, list):
        for one in node:
            yield from _inlines(one)
    elif isinstance(node, dict):
        if node.get("t") in ("Para", "Plain"):
            yield node["c"]
        elif node.get("t") == "Header":
            yield node["c"][2]
        else:
            yield from _inlines(node.get("c"))


def _read_links(node: Any, cited: CitedLinks) -> None:
    if isinstance(node, list):
        for one in node:
            _read_links(one, cited)
    elif isinstance(node, dict):
        if node.get("t") == "Link":
            href = node["c"][2][0]
            if _ABSOLUTE.match(href):
                key = _key(href)
                cited.addresses.setdefault(key, href)
                cited.texts.setdefault(key, set()).add(_tidy(_say(node["c"][1])))
        elif node.get("t") == "Note":
            for inlines in _inlines(node["c"]):
                _read_links(inlines, cited)
        _read_links(node.get("c"), cited)


def _read_comment(inlines: list[Node], cited: CitedLinks) -> None:
    """The comment after a link that opens its paragraph, if no other link is in it."""
    inner = list(inlines)
    while inner and (inner[0]["t"] in ("Space", "SoftBreak") or not _WORD.search(_say(inner[:1]))):
        if inner[0]["t"] == "Image" or "Link" in json.dumps(inner[0]):
            return
        inner = inner[1:]
    if not inner:
        return
    first = inner[0]
    while first["t"] in ("Strong", "Emph") and len(first["c"]) == 1:
        first = first["c"][0]
    if first["t"] != "Link" or not _ABSOLUTE.match(first["c"][2][0]):
        return
    rest = inner[1:]
    comment = _say(rest).strip(" \n.,:;–—-|()")
    title = _tidy(_say(first["c"][1]))
    if len(_WORD.findall(comment)) < _MIN_COMMENT_WORDS or '"Link"' in json.dumps(rest):
        return
    if title and not _ABSOLUTE.match(title):
        cited.comments.append((_key(first["c"][2][0]), title, comment))


def _say(node: Any) -> str:
    if isinstance(node, list):
        return "".join(map(_say, node))
    match node.get("t"):
        case "Str":
            return str(node["c"])
        case "Space" | "SoftBreak" | "LineBreak":
            return " "
        case "Code":
            return str(node["c"][1])
        case "Quoted" | "Span" | "Link":
            return _say(node["c"][1])
        case "Emph" | "Strong" | "Strikeout" | "Superscript" | "Subscript" | "Underline":
            return _say(node["c"])
        case _:
            return ""


def _key(href: str) -> str:
    return urlkey(re.sub(r"\\([_&*~])", r"\1", href))


def _tidy(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


def score(cited: CitedLinks, read: Bibliography) -> CitedScore:
    """Compare what a file cites with what was read of it."""
    by_key = {
        _key(address): one
        for one in read.references
        for address in (one.url, one.archive_url, one.doi and f"https://doi.org/{one.doi}")
        if address
    }
    notes = {note.id: note.text for note in read.notes}
    said: dict[str, list[str]] = {}
    for citation in read.citations:
        said.setdefault(citation.reference_id, []).append(notes[citation.note_id])
    found = CitedScore(addresses=len(cited.addresses), comments=len(cited.comments))
    for key, href in cited.addresses.items():
        found.covered += key in by_key
        if key not in by_key:
            found.missed.append(href)
        elif (title := _tidy(by_key[key].title)) and title not in cited.texts[key]:
            found.lies += any(title in texts for texts in cited.texts.values())
    for key, title, comment in cited.comments:
        if key not in by_key:
            continue
        one = by_key[key]
        found.titled += _tidy(one.title) == title or _tidy(one.title) in cited.texts[key]
        words = set(_WORD.findall(comment.lower()))
        fields = [*(name.display for name in one.author), one.container_title, one.publisher]
        texts = (*said.get(one.id, ()), f"de par {' '.join(fields)}")  # who signs is a field
        heard = (set(_WORD.findall(text.lower())) for text in texts)
        found.kept += any(len(words & them) >= _KEPT * len(words) for them in heard)
    return found


def measure(path: Path) -> CitedScore:
    """Read one file in both ways."""
    text = decode_text(path.read_bytes()) or ""
    read = gather([parse_file(path.name, text)])
    return score(read_cited(run_pandoc(path)), read)


def main() -> None:
    """Print a line a folder, and the files that fall short with `--files`."""
    parser = argparse.ArgumentParser(
        description=__doc__, prog="python -m benchmarks.cited_addresses"
    )
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--files", action="store_true", help="also the files under 98 %%")
    arguments = parser.parse_args()
    print("| folder | files | addresses | covered | comments | kept | titles | of another link |")
    print("|---|---|---|---|---|---|---|---|")
    for folder in arguments.folders:
        whole = CitedScore()
        paths = [one for one in sorted(folder.rglob("*.md")) if one.is_file()]
        paths = [one for one in paths if one.read_bytes().count(b"://") >= _MIN_LINKS]
        for path in paths:
            one = measure(path)
            whole.add(one)
            if arguments.files and one.covered < 0.98 * one.addresses:
                print(f"  {path}: {one.covered} of {one.addresses}: {' '.join(one.missed[:4])}")
        print(
            f"| {folder.name} | {len(paths)} | {whole.addresses} "
            f"| {_share(whole.covered, whole.addresses)} | {whole.comments} "
            f"| {_share(whole.kept, whole.comments)} | {_share(whole.titled, whole.comments)} "
            f"| {whole.lies} |",
            flush=True,
        )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "none"


if __name__ == "__main__":
    main()
