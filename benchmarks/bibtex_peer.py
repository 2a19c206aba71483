"""Read the BibTeX files of a folder as pandoc does, and count where the two say the same.

    python -m benchmarks.bibtex_peer FOLDER [--pandoc PATH] [--differences]

The files are other projects' (JabRef, Better BibTeX) and are not kept here. An entry counts where
pandoc reads its file and both have its key once. pandoc keeps no notes on their own; those are
looked for in its fields `note`, `annote`, word by word, whatever the markup.
"""

import argparse
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from indexer.bibliography.formats.bibtex import parse_bibtex
from indexer.bibliography.formats.csl import parse_csl_json
from indexer.bibliography.readers import decode_text
from indexer.model import Reference

ENDINGS: Final = (".bib", ".bibtex", ".biblatex")
_KEY: Final = re.compile(r"@\w+\s*[{(]\s*([^,\s]+)\s*,")
# Files, by the beginning of their names, that pandoc reads wrong, as looked at by hand.
PEER_ERRORS: Final[Mapping[str, tuple[str, ...]]] = {
    "authors": (
        "Import error with character '+'",  # drops all of an entry's people
        "MsBibKeyTest",
        "testjabref_210as292",  # two author fields: keeps none
        "Citation key from abbreviation",
        "Export of creator-type fields",  # drops editors whose `editortype` says more
        "Exporting item type film",
        "Film references do not export",
        "Read-only group",
        "Extensions to citation format",  # "|" between people, by a setting of that file's program
        "BibTeX import; preamble with def",  # "\\r u" loses its letter
    ),
    "crossref": ("Better BibLaTeX.003",),  # loses the title of the proceedings
    "dates": (
        "BBT yields error with quality report",  # loses months in words, years in braces
        "Better BibTeX export from Zotero missing Extra",
        "Bulk performance test",
        "Export fails with Translation",
        "Ignoring upper cases in German",
        "Copy date-added",
        "Maintain the JabRef group",
        "Options to use default import",
    ),
    "notes": (
        "Better BibTeX does not export collections",  # joins the words of two paragraphs
        "Better BibTeX export from Zotero missing",
        "Make DOMParser available",
        "References with multiple notes",
        "Setting the item type via the cheater",
        "Title case of latex greek",
        "Unexpected HTML tags abort",
        "Unicode oslash in author name",
        "When exporting notes, also handle",
        "arXiv identifiers in BibLaTeX",
        "raw bibtex fields with colon",
    ),
}
KINDS: Final = ("authors", "suffix", "notes", "dates", "titles", "crossref")


def main() -> int:
    """Print what was counted, a line a kind; exit with 1 where pandoc is not there."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pandoc", default="pandoc")
    parser.add_argument("--differences", action="store_true")
    given = parser.parse_args()
    counts: Counter[tuple[str, bool]] = Counter()
    files = sorted(one for one in given.folder.rglob("*") if one.suffix in ENDINGS)
    read = 0
    for path in files:
        theirs = ask_pandoc(path, given.pandoc)
        text = decode_text(path.read_bytes())
        if theirs is None or text is None:
            continue
        read += 1
        for kind, is_same, said in compare(text, theirs):
            if any(path.name.startswith(name) for name in PEER_ERRORS.get(kind, ())):
                continue
            counts[kind, is_same] += 1
            if given.differences and not is_same:
                print(f"{kind}\t{path.name}\t{said!r}")
    print(f"{read} of {len(files)} files that pandoc reads")
    for kind in KINDS:
        same, other = counts[kind, True], counts[kind, False]
        print(f"{kind:9} {same} of {same + other}  {same / max(1, same + other):.2%}")
    return 0


def ask_pandoc(path: Path, pandoc: str) -> list[dict[str, Any]] | None:
    """Give pandoc's CSL items of a file; None where it can't read it."""
    kind = "bibtex" if path.suffix == ".bibtex" else "biblatex"
    asked = subprocess.run(
        [pandoc, "-f", kind, "-t", "csljson", str(path)], capture_output=True, check=False
    )
    return json.loads(asked.stdout) if asked.returncode == 0 else None


def compare(text: str, theirs: list[dict[str, Any]]) -> Iterator[tuple[str, bool, str]]:
    """Compare our reading of a file with pandoc's items, field by field."""
    found = parse_bibtex(text, path="a")
    ours: dict[str, list[tuple[Reference, str]]] = {}
    for index, reference in enumerate(found.references):
        key = _KEY.match(reference.raw.strip())
        notes = " ".join(found.notes[note].text for note, one in found.citations if one == index)
        ours.setdefault(key[1].lower() if key else "", []).append((reference, notes))
    for item in theirs:
        same = ours.get(str(item["id"]).lower(), [])
        if len(same) == 1:
            yield from _compare(*same[0], item)


def _compare(
    reference: Reference, notes: str, item: Mapping[str, Any]
) -> Iterator[tuple[str, bool, str]]:
    said = parse_csl_json(json.dumps([item]), path="b")
    peer = said.references[0] if said.references else Reference(id="", title="")
    for role in ("author", "editor", "translator"):
        mine, other = _join(getattr(reference, role)), _join(getattr(peer, role))
        if other or mine:
            yield "authors", mine == other, f"{role} {mine} | {other}"
    for one, other in zip(reference.author, peer.author, strict=False):
        if other.suffix or one.suffix:
            yield "suffix", _fold(one.suffix) == _fold(other.suffix), f"{one} | {other}"
    if item.get("note") or item.get("annote"):
        words = _words(f"{item.get('note', '')} {item.get('annote', '')}")
        left = words - _words(f"{notes} {reference.url} {reference.doi}")
        yield "notes", not left, f"{sorted(left)[:8]} | {item.get('note')} {item.get('annote')}"
    if item.get("issued") or reference.issued:
        yield "dates", reference.issued == peer.issued, f"{reference.issued} | {item.get('issued')}"
    if item.get("title"):
        mine, other = _fold(reference.title), _fold(peer.title)
        yield "titles", mine == other, f"{reference.title} | {peer.title}"
    if re.search(r"(?i)\b(?:crossref|xdata)\s*=", reference.raw):
        mine = _fold(f"{reference.container_title} {reference.publisher}")
        other = _fold(f"{peer.container_title} {peer.publisher}")
        yield "crossref", mine == other, f"{mine} | {other}"


def _join(names: Any) -> str:
    return " ".join(_fold(name.display) for name in names)


def _fold(text: str) -> str:
    # pandoc has no accent on a dotless i: "M\\'{\\i}a" is "Mía".
    bare = unicodedata.normalize("NFKD", text.replace("ı", "i"))
    return re.sub(r"[\W_]+", "", bare).casefold()


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w{2,}", re.sub(r"<[^>]+>", " ", text).casefold()))


if __name__ == "__main__":
    sys.exit(main())
