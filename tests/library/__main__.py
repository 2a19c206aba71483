"""Write a library of ready articles: `python -m tests.library DIR [--texts 2000]`.

DIR is a corpus afterwards: `renvois --corpus DIR search atelier`, `python -m search_web --corpus
DIR`. What stands there under the same names is written anew.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from tests.library.corpus import write_corpus

OURS = ("bibliography", "index", "catalogue.sqlite", "catalogue.sqlite-wal", "catalogue.sqlite-shm")
MARK = "library.txt"  # says that the folder is ours to write anew


def main() -> int:
    """Write the corpus; give 1 where the folder holds another one."""
    parser = argparse.ArgumentParser(prog="python -m tests.library", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--texts", type=int, default=2000, help="default: %(default)s")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    if arguments.texts < 1:
        parser.error("--texts takes 1 or more")
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        print(f"Error: {folder}: holds something else; name an empty folder.", file=sys.stderr)
        return 1
    for name in OURS:
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).write_text("Made by python -m tests.library; made up.\n", encoding="utf-8")
    print(
        f"Writing a library of {arguments.texts} made-up texts into {folder} and indexing it: "
        "about half a minute for 2,000…",
        file=sys.stderr,
    )
    start = time.monotonic()
    library = write_corpus(folder, texts=arguments.texts)
    print(
        f"{len(library.bibliography.references)} references, {len(library.bibliography.notes)} "
        f"notes, {len(library.documents)} documents in {time.monotonic() - start:.0f} s.",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
