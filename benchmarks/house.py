"""Measure how the code is to enter: `make metrics`, or `python -m benchmarks.house [REVISION]`.

Prints a Markdown table, a line a room (a folder of `indexer`, or a package), beside what the same
measures say of an older revision. Counts come from the source (`ast`), modules entered from one
search and one page over 200 small documents (`sys.setprofile`).
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGES: Final = ("indexer", "search_web")
MAX_COMPLEXITY: Final = 10
MAX_PARAMETERS: Final = 6
# A first line that means nothing to who opens the file alone (style.md of the house rules).
_ANAPHORA: Final = re.compile(r"(The same|What|Where|Those|How)\b")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(slots=True)
class Room:
    """The counts of one room."""

    modules: int = 0
    lines: int = 0
    functions: int = 0
    complex: int = 0  # functions of a cyclomatic complexity over MAX_COMPLEXITY
    wide: int = 0  # functions of more than MAX_PARAMETERS parameters
    same: int = 0  # docstrings that begin "The same"
    anaphora: int = 0  # docstrings that begin with The same, What, Where, Those or How
    classes: int = 0  # names of classes that another class has too
    twice: int = 0  # names of modules that another module has too
    search: int = 0  # modules that one search enters
    page: int = 0  # modules that one page enters


@dataclass(slots=True)
class House:
    """The counts of a checkout: by room, and over all of it."""

    rooms: dict[str, Room] = field(default_factory=lambda: defaultdict(Room))
    class_names_twice: list[str] = field(default_factory=list)
    module_names_twice: list[str] = field(default_factory=list)
    entered: dict[str, tuple[int, int]] = field(default_factory=dict)  # modules, moves


def find_room(path: Path) -> str:
    """Name the room of a module, given by its path from the root of the checkout."""
    if path.parts[0] == "indexer":
        return path.parts[1] if len(path.parts) > 2 else "indexer"
    return path.parts[0]


def measure(root: Path) -> House:
    """Count over the source of a checkout. Raises SyntaxError for what is no Python."""
    house = House()
    classes: list[tuple[str, Room]] = []
    modules: list[tuple[str, Room]] = []
    for path in sorted(path for package in PACKAGES for path in (root / package).rglob("*.py")):
        room = house.rooms[find_room(path.relative_to(root))]
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        room.modules += 1
        room.lines += source.count("\n")
        if not path.stem.startswith("__"):
            modules.append((path.stem, room))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                classes.append((node.name, room))
            if isinstance(node, Function):
                room.functions += 1
                room.complex += measure_complexity(node) > MAX_COMPLEXITY
                room.wide += count_parameters(node) > MAX_PARAMETERS
            if isinstance(node, Function | ast.ClassDef | ast.Module):
                line = ast.get_docstring(node) or ""
                room.same += line.startswith("The same")
                room.anaphora += bool(_ANAPHORA.match(line))
    # Names of two classes that begin with "_" never meet; others do, in whoever reads both.
    house.class_names_twice = find_twice(classes)
    house.module_names_twice = find_twice(modules)
    for name, room in classes:
        room.classes += name in house.class_names_twice
    for name, room in modules:
        room.twice += name in house.module_names_twice
    return house


def find_twice(names: Iterable[tuple[str, Room]]) -> list[str]:
    """Find the names that stand more than once."""
    counts = Counter(name for name, _ in names)
    return sorted(name for name, count in counts.items() if count > 1)


def count_parameters(function: Function) -> int:
    """Count the parameters of a function, `self` and `cls` aside."""
    arguments = function.args
    named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    return sum(each.arg not in {"self", "cls"} for each in named)


def measure_complexity(function: Function) -> int:
    """Count the ways through a function, of the functions inside it too: 1, and 1 a decision.

    After radon's cyclomatic complexity, which counts `and`, `or`, conditional expressions and
    comprehensions beside statements.
    """
    ways = 1
    for node in ast.walk(function):
        if isinstance(node, ast.BoolOp):
            ways += len(node.values) - 1
        elif isinstance(node, ast.comprehension):
            ways += 1 + len(node.ifs)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
            ways += 1 + bool(node.orelse)
        else:
            ways += isinstance(
                node, ast.If | ast.IfExp | ast.ExceptHandler | ast.Assert | ast.match_case
            )
    return ways


# Run in a process of its own, so that nothing is entered beforehand. A module counts when one of
# its functions is entered; a move is a call from one module of ours into another.
_ENTER: Final = """
import json, sys
from pathlib import Path
from tempfile import TemporaryDirectory
from indexer.engines import build_index, open_searcher
from indexer.model import CitingNote, Document, DocumentKind, Paragraph
from search_web import create_app

