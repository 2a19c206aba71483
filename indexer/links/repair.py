"""Add to a bibliography's own file the archived address of its dead links, beside the original.

Pure: the bytes of a file in, the bytes repaired out, every other byte kept.
"""

import difflib
import html
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from indexer.links.editors import EDITORS, Edit, Fix, edit_plain, holds_address, replace_address
from indexer.links.replacement import DOI, REDIRECT

_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A file before and after, and the fixes that found their place in it."""

    path: str
    before: bytes
    after: bytes
    fixed: tuple[Fix, ...] = ()
    present: tuple[Fix, ...] = ()  # whose archived address stood in the file already

    @property
    def is_change(self) -> bool:
        """Whether there is anything to write."""
        return self.before != self.after


def repair_file(path: str, payload: bytes, fixes: Sequence[Fix]) -> Repair:
    """Repair one file; a fix whose address is in it already changes nothing (run it twice)."""
    encoding = find_encoding(payload)
    text = payload.decode(encoding)
    edit = EDITORS.get(PurePosixPath(path).suffix.lower(), edit_plain)
    plain = html.unescape(text)
    present = tuple(fix for fix in fixes if holds_address(plain, fix.replacement.address))
    edits: list[Edit] = []
    fixed: list[Fix] = []
    for fix in fixes:
        is_new = fix.replacement.kind in (REDIRECT, DOI)
        found = list((replace_address if is_new else edit)(text, fix))
        edits += found
        fixed += [fix] if found else []
    for each in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: each.start] + each.text + text[each.end :]
    after = text.encode(encoding) if fixed else payload
    return Repair(path=path, before=payload, after=after, fixed=tuple(fixed), present=present)


def decode_file(payload: bytes) -> str:
    """Give the text of a file, as it is repaired and as a patch numbers its lines."""
    return payload.decode(find_encoding(payload))


def render_patch(repair: Repair, *, hidden_lines: Collection[int] = ()) -> bytes:
    """Render the repair as a unified diff for `patch -p1` and `git apply` in the file's folder.

    In the file's own bytes, or it would not apply; but for UTF-16, which no patch can speak of:
    that is shown in UTF-8, to be read. None of `hidden_lines` (numbers, from 1) is shown beside a
    change: the patch has fewer lines around its changes then, down to none, which `git apply`
    takes with `--unidiff-zero`.
    """
    encoding = find_encoding(repair.before)
    before = _lines(repair.before.decode(encoding))
    after = _lines(repair.after.decode(encoding))
    context = next(
        n for n in (3, 2, 1, 0) if n == 0 or not _list_context(before, after, n) & {*hidden_lines}
    )
    lines = difflib.unified_diff(
        before, after, fromfile=f"a/{repair.path}", tofile=f"b/{repair.path}", n=context
    )
    patch = "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    head, mark, body = patch.partition("\n@@")  # a file's name is not in the file's encoding
    own = encoding if encoding in ("utf-8", "latin-1") else "utf-8"
    return (head + mark).encode() + body.encode(own)


def _list_context(before: Sequence[str], after: Sequence[str], context: int) -> set[int]:
    """List the numbers of the lines that a diff with so many lines of context shows unchanged."""
    groups = difflib.SequenceMatcher(None, before, after).get_grouped_opcodes(context)
    return {
        number
        for group in groups
        for tag, first, last, _, _ in group
        if tag == "equal"
        for number in range(first + 1, last + 1)
    }


def find_encoding(payload: bytes) -> str:
    """Find an encoding that gives every byte back: UTF-16 or UTF-8 where it is one, else Latin-1.

    Latin-1 stands for windows-1252 too: what we insert is ASCII, and any byte is one character.
    """
    for bom, name in _BOMS:
        if payload.startswith(bom):
            return name if _is_decodable(payload, name) else "latin-1"
    return "utf-8" if _is_decodable(payload, "utf-8") else "latin-1"


def _is_decodable(payload: bytes, encoding: str) -> bool:
    try:
        payload.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _lines(text: str) -> list[str]:
    """Split lines as `diff` does: only LF ends one, whatever Unicode says."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)
