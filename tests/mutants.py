"""Change the code in 100 places, one at a time, and see whether the tests notice: `make mutants`.

A mutant is one small change: a number, a comparison, `and` for `or`, a returned value, a statement
left out. Its tests are those that import the changed module, then the folder of its room, then a
few that run everything. The same seed picks the same mutants, over the rooms by their size.

Ours, since mutmut 3 changes functions only, not the constants of a module, and cosmic-ray has no
sample by room; both run one command for every mutant, which is the whole suite here.
"""

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests import ROOT

PACKAGES: Final = ("indexer", "search_web")
COPIED: Final = ("indexer", "search_web", "tests", "testbed", "benchmarks", "docs", "corpus")
MOST_NEAR: Final = 6  # importers of a module that has no tests of its own room
LIMIT_S: Final = 900  # a mutant that never ends is noticed
# What runs all rooms together, asked last.
TOGETHER: Final = ("tests/test_cli.py", "tests/test_end_to_end.py")
TESTS_BY_ROOM: Final = {
    "cli": ("tests/test_cli.py", "tests/test_terminal.py", "tests/links/test_command.py"),
    "index": ("tests/index", "tests/engines"),
    "model": ("tests/pipeline", "tests/links", "tests/bibliography"),
    "withdrawals": ("tests/withdrawals",),
    "wiring": ("tests/test_cli.py", "tests/withdrawals"),
}
COMPARISONS: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One change: what stands at a place of a file (line and columns, in UTF-8 bytes)."""

    path: str
    line: int
    start: int
    end: int
    before: str
    after: str

    @property
    def room(self) -> str:
        """Name the folder below the package, or the module: the pages are one room."""
        parts = Path(self.path).with_suffix("").parts
        return "search_web" if parts[0] == "search_web" else parts[1]

    @property
    def module(self) -> str:
        """Name the module as it is imported."""
        return ".".join(Path(self.path).with_suffix("").parts).removesuffix(".__init__")

    def apply(self, source: str) -> str:
        """Give the source with that change."""
        lines = source.split("\n")
        octets = lines[self.line - 1].encode()
        changed = octets[: self.start] + self.after.encode() + octets[self.end :]
        lines[self.line - 1] = changed.decode()
        return "\n".join(lines)

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: `{self.before}` -> `{self.after}`"


def list_mutants(path: str, source: str) -> Iterator[Mutant]:
    """List the changes that can be made to a file, those that stand on one line."""
    lines = source.split("\n")
    for node in _walk(ast.parse(source)):
        after = _change(node)
        if after is None or node.lineno != node.end_lineno:  # type: ignore[attr-defined]
            continue
        line, start, end = node.lineno, node.col_offset, node.end_col_offset  # type: ignore[attr-defined]
        before = lines[line - 1].encode()[start:end].decode()
        if before != after:
            yield Mutant(path=path, line=line, start=start, end=end, before=before, after=after)


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Walk over what runs.

    Left out are annotations, decorators (`slots=True` changes no result) and f-strings, whose parts
    have no places of their own before Python 3.12.
    """
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "decorator_list", "returns", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield child
                yield from _walk(child)