roots = tuple(str(Path(name).resolve()) + "/" for name in ("indexer", "search_web"))
entered, moves = set(), 0

def find_module(frame):
    path = frame.f_code.co_filename
    return path if path.startswith(roots) else None

def profile(frame, event, argument):
    global moves
    if event == "call" and (here := find_module(frame)):
        entered.add(here)
        before = frame.f_back
        while before and not (there := find_module(before)):
            before = before.f_back
        moves += bool(before and there != here)

words = "ville jardin eau forêt énergie climat marché commun".split()
documents = [
    Document(
        id=f"t{n}", kind=DocumentKind.TEXT, title=f"La {words[n % 8]} et le {words[n % 5]}",
        paragraphs=tuple(Paragraph(text=" ".join(words[: 2 + (n + m) % 7])) for m in range(9)),
        notes=(CitingNote(id=f"n{n % 40}", text=f"Une note sur la {words[n % 7]}"),),
    )
    for n in range(200)
]
with TemporaryDirectory() as folder:
    build_index(Path(folder), documents)
    searcher = open_searcher(Path(folder))
    client = create_app(searcher).test_client()
    said = {}
    for what, ask in (
        ("one search", lambda: searcher.search("ville jardin")),
        ("one page", lambda: client.get("/recherche?q=ville+jardin")),
    ):
        entered.clear()
        moves = 0
        sys.setprofile(profile)
        ask()
        sys.setprofile(None)
        said[what] = [sorted(entered), moves]
    searcher.close()
print(json.dumps(said))
"""


def count_entered(root: Path, house: House) -> None:
    """Count the modules that one search and one page enter, by room, and the moves between them."""
    done = subprocess.run([sys.executable, "-c", _ENTER], cwd=root, capture_output=True, check=True)
    for what, (paths, moves) in json.loads(done.stdout).items():
        house.entered[what] = len(paths), moves
        for path in paths:
            room = house.rooms[find_room(Path(path).relative_to(root.resolve()))]
            if what == "one search":
                room.search += 1
            else:
                room.page += 1


def render_table(now: House, before: House | None) -> Iterator[str]:
    """Write a line a room: now, and behind it in brackets what the older revision had."""
    columns = Room.__slots__
    yield (
        f"| room | modules | lines | functions | complexity over {MAX_COMPLEXITY} "
        f"| over {MAX_PARAMETERS} parameters "
        "| \u201cThe same\u201d | docstrings that lean on others | class names twice "
        "| module names twice | modules one search enters | one page |"
    )
    yield "|---|" + "---:|" * len(columns)
    names = sorted({*now.rooms, *(before.rooms if before else ())})
    rows = [(name, now.rooms[name], before.rooms[name] if before else None) for name in names]
    rows.append(("**all**", add_up(now), add_up(before) if before else None))
    for name, room, old in rows:
        cells = [
            f"{getattr(room, column)}" + (f" ({getattr(old, column)})" if old else "")
            for column in columns
        ]
        yield f"| {name} | " + " | ".join(cells) + " |"


def add_up(house: House) -> Room:
    """Add the counts of all rooms."""
    total = Room()
    for room in house.rooms.values():
        for column in Room.__slots__:
            setattr(total, column, getattr(total, column) + getattr(room, column))
    return total


def render_names(house: House) -> Iterator[str]:
    """Say which names have two meanings."""
    for what, names in (
        ("Class names given twice", house.class_names_twice),
        ("Module names given twice", house.module_names_twice),
    ):
        yield f"{what}: {len(names)}" + (f" ({', '.join(names)})." if names else ".")


def unpack(revision: str, folder: Path) -> None:
    """Write the source of a revision into a folder. Raises CalledProcessError."""
    archive = subprocess.run(
        ["git", "archive", revision, *PACKAGES],
        cwd=ROOT, capture_output=True, check=True,
    ).stdout  # fmt: skip
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")


def main() -> None:
    """Print the measures of the checkout, beside those of a revision."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("revision", nargs="?", help="an older revision of git to compare with")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        old = Path(folder)
        before = None
        if asked.revision:
            unpack(asked.revision, old)
            before = measure(old)
        now = measure(ROOT)
        count_entered(ROOT, now)
        if before is not None:
            count_entered(old, before)
        print("\n".join(render_table(now, before)))
        print()
        for house, when in ((now, "Now"), (before, f"At {asked.revision}")):
            if house is None:
                continue
            moves = "; ".join(
                f"{what} enters {modules} modules, with {count:,} moves between them"
                for what, (modules, count) in house.entered.items()
            )
            print(f"{when}: {moves}.", *render_names(house), sep=" ")
            print()


if __name__ == "__main__":
    main()
