"""Write the files of the library as people and programs write them, a function a format."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import yaml

from tests.library.texts import MONTHS, File, Item, Person, Shelf, Text

_EN_MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_CSL_TYPES: Final = {
    "article": "article-newspaper", "book": "book", "chapter": "chapter", "report": "report"
}  # fmt: skip
_BIBTEX_TYPES: Final = {
    "article": "article", "book": "book", "chapter": "incollection", "report": "report"
}  # fmt: skip
_RIS_TYPES: Final = {"article": "NEWS", "book": "BOOK", "chapter": "CHAP", "report": "RPRT"}


def write_files(shelf: Shelf, folder: Path) -> None:
    """Write every file of the bibliography into `folder`, which is made where it is not."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in shelf.files:
        (folder / file.name).write_text(_RENDERERS[file.extension](file), encoding="utf-8")


def _say_date(text: Text) -> str:
    parts = [int(part) for part in text.issued.split("-")]
    if len(parts) < 3:
        return text.issued
    year, month, day = parts
    if text.language == "en":
        return f"{_EN_MONTHS[month - 1]} {day}, {year}"
    return f"{'1er' if day == 1 else day} {MONTHS[month - 1]} {year}"


def _say(names: Sequence[Person]) -> str:
    return ", ".join(name.display for name in names)


def render_line(text: Text, *, emphasis: str = "", title: str = "", with_url: bool = True) -> str:
    """One line of an annotated bibliography; `emphasis` stands around the titles of books."""
    shown = title or text.title
    fields = [_say(text.author)]
    if text.kind == "article":
        fields += [f"« {shown} »", text.container]
    elif text.kind == "chapter":
        fields += [
            f"« {shown} »",
            f"in {_say(text.editor)} (dir.)",
            f"{emphasis}{text.container}{emphasis}",
        ]
    else:
        fields.append(f"{emphasis}{shown}{emphasis}")
    if text.translator:
        fields.append(f"traduit de l’anglais par {_say(text.translator)}")
    fields += [text.place, text.publisher, _say_date(text)]
    fields.append(f"doi:{text.doi}" if text.doi else "")
    fields.append(text.url if with_url else "")
    return ", ".join(each for each in fields if each)


def _list_parts(item: Item) -> Iterator[tuple[str, Text | None]]:
    """The note over a list of several texts, or under one text; keywords last."""
    is_list = len(item.texts) > 1
    if is_list:
        yield item.note, None
    for text in item.texts:
        yield "", text
    if not is_list and item.note:
        yield item.note, None
    if not is_list and item.texts[0].keyword:
        yield f"Mots-clés : {', '.join(item.texts[0].keyword)}", None


def _render_txt(file: File) -> str:
    blocks = [file.title]
    above: tuple[str, ...] = ()
    for chapter in file.chapters:
        if chapter.section[:2] != above:
            above = chapter.section[:2]
            blocks.append(above[1])
        blocks.append(f"  1. {chapter.section[2]}")
        if chapter.introduction:
            blocks += [chapter.introduction, "\u00a0"]
        for item in chapter.items:
            for words, text in _list_parts(item):
                blocks.append(f"  • {render_line(text)}" if text else words)
            blocks.append("\u00a0")
    return "\n\n".join(blocks) + "\n"


def _render_md(file: File) -> str:
    blocks = [f"# {file.title}"]
    above: tuple[str, ...] = ()
    for chapter in file.chapters:
        if chapter.section[:2] != above:
            above = chapter.section[:2]
            blocks.append(f"## {above[1]}")
        blocks.append(f"### {chapter.section[2]}")
        if chapter.introduction:
            blocks += [chapter.introduction, "---"]
        for item in chapter.items:
            for words, text in _list_parts(item):
                blocks.append(f"- {_link_md(text)}" if text else words)
            blocks.append("---")
    return "\n\n".join(blocks) + "\n"


def _link_md(text: Text) -> str:
    linked = f"[{text.title}]({text.url})" if text.url else ""
    return render_line(text, emphasis="*", title=linked, with_url=False)


def _render_html(file: File) -> str:
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="fr"><head><meta charset="utf-8"><title>{escape(file.title)}</title></head>',
        f"<body><h1>{escape(file.title)}</h1>",
    ]
    above: tuple[str, ...] = ()
    for chapter in file.chapters:
        if chapter.section[:2] != above:
            above = chapter.section[:2]
            lines.append(f"<h2>{escape(above[1])}</h2>")
        lines.append(f"<h3>{escape(chapter.section[2])}</h3>")
        if chapter.introduction:
            lines.append(f"<p>{escape(chapter.introduction)}</p><hr>")
        for item in chapter.items:
            lines += _render_html_item(item)
    return "\n".join([*lines, "</body></html>", ""])


