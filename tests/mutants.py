"""Change the code in 100 places, one at a time, and see whether the tests notice: `make mutants`.

A mutant is one small change: a number, a comparison, `and` for `or`, a returned value, a statement
left out. Its tests are those that import the changed module, then the folder of its room, then a
few that run everything; where none of these notices, the made-up library and the slow tests of the
room, which CI runs too. Each run is forked from a process that has imported the libraries. The same
seed picks the same mutants, over the rooms by their size.

Ours, since mutmut 3 changes functions only, not the constants of a module, and cosmic-ray has no
sample by room; both run one command for every mutant, which is the whole suite here.
"""

import argparse
import ast
import importlib
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

import pytest

from tests import ROOT

PACKAGES: Final = ("indexer", "search_web")
COPIED: Final = ("indexer", "search_web", "tests", "testbed", "benchmarks", "docs", "corpus")
PEERS: Final = (".venv-pywb", ".venv-npm")  # programs that some tests compare us with
OURS: Final = frozenset({"indexer", "search_web", "tests", "testbed", "benchmarks"})
LIMIT_S: Final = 3600  # a mutant that never ends is noticed,
LIMIT_CPU_S: Final = 600  # in seconds of a core where it works without end
# Test files of many rooms: asked of no single module but at the end, when nothing else noticed.
WIDE: Final = ("tests/library", "tests/campaign", "tests/browser")
# What runs all rooms together.
TOGETHER: Final = ("tests/test_transcript.py", "tests/test_cli.py", "tests/test_end_to_end.py")
# The rooms that run all others: what runs everything is the likeliest to notice them.
RUNNING: Final = frozenset({"cli", "corpus", "pipeline", "report", "wiring"})
# What runs them on many texts, asked last, of the rooms that it runs.
LIBRARY: Final = ("tests/library/test_library.py", "tests/library/test_filters.py")
FAST: Final = "not campaign and not slow"
SLOW: Final = "slow and not campaign"
TESTS_BY_ROOM: Final = {
    "cli": ("tests/test_transcript.py", "tests/test_cli.py", "tests/test_terminal.py"),
    "corpus": ("tests/identities", "tests/pipeline", "tests/withdrawals/test_command.py"),
    "csv_tables": ("tests/links/test_report.py", "tests/search_web/test_concordance.py"),
    "disk": ("tests/archive/test_catalogue.py", "tests/links/test_history.py"),
    "heads": ("tests/crawl/test_reading.py", "tests/archive/test_redaction.py"),
    "index": ("tests/index", "tests/engines"),
    "model": ("tests/identities", "tests/pipeline", "tests/links", "tests/bibliography"),
    "pipeline": (
        "tests/pipeline",
        "tests/links",
        "tests/archive",
        "tests/withdrawals",
        "tests/crawl/test_mementos.py",
    ),
    "withdrawals": ("tests/withdrawals",),
}
# Of modules that carry out what other rooms decide: the command and the pipeline.
TESTS_BY_SUBJECT: Final = {
    "link": ("tests/links/test_command.py", "tests/links/test_repair.py"),
    "observe": ("tests/links",),
    "observations": ("tests/links",),
    "history": ("tests/links",),
    "withdraw": ("tests/withdrawals",),
}
MOST_NEAR: Final = 12  # importers of a module: those of `indexer.model` are half of the tests
# Imported once, before a process is forked for each mutant: to start Python, pytest and these
# libraries takes three seconds of a core. Nothing of ours may stand among them.
WARM: Final = (
    "babel.dates", "babel.messages.pofile", "bibtexparser", "bs4", "charset_normalizer", "click",
    "flask", "hypothesis", "lxml.html", "numpy", "protego", "py3langid", "pypdfium2", "pytest",
    "readability", "requests", "rispy", "simplemma", "tldextract", "trafilatura", "urllib3",
    "waitress", "warcio", "whoosh.index", "whoosh.query", "yaml",
)  # fmt: skip
# Plugins that no test of ours needs to run one by one are not loaded.
PYTEST: Final = (
    "-q", "-x", "-rfE", "--tb=line", "-p", "no:cacheprovider", "-p", "pytest_timeout",
    "-W", "ignore::pytest.PytestAssertRewriteWarning", "-p", "xdist.plugin",
    "-p", "_hypothesis_pytestplugin", "-n", "0",
)  # fmt: skip
FAILED: Final = re.compile(r"^(?:FAILED|ERROR) (tests/\S+?\.py(?:::.*?)?)(?: - .*)?$", re.MULTILINE)
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

    Left out are annotations, decorators (`slots=True` changes no result), `usedforsecurity` (which
    changes none but where FIPS is enforced) and f-strings, whose parts have no places of their own
    before Python 3.12.
    """
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "decorator_list", "returns", "type_params"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_left_out(child):
                yield child
                yield from _walk(child)


def _is_left_out(node: ast.AST) -> bool:
    is_flag = isinstance(node, ast.keyword) and node.arg == "usedforsecurity"
    return is_flag or isinstance(node, ast.JoinedStr)


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
        case ast.Return(value=ast.Constant(value="")):  # None would be as empty to most callers
            return 'return "changed"'
        case ast.Return(value=ast.Constant(value=False)):  # its value is turned by itself
            return None
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


@dataclass(frozen=True, slots=True)
class Stage:
    """Test files that are run at once, and which of their tests by their marks."""

    files: list[str]
    marks: str = FAST


def list_stages(mutant: Mutant, *, quick: bool = False) -> list[Stage]:
    """List the tests that a mutant has to pass, the likeliest to notice it first.

    First the test files that import its module, then those of its room, then a few that run
    everything, then many texts. No file stands in two of these stages. At last the slow tests of
    the module and the room. `quick` leaves out many texts and slow tests, which take most of the
    time of a mutant that survives, and runs everything for the rooms of RUNNING only.
    """
    named = f"{mutant.module} import", f"{mutant.module}\n"
    files = [
        str(path.relative_to(ROOT))
        for path in sorted(
            (ROOT / "tests").rglob("test_*.py"), key=lambda path: path.stat().st_size
        )
    ]
    files = [file for file in files if not file.startswith(WIDE)]
    near = [
        file
        for file in files
        if any(name in (ROOT / file).read_text(encoding="utf-8") for name in named)
    ]
    own = f"tests/{mutant.room}", f"tests/test_{mutant.room}.py"
    near = sorted(near, key=lambda file: not file.startswith(own))[:MOST_NEAR]
    subject = Path(mutant.path).stem.partition("_")[0]
    rooms = (
        *TESTS_BY_ROOM.get(mutant.room, own),
        f"tests/{subject}",
        *TESTS_BY_SUBJECT.get(subject, ()),
    )
    room = [file for file in files if file.startswith(rooms)]
    stages: list[Stage] = []
    told: set[str] = set()
    groups: list[Sequence[str]] = [near, room]
    if not quick or mutant.room in RUNNING:
        groups.append(TOGETHER)
    if not quick:
        groups.append(LIBRARY)
    for group in groups:
        stages.append(Stage([file for file in group if file not in told]))
        told.update(group)
    if not quick:
        stages.append(Stage(list(dict.fromkeys((*near, *room))), SLOW))
    return [stage for stage in stages if stage.files]


class Forked:
    """A tree of the code, and pytest run on it in processes forked from this one."""

    def __init__(self, folder: Path) -> None:
        """Copy the tree to that folder; compiled modules are kept there from run to run."""
        self.root = copy_tree(folder)

    @contextmanager
    def changed(self, mutant: Mutant) -> Iterator[None]:
        """Have the tree with that change."""
        file = self.root / mutant.path
        source = file.read_bytes()
        self._write(file, mutant.apply(source.decode()).encode())
        try:
            yield
        finally:
            self._write(file, source)

    def _write(self, file: Path, source: bytes) -> None:
        file.write_bytes(source)
        # A change of one letter within a second would pass for what was compiled before.
        for compiled in (file.parent / "__pycache__").glob(f"{file.stem}.*.pyc"):
            compiled.unlink()

    def run(self, tests: Sequence[str], marks: str = FAST) -> list[str] | None:
        """Run the tests of these marks up to the first that fails.

        Give those that failed, None for no end.

        What fails without a name (a module that can't be imported by conftest) is `tests`.
        """
        with tempfile.TemporaryDirectory() as base:
            out = Path(base) / "out"
            pid = os.fork()
            if pid == 0:
                self._become([*tests, "-m", marks], Path(base) / "t", out)
            status = _wait(pid)
            with suppress(ProcessLookupError):  # whatever the tests started and left
                os.killpg(pid, signal.SIGKILL)
            if os.WIFSIGNALED(status):
                return None
            code = os.waitstatus_to_exitcode(status)
            if code in (0, 5):  # all passed; all were deselected
                return []
            failed = FAILED.findall(out.read_text(encoding="utf-8", errors="replace"))
            return failed or list(tests)

    def _become(self, arguments: Sequence[str], base: Path, out: Path) -> NoReturn:
        """Turn this forked process into pytest on the tree."""
        code = 1
        try:
            os.setsid()
            fd = os.open(out, os.O_WRONLY | os.O_CREAT, 0o600)
            os.dup2(fd, 1)
            os.dup2(fd, 2)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            resource.setrlimit(resource.RLIMIT_CPU, (LIMIT_CPU_S, LIMIT_CPU_S))
            os.chdir(self.root)
            os.environ.update(PYTHONPATH=str(self.root), PYTEST_DISABLE_PLUGIN_AUTOLOAD="1")
            sys.path[:] = [
                str(self.root),
                *(path for path in sys.path if path not in ("", str(ROOT))),
            ]
            for name in [name for name in sys.modules if name.partition(".")[0] in OURS]:
                del sys.modules[name]
            importlib.invalidate_caches()
            code = int(pytest.main([*PYTEST, f"--basetemp={base}", *arguments]))
        except BaseException:
            traceback.print_exc()
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def _wait(pid: int) -> int:
    """Wait for a process, kill it after LIMIT_S; give its status."""
    watch = threading.Timer(LIMIT_S, os.kill, (pid, signal.SIGKILL))
    watch.start()
    try:
        return os.waitpid(pid, 0)[1]
    finally:
        watch.cancel()
        watch.join()


def copy_tree(folder: Path) -> Path:
    """Copy what the tests need: the code, the tests and the settings of pytest."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    for name in PEERS:
        if (ROOT / name).is_dir():
            (folder / name).symlink_to((ROOT / name).resolve())
    return folder


def judge(mutant: Mutant, changed: Forked, plain: Forked, *, quick: bool = False) -> str:
    """Give the test that notices a mutant, "" where none does.

    A test counts when it passes without the change. One that fails anyway is left out, and said.
    """
    for stage in list_stages(mutant, quick=quick):
        left_out: list[str] = []  # a test by itself; a file that can't be imported
        while True:
            tests = [each for each in stage.files if each not in left_out]
            tests += [f"--deselect={each}" for each in left_out if "::" in each]
            if not set(stage.files) & set(tests):
                break
            with changed.changed(mutant):
                failed = changed.run(tests, stage.marks)
            if failed is None:
                return "no end"
            if not failed:
                break
            if not plain.run(failed, stage.marks):
                return failed[0]
            print(f"fails without a mutant too: {failed[0]}", file=sys.stderr, flush=True)
            left_out += failed
    return ""


def main() -> int:
    """Run the mutants and print those that survive. 1 when fewer than nine in ten are caught."""
    asked = argparse.ArgumentParser(description=main.__doc__)
    asked.add_argument("--count", type=int, default=100)
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--room", help="only the mutants of this room")
    asked.add_argument("--only", help="only the mutants of which this is a part, as printed")
    asked.add_argument("--part", default="1/1", help="2/3: the second third of the draw")
    asked.add_argument("--quick", action="store_true", help="without slow tests and many texts")
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
    chosen = [each for each in chosen if given.only is None or given.only in str(each)]
    part, _, parts = given.part.partition("/")
    chosen = chosen[int(part) - 1 :: int(parts)]
    for name in WARM:
        importlib.import_module(name)
    judged: list[tuple[Mutant, str]] = []
    with tempfile.TemporaryDirectory() as name:
        changed, plain = Forked(Path(name) / "changed"), Forked(Path(name) / "plain")
        for mutant in chosen:
            judged.append((mutant, judge(mutant, changed, plain, quick=given.quick)))
            noticed = judged[-1][1]
            print(f"{f'caught by {noticed}:' if noticed else 'SURVIVED'} {mutant}", flush=True)
            if given.output:  # after each: an hour of work is not lost with the last one
                given.output.parent.mkdir(parents=True, exist_ok=True)
                text = render(judged, asked=len(chosen), seed=given.seed)
                given.output.write_text(text, encoding="utf-8")
    caught = sum(bool(noticed) for _, noticed in judged)
    print(f"{caught} of {len(chosen)} mutants caught (seed {given.seed}).")
    return 0 if caught * 10 >= len(chosen) * 9 else 1


def render(judged: Sequence[tuple[Mutant, str]], *, asked: int, seed: int) -> str:
    """Write the mutants as a page: how many were caught in each room, and which survived."""
    rooms = sorted({mutant.room for mutant, _ in judged})
    rows = []
    for room in rooms:
        found = [bool(noticed) for mutant, noticed in judged if mutant.room == room]
        rows.append(f"| {room} | {len(found)} | {sum(found)} |")
    survivors = [f"- `{mutant.path}:{mutant.line}`: {mutant.before!r} -> {mutant.after!r}"
                 for mutant, noticed in judged if not noticed]  # fmt: skip
    caught = sum(bool(noticed) for _, noticed in judged)
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
