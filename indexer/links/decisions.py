"""Read what people decided about links; a decision is dated, and wins over the verdict.

The file `liens.toml` stands beside the bibliography; its words are read in French and in English
(`[[link]]`, `decision = "ignore"`, `address`, `by`, `on`, `comment`), and written in French:

    [[lien]]
    url = "http://exemple.test/article"
    decision = "ignorer"      # ignorer, accepter, vivant, mort ou mensuel
    adresse = "https://…"     # for "accepter": the redirect's target that is accepted
    par = "Camille"
    le = 2026-11-24
    remarque = "Site de l’association, fermé à l’étranger."

A line that can't be understood is a Problem, and the others count all the same.
"""

import json
import tomllib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from indexer.messages import NOTHING, Message, message
from indexer.model import LinkHealth, LinkMark, LinkState, Place, Problem
from indexer.urls import redact_url, urlkey

FILE_NAME: Final = "liens.toml"
UNREADABLE: Final = "unreadable-decisions"  # the code of a file of which nothing can be read


class Choice(StrEnum):
    """List the decisions that a person can take on a link."""

    IGNORE = "ignore"  # neither visited nor counted
    ACCEPT = "accept"  # this redirect is right
    ALIVE = "alive"  # seen by a person
    DEAD = "dead"
    MONTHLY = "monthly"  # visit it every month


