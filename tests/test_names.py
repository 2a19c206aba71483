"""The code can be entered anywhere: a class name has one meaning, a docstring stands alone."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent


@cache
def read_trees() -> dict[Path, ast.Module]:
    """What each module of the program parses to, by its path."""
    return {
        path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
        for room in ("indexer", "search_web")
        for path in sorted((ROOT / room).rglob("*.py"))
    }


def test_no_class_name_has_two_meanings():
    homes = defaultdict(list)
    for path, tree in read_trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                homes[node.name].append(str(path))

    assert {name: paths for name, paths in homes.items() if len(paths) > 1} == {}


def test_no_docstring_begins_with_what_another_one_says():
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    leaning = [
        f"{path}: {docstring.splitlines()[0]}"
        for path, tree in read_trees().items()
        for node in ast.walk(tree)
        if isinstance(node, documented)
        and (docstring := ast.get_docstring(node) or "").startswith("The same")
    ]

    assert leaning == []
