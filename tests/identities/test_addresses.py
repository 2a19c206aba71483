"""An address that was given once answers: 200, 301 to a 200, or 410; never 404, never another text.

Random edits of a bibliography, each followed by the real index; the real pages are asked for every
address that they ever gave.
"""

import random
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.identities.site import index, open_site

FAMILIES = ("Abadour", "Berlizot", "Cantefol", "Dormavin", "Esquidou", "Fontarbel")
WORDS = ("Tramway", "Verger", "Halle", "Cuisine", "Phare", "Moulin", "Grenier", "Canal")
COLOURS = (
    "azur",
    "bistre",
    "corail",
    "doré",
    "ébène",
    "fauve",
    "grenat",
    "havane",
    "indigo",
    "jade",
)


@dataclass(frozen=True)
class Made:
    """A text of the bibliography: `number` is what it is, the rest what may be mended."""

    number: int
    author: str
    title: str
    year: int
    url: str = ""
    doi: str = ""
    notes: tuple[str, ...] = ()
    file: str = "a.bib"


@dataclass
class Files:
    """A bibliography under edit, and what was ever said in it."""

    folder: Path
    chance: random.Random
    texts: list[Made] = field(default_factory=list)
    removed: list[Made] = field(default_factory=list)
    count: int = 0
    is_renamed: bool = False

    def write(self) -> None:
        """Write the files anew."""
        for path in self.folder.rglob("*.bib"):
            path.unlink()
        by_file: dict[str, list[Made]] = {}
        for text in self.texts:
            by_file.setdefault(text.file, []).append(text)
        for name, texts in by_file.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("\n".join(map(render, texts)), encoding="utf-8")

    def add(self) -> None:
        """Cite one text more."""
        self.count += 1
        choose = self.chance.choice
        words = f"{choose(WORDS)} {COLOURS[self.count % 9]} numéro{self.count} du texte"
        self.texts.append(
            Made(
                number=self.count,
                author=choose(FAMILIES),
                title=words,
                year=self.chance.randint(2010, 2012),
                url=choose(("", f"http://exemple.test/{self.count}")),
                notes=choose(((), (f"Une remarque sur {words}, {self.count}.",))),
                file=choose(("a.bib", "b.bib", "dossier/c.bib")),
            )
        )

    def edit(self) -> str:
        """Edit the files in one way; says which."""
        edits = (
            *("author", "title", "year", "note", "rewrite", "remove", "move", "doi", "order"),
            *("https", "add", "again", "rename", "address"),
        )
        kind = self.chance.choice(edits)
        place = self.chance.randrange(len(self.texts))
        text = self.texts[place]
        change: dict[str, object] = {}
        match kind:
            case "author":
                change = {"author": self.chance.choice(FAMILIES)}
            case "title":
                change = {"title": f"{text.title} : mendé"}
            case "year":
                change = {"year": text.year + 1}
            case "note":
                change = {"notes": (*text.notes, f"Encore un mot, le {len(text.notes)}e ici.")}
            case "rewrite" if text.notes:
                change = {"notes": (f"{text.notes[0]} Et c’est utile.", *text.notes[1:])}
            case "move":
                change = {"file": self.chance.choice(("a.bib", "b.bib", "dossier/d.bib"))}
            case "doi" if not text.doi:
                change = {"doi": f"10.5555/made.{text.number}"}
            case "https":
                change = {"url": text.url.replace("http:", "https:")}
            case "address" if text.url:
                change = {"url": f"https://ailleurs.test/{text.number}/{text.year}"}
            case "add":
                self.add()
            case "order":
                self.chance.shuffle(self.texts)
            case "rename":
                self.texts = [replace(each, file=f"n{each.file}") for each in self.texts]
            case "remove" if len(self.texts) > 3:
                self.removed.append(self.texts.pop(place))
            case "again" if self.removed:
                self.texts.append(self.removed.pop())
        if change:
            self.texts[place] = replace(text, **change)  # type: ignore[arg-type]
        self.write()
        return kind


def render(text: Made) -> str:
    """Write a text as BibTeX."""
    fields = {
        "author": f"{text.author}, Ida",
        "title": text.title,
        "year": str(text.year),
        "url": text.url,
        "doi": text.doi,
    }
    told = [f"  {key} = {{{value}}}" for key, value in fields.items() if value]
    told += [f"  annote = {{{' '.join(text.notes[:1])}}}"] if text.notes else []
    told += [f"  note = {{{' '.join(text.notes[1:2])}}}"] if text.notes[1:] else []
    return "@misc{k" + str(text.number) + ",\n" + ",\n".join(told) + "\n}\n"


def read_number(page: str) -> str:
    """Which text a page shows, as its title says."""
    found = re.search(r"<h1[^>]*>[^<]*numéro(\d+)", page)
    return found[1] if found else ""


@pytest.mark.slow
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.campaign) for seed in (1, 2))]
)
def test_every_address_ever_given_answers_with_its_text_or_410(tmp_path, seed):
    files = Files(tmp_path / "bibliography", random.Random(seed))
    files.folder.mkdir()
    for _ in range(6):
        files.add()
    files.write()
    given: dict[str, str] = {}  # address of a text -> number of the text
    notes: set[str] = set()
    done = []
    for _ in range(10):
        index(tmp_path)
        with open_site(tmp_path) as client:
            shown = client.get("/notes").text + "".join(
                client.get(f"/recherche?q=texte&n=50&page={page}").text for page in (1, 2)
            )
            for address in set(re.findall(r'href="(/textes/[a-z0-9-]+)', shown)):
                page = client.get(address)
                assert page.status_code == 200
                given.setdefault(address, read_number(page.text))
            notes |= set(re.findall(r'href="(/notes/[a-z0-9-]+)', shown))
            cited = {str(text.number) for text in files.texts}
            for address, number in given.items():
                answer = client.get(address, follow_redirects=True)
                assert len(answer.history) <= 1, (done, address)
                assert all(each.status_code == 301 for each in answer.history)
                expected = 200 if number in cited else 410
                assert answer.status_code == expected, (done, address)
                assert read_number(answer.text) in (number, ""), (done, address)
            for address in notes:
                answer = client.get(address, follow_redirects=True)
                assert answer.status_code in (200, 410), (done, address)
        done.append(files.edit())
    assert len(given) >= files.count - 2