# As they are typed in French; what we write into a person's file is French.
FRENCH_CHOICES: Final[Mapping[str, Choice]] = MappingProxyType(
    {
        "ignorer": Choice.IGNORE,
        "accepter": Choice.ACCEPT,
        "vivant": Choice.ALIVE,
        "mort": Choice.DEAD,
        "mensuel": Choice.MONTHLY,
    }
)
CHOICES: Final[Mapping[str, Choice]] = MappingProxyType(
    {**FRENCH_CHOICES, **{choice.value: choice for choice in Choice}}
)
_FRENCH: Final = {choice: typed for typed, choice in FRENCH_CHOICES.items()}
# English keys of a decision -> the French ones, which are those that we write.
_KEYS: Final = {
    "url": "url",
    "decision": "decision",
    "address": "adresse",
    "by": "par",
    "on": "le",
    "comment": "remarque",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word on a link."""

    url: str
    choice: Choice
    decided_on: date
    address: str = ""
    by: str = ""
    comment: str = ""


def read_decisions(folder: Path) -> tuple[tuple[Decision, ...], tuple[Problem, ...]]:
    """Read the file of decisions in the bibliography's folder; no file, no decision."""
    path = folder / FILE_NAME
    try:
        text = path.read_text(encoding="utf-8-sig")  # as some editors write UTF-8
    except FileNotFoundError:
        return (), ()
    except (OSError, UnicodeDecodeError) as error:
        return (), (_refuse_file(str(error)),)
    return parse_decisions(text)


def parse_decisions(text: str) -> tuple[tuple[Decision, ...], tuple[Problem, ...]]:
    """Read the decisions that can be understood, and what is wrong with the others."""
    try:
        read = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return (), (_refuse_file(message("problem.why.no-toml", error=str(error))),)
    parsed = [
        _parse_decision(table)
        for name in ("lien", "link")
        for table in _list_tables(read.get(name, []))
    ]
    return (
        tuple(each for each in parsed if isinstance(each, Decision)),
        tuple(each for each in parsed if isinstance(each, Problem)),
    )


def _list_tables(held: Any) -> list[Any]:
    """`[lien]` is a table, `[[lien]]` a list of them; the English keys become the French ones."""
    tables = held if isinstance(held, list) else [held]
    return [
        {_KEYS.get(key, key): value for key, value in table.items()}
        if isinstance(table, Mapping)
        else table
        for table in tables
    ]


def render_decision(decision: Decision) -> str:
    """Render a decision as it stands in the file, to be appended to it."""
    told = {
        "url": decision.url,
        "decision": _FRENCH[decision.choice],
        "adresse": decision.address,
        "par": decision.by,
        "remarque": decision.comment,
    }
    # A JSON string without surrogates is a basic string of TOML.
    lines = [
        f"{key} = {json.dumps(text, ensure_ascii=False)}" for key, text in told.items() if text
    ]
    return "\n".join(["", "[[lien]]", *lines, f"le = {decision.decided_on.isoformat()}", ""])


def list_uncited(decisions: Iterable[Decision], cited: Container[str]) -> tuple[Problem, ...]:
    """List a problem for each decision on a URL that the bibliography does not cite, as written."""
    return tuple(
        _problem(
            message("problem.uncited-decision", address=redact_url(each.url)), subject=each.url
        )
        for each in decisions
        if each.url not in cited
    )


def index_decisions(decisions: Iterable[Decision]) -> Mapping[str, Decision]:
    """URL as written -> the decision on it; of several the last one in the file."""
    return MappingProxyType({decision.url: decision for decision in decisions})


def apply_decision(health: LinkHealth, decision: Decision | None) -> LinkHealth:
    """Apply a person's decision to the state that was found; a later observation may undo it.

    ALIVE holds until something counts towards a death after its day, DEAD until the page
    is there after its day, ACCEPT while the redirect leads to a page where it was accepted.
    """
    if decision is None or decision.choice is Choice.MONTHLY:
        return health
    if decision.choice is Choice.IGNORE:
        return replace(health, marks=(*health.marks, LinkMark.IGNORED))
    if not _holds(decision, health):
        return health
    state = LinkState.DEAD if decision.choice is Choice.DEAD else LinkState.ALIVE
    return replace(
        health,
        state=state,
        reason=_reason(decision, health),
        replacement=None if state is LinkState.ALIVE else health.replacement,
        marks=(*(m for m in health.marks if m is not LinkMark.TO_CHECK), LinkMark.DECIDED),
        not_dead_because=NOTHING if state is LinkState.DEAD else describe_decision(decision),
    )


def _holds(decision: Decision, health: LinkHealth) -> bool:
    if decision.choice is Choice.ACCEPT:
        is_there = not decision.address or urlkey(health.final_url) == urlkey(decision.address)
        return health.has_page and health.final_url != "" and is_there
    undone_at = health.failed_at if decision.choice is Choice.ALIVE else health.alive_at
    return undone_at is None or undone_at.date() <= decision.decided_on


def _reason(decision: Decision, health: LinkHealth) -> Message:
    state = health.state.said
    return message("link.decision.reason", word=describe_decision(decision), state=state)


def describe_decision(decision: Decision) -> Message:
    """Say in a sentence what was decided, when, by whom and why."""
    key = "link.decision.word"
    told = {"by": decision.by, "comment": decision.comment}
    for name in [name for name, said in told.items() if said]:
        key += f"-{name}"
    what = message(f"link.decision.{decision.choice.value}")
    return message(key, what=what, day=decision.decided_on, **told)


def _parse_decision(table: Any) -> Decision | Problem:
    if not isinstance(table, Mapping) or not isinstance(table.get("url"), str):
        return _problem(message("problem.decision-without-url"))
    url = table["url"]
    unknown = sorted(table.keys() - set(_KEYS.values()))
    if unknown:
        said = message("problem.unknown-decision-key", words=", ".join(map(str, unknown)))
        return _problem(said, subject=url)
    choice = table.get("decision")
    if not isinstance(choice, str) or choice not in CHOICES:
        said = message(
            "problem.unknown-decision", choices=", ".join(FRENCH_CHOICES), english=", ".join(Choice)
        )
        return _problem(said, subject=url)
    day = table.get("le")
    if isinstance(day, datetime):
        day = day.date()
    if not isinstance(day, date):
        return _problem(message("problem.undated-decision"), subject=url)
    return Decision(
        url=url,
        choice=CHOICES[choice],
        decided_on=day,
        address=str(table.get("adresse", "")),
        by=str(table.get("par", "")),
        comment=str(table.get("remarque", "")),
    )


def _problem(said: Message, *, subject: str = "") -> Problem:
    return Problem(said=said, place=Place(path=FILE_NAME, line=1), subject=subject)


def _refuse_file(why: Message | str) -> Problem:
    return _problem(message("problem.unreadable-decisions", why=why))