def _change(node: ast.AST) -> str | None:
    """Write what a node becomes, or give None where it stays."""
    match node:
        case ast.Constant(value=bool() as value):
            return str(not value)
        case ast.Constant(value=int() | float() as value):
            return repr(value + 1)
        case ast.Compare(left=left, ops=[operator], comparators=[right]):
            changed = ast.Compare(left, [COMPARISONS[type(operator)]()], [right])
            return f"({ast.unparse(changed)})"
        case ast.BoolOp(op=operator, values=values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            return f"({ast.unparse(ast.BoolOp(other, values))})"
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"bool({ast.unparse(operand)})"
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return "return None"
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Raise():
            return "pass"
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return "pass"
    return None


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def choose(mutants: list[Mutant], count: int, seed: int) -> list[Mutant]:
    """Choose `count` mutants: for each room by its size, one at least."""
    chance = random.Random(seed)
    by_room: dict[str, list[Mutant]] = {}
    for each in mutants:
        by_room.setdefault(each.room, []).append(each)
    chosen: list[Mutant] = []
    for room in sorted(by_room):
        share = max(1, round(count * len(by_room[room]) / len(mutants)))
        chosen += chance.sample(by_room[room], min(share, len(by_room[room])))
    chance.shuffle(chosen)
    return chosen[:count]


def list_stages(mutant: Mutant) -> list[list[str]]:
    """List the tests that a mutant has to pass, the likeliest to notice it first."""
    named = f"{mutant.module} import", f"{mutant.module}\n"
    near = [
        str(path.relative_to(ROOT))
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if any(name in path.read_text(encoding="utf-8") for name in named)
    ]
    folder = f"tests/{mutant.room}"
    near = [path for path in near if path.startswith(f"{folder}/")] or near[:MOST_NEAR]
    room = TESTS_BY_ROOM.get(mutant.room, (folder,) if (ROOT / folder).is_dir() else ())
    module = f"tests/test_{mutant.room}.py"
    alone = (module,) if (ROOT / module).is_file() else ()
    return [stage for stage in (list(alone), near, list(room), list(TOGETHER)) if stage]


def run_tests(tree: Path, tests: list[str]) -> bool:
    """Say whether tests pass in a copy of the tree; those that never end do not."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests]
    environ = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryDirectory() as base:
        try:
            done = subprocess.run(
                [*command, f"--basetemp={base}/t"],
                cwd=tree, env=environ, capture_output=True, timeout=LIMIT_S, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def copy_tree(folder: Path) -> Path:
    """Copy what the tests need: the code, the tests and the settings of pytest."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    return folder


def is_caught(mutant: Mutant) -> bool:
    """Say whether the tests notice a mutant, in a copy of the tree of its own."""
    with tempfile.TemporaryDirectory() as name:
        tree = copy_tree(Path(name) / "renvois")
        file = tree / mutant.path
        file.write_text(mutant.apply(file.read_text(encoding="utf-8")), encoding="utf-8")
        return not all(run_tests(tree, stage) for stage in list_stages(mutant))


def main() -> int:
    """Run the mutants and print those that survive. 1 when fewer than nine in ten are caught."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--count", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    asked.add_argument("--room", help="only the mutants of this room")
    asked.add_argument("--output", type=Path, help="write a page of the results as they come")
    given = asked.parse_args()
    paths = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    mutants = [
        each
        for path in paths
        for each in list_mutants(str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        if given.room in (None, each.room)
    ]
    chosen = choose(mutants, given.count, given.seed)
    stages = {tuple(stage) for each in chosen for stage in list_stages(each)}
    with tempfile.TemporaryDirectory() as name:  # tests that fail anyway would catch everything
        tree = copy_tree(Path(name) / "renvois")
        for stage in sorted(stages):
            if not run_tests(tree, list(stage)):
                print(
                    f"These fail without a mutant, or take more than {LIMIT_S} s; "
                    f"mend them first: {' '.join(stage)}"
                )
                return 2
    judged: list[tuple[Mutant, bool]] = []
    with ThreadPoolExecutor(given.processes) as pool:
        for mutant, is_noticed in zip(chosen, pool.map(is_caught, chosen), strict=True):
            judged.append((mutant, is_noticed))
            print(f"{'caught' if is_noticed else 'SURVIVED'} {mutant}", flush=True)
            if given.output:  # after each: hours of work are not lost with the last one
                text = render(judged, asked=len(chosen), seed=given.seed)
                given.output.write_text(text, encoding="utf-8")
    caught = sum(is_noticed for _, is_noticed in judged)
    print(f"{caught} of {len(chosen)} mutants caught (seed {given.seed}).")
    return 0 if caught * 10 >= len(chosen) * 9 else 1


def render(judged: Sequence[tuple[Mutant, bool]], *, asked: int, seed: int) -> str:
    """Write the mutants as a page: how many were caught in each room, and which survived."""
    rooms = sorted({mutant.room for mutant, _ in judged})
    rows = []
    for room in rooms:
        found = [is_noticed for mutant, is_noticed in judged if mutant.room == room]
        rows.append(f"| {room} | {len(found)} | {sum(found)} |")
    survivors = [f"- `{mutant.path}:{mutant.line}`: {mutant.before!r} -> {mutant.after!r}"
                 for mutant, is_noticed in judged if not is_noticed]  # fmt: skip
    caught = sum(is_noticed for _, is_noticed in judged)
    return "\n".join(
        [
            "# Mutants",
            "",
            f"`make mutants`, seed {seed}: {caught} of {len(judged)} caught, {asked} asked for.",
            "",
            "| room | mutants | caught |",
            "|---|--:|--:|",
            *rows,
            *(["", "Survivors:", "", *survivors] if survivors else []),
            "",
        ]
    )


if __name__ == "__main__":
    raise SystemExit(main())
