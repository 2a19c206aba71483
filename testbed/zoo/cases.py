"""A case of the zoo: a server, the address cited, and what a careful person would say of it."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from indexer.model import LinkState
from testbed.zoo.pages import EN_MISSING, EN_TITLE, FR_MISSING, FR_TITLE
from testbed.zoo.replies import NO_ROBOTS, Asked, Http, Reply, Script

FR_PATH: Final = "/2015/11/les-tiers-lieux"
EN_PATH: Final = "/2015/repair-workshops.html"
ROUNDS: Final = 4  # visits, four days apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An animal. `url` stands instead of its own address where it has none on loopback."""

    name: str
    truth: LinkState
    answer: Script
    path: str = FR_PATH
    title: str = FR_TITLE  # as the bibliography cites it
    language: str = "fr"
    certificate: str = ""  # "", "trusted", "expired", "self-signed", "wrong-host"
    expired_rounds: range = range(0)  # in which a trusted certificate has expired
    is_listening: bool = True
    url: str = ""
    beside: tuple[str, ...] = ()  # other paths of the same host that are cited too


def fr(name: str, truth: LinkState, answer: Script | Reply, **more: object) -> Case:
    """A case in French; a bare reply answers the address cited, the rest is a true 404."""
    path = str(more.get("path", FR_PATH)).partition("#")[0]
    script = answer if callable(answer) else serve({path: answer}, missing=FR_MISSING)
    return Case(name=name, truth=truth, answer=script, **more)  # type: ignore[arg-type]


def en(name: str, truth: LinkState, answer: Script | Reply, **more: object) -> Case:
    """A case in English."""
    path = str(more.setdefault("path", EN_PATH))
    more.setdefault("title", EN_TITLE)
    script = answer if callable(answer) else serve({path: answer}, missing=EN_MISSING)
    return Case(name=name, truth=truth, answer=script, language="en", **more)  # type: ignore[arg-type]


def serve(
    routes: Mapping[str, Reply], *, missing: Reply = FR_MISSING, robots: Reply = NO_ROBOTS
) -> Script:
    """A site: what each target (or path) answers, and what any other does."""

    def answer(asked: Asked) -> Reply:
        if asked.path == "/robots.txt":
            return robots
        return routes.get(asked.target, routes.get(asked.path, missing))

    return answer


def validated(script: Script) -> Script:
    """A site that gives an ETag with every page, and says 304 to whoever has it, error page or not:
    WordPress and many caches do.
    """

    def answer(asked: Asked) -> Reply:
        reply = script(asked)
        if not isinstance(reply, Http) or reply.status != 200:
            return reply
        etag = f'"{zlib.crc32(reply.body):x}"'
        headers = (*reply.headers, ("ETag", etag))
        if asked.headers.get("if-none-match") == etag:
            return Http(status=304, headers=headers)
        return replace(reply, headers=headers)

    return answer


def by_round(*scripts: Script | Reply, missing: Reply = FR_MISSING) -> Script:
    """Another answer on each visit; the last one holds from then on."""

    def answer(asked: Asked) -> Reply:
        chosen = scripts[min(asked.round, len(scripts) - 1)]
        if callable(chosen):
            return chosen(asked)
        if asked.path == "/robots.txt":
            return NO_ROBOTS
        return chosen if asked.path in (FR_PATH, EN_PATH) else missing

    return answer


def everywhere(reply: Reply, *, robots: Reply = NO_ROBOTS) -> Script:
    """Give one answer to any address."""
    return serve({}, missing=reply, robots=robots)