def _render_html_item(item: Item) -> Iterator[str]:
    if len(item.texts) > 1:
        yield f"<p>{escape(item.note)}</p>"
    yield "<ul>"
    for text in item.texts:
        yield f"<li>{_link_html(text)}"
        if len(item.texts) == 1:
            yield from (f"<p>{escape(part)}</p>" for part in item.note.split("\n\n") if part)
            if text.keyword:
                yield f"<p>Mots-clés : {escape(', '.join(text.keyword))}</p>"
        yield "</li>"
    yield "</ul><hr>"


def _link_html(text: Text) -> str:
    if not text.url:
        return escape(render_line(text))
    mark = "\0"
    line = escape(render_line(text, title=mark, with_url=False))
    return line.replace(mark, f'<a href="{escape(text.url)}">{escape(text.title)}</a>')


def _list_entries(file: File) -> Iterator[tuple[Text, str]]:
    """Each text once, with its note: these formats keep a note beside its entry."""
    for chapter in file.chapters:
        for item in chapter.items:
            for text in item.texts:
                yield text, item.note if len(item.texts) == 1 else ""


def _key(text: Text) -> str:
    return f"renvois{text.number:04}"


def _render_bib(file: File) -> str:
    entries = []
    for text, note in _list_entries(file):
        fields = {
            "author": " and ".join(f"{one.family}, {one.given}" for one in text.author),
            "editor": " and ".join(f"{one.family}, {one.given}" for one in text.editor),
            "translator": " and ".join(f"{one.family}, {one.given}" for one in text.translator),
            "title": text.title,
            "booktitle" if text.kind == "chapter" else "journaltitle": text.container,
            "publisher" if text.kind != "report" else "institution": text.publisher,
            "location": text.place,
            "date": text.issued,
            "url": text.url,
            "doi": text.doi,
            "langid": "english" if text.language == "en" else "french",
            "keywords": ", ".join(text.keyword),
            "annotation": note,
        }
        lines = [
            f"  {name} = {{{value.replace('&', chr(92) + '&')}}},"
            for name, value in fields.items()
            if value
        ]
        entries.append("\n".join([f"@{_BIBTEX_TYPES[text.kind]}{{{_key(text)},", *lines, "}"]))
    return "\n\n".join(entries) + "\n"


def _render_ris(file: File) -> str:
    lines: list[str] = []
    for text, note in _list_entries(file):
        lines.append(f"TY  - {_RIS_TYPES[text.kind]}")
        lines += [f"AU  - {one.family}, {one.given}" for one in text.author]
        lines += [f"A2  - {one.family}, {one.given}" for one in text.editor]
        lines += [f"A4  - {one.family}, {one.given}" for one in text.translator]
        lines.append(f"TI  - {text.title}")
        fields = (
            ("T2", text.container), ("PB", text.publisher), ("CY", text.place),
            ("PY", text.issued[:4]), ("DA", text.issued.replace("-", "/")), ("UR", text.url),
            ("DO", text.doi), ("LA", text.language),
        )  # fmt: skip
        lines += [f"{tag}  - {value}" for tag, value in fields if value]
        lines += [f"KW  - {word}" for word in text.keyword]
        lines += [f"N1  - {part}" for part in note.split("\n\n") if part]
        lines += ["ER  - ", ""]
    return "\n".join(lines)


def _make_csl(text: Text, note: str) -> dict[str, Any]:
    def names(people: Sequence[Person]) -> list[dict[str, str]]:
        return [{"family": one.family, "given": one.given} for one in people]

    item = {
        "id": _key(text),
        "type": _CSL_TYPES[text.kind],
        "title": text.title,
        "author": names(text.author),
        "editor": names(text.editor),
        "translator": names(text.translator),
        "container-title": text.container,
        "publisher": text.publisher,
        "publisher-place": text.place,
        "issued": {"date-parts": [[int(part) for part in text.issued.split("-")]]},
        "URL": text.url,
        "DOI": text.doi,
        "language": text.language,
        "keyword": ", ".join(text.keyword),
        "annote": note,
    }
    return {name: value for name, value in item.items() if value}


def _render_json(file: File) -> str:
    items = [_make_csl(text, note) for text, note in _list_entries(file)]
    return json.dumps(items, ensure_ascii=False, indent=1) + "\n"


def _render_yaml(file: File) -> str:
    items = [_make_csl(text, note) for text, note in _list_entries(file)]
    return str(yaml.safe_dump({"references": items}, allow_unicode=True, sort_keys=False))


_RENDERERS: Final[Mapping[str, Callable[[File], str]]] = MappingProxyType(
    {
        "txt": _render_txt,
        "md": _render_md,
        "html": _render_html,
        "bib": _render_bib,
        "ris": _render_ris,
        "json": _render_json,
        "yaml": _render_yaml,
    }
)
