"""Find what is news of a link, or of a run, and send it: a digest by mail, a signed post.

What is news is decided by pure functions. An event is told once: what was told last of a link
stands beside it, and only the opposite of that is news. So neither a verdict that is reckoned anew,
nor an import, nor a clock tells a death twice.

The sending is the only door to mail and webhooks. Nothing is raised for what a server does: whether
it took a notice is a value. Addresses and passwords are the owner's settings; no message repeats a
secret. When, to whom and whether it was told already is `watch`'s business.
"""

import hashlib
import hmac
import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime
from enum import StrEnum
from http.client import HTTPException
from typing import Any, Final
from urllib.parse import urlsplit

from indexer import __version__
from indexer.messages import NOTHING, Message, Translator, message
from indexer.model import LinkHealth, LinkMark, LinkState

TIMEOUT_S: Final = 30.0
MAX_SUBJECT: Final = 120  # characters


class NoticeKind(StrEnum):
    """The kinds of notices: a link died, revived or drifted; a run failed."""

    DEATH = "death"
    RESURRECTION = "resurrection"
    DRIFT = "drift"  # the text is not the one captured first any more
    FAILURE = "failure"  # a run of `renvois watch` failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """An event to tell people: what happened to which link, when, and why."""

    kind: NoticeKind
    at: datetime  # when it was seen
    url: str = ""  # as the bibliography writes it, without credentials; "" for a run
    reference_id: str = ""
    title: str = ""
    reason: Message = NOTHING

    @property
    def id(self) -> str:
        """Name the event for good: programs that get it twice know it again."""
        told = f"{self.kind.value} {self.url} {self.at.isoformat()}"
        return hashlib.sha256(told.encode()).hexdigest()[:20]

    @property
    def said(self) -> Message:
        """One line that says it."""
        match self.kind:
            case NoticeKind.DEATH:
                return message("report.notice.death", title=self.title or self.url)
            case NoticeKind.RESURRECTION:
                return message("report.notice.resurrection", title=self.title or self.url)
            case NoticeKind.DRIFT:
                return message("report.notice.drift", title=self.title or self.url)
            case NoticeKind.FAILURE:
                return message("report.notice.failure")


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldState:
    """The state of a link at its last notice; a notice is due when the present one differs."""

    is_dead: bool = False
    has_drifted: bool = False


def find_news(
    told: ToldState | None, health: LinkHealth, similarity: float | None, *, drift: float
) -> tuple[ToldState, tuple[NoticeKind, ...]]:
    """Say what is news of a link, and what is to be remembered as told.

    `told` is None for a link that nobody watched before: what it was until then is no news.
    `similarity` is what its text has in common with the one captured first (0..1, None where that
    is not known); below `drift` it is another one. What a person decided is no news to people.
    """
    is_dead = health.state is LinkState.DEAD
    known = similarity is not None and health.state in (LinkState.ALIVE, LinkState.MOVED)
    has_drifted = told.has_drifted if told is not None else False
    if known and similarity is not None:
        has_drifted = similarity < drift
    now = ToldState(is_dead=is_dead, has_drifted=has_drifted)
    is_decided = not {LinkMark.IGNORED, LinkMark.DECIDED}.isdisjoint(health.marks)
    if told is None or is_decided:
        return now, ()
    found = []
    if is_dead and not told.is_dead:
        found.append(NoticeKind.DEATH)
    if told.is_dead and not is_dead:
        found.append(NoticeKind.RESURRECTION)
    if has_drifted and not told.has_drifted and not is_dead:
        found.append(NoticeKind.DRIFT)
    return now, tuple(found)


def describe(
    kind: NoticeKind, health: LinkHealth, *, url: str, reference_id: str, title: str, now: datetime
) -> Notice:
    """Make the notice of an event that is news now."""
    at = health.since if kind is NoticeKind.DEATH and health.since else health.checked_at or now
    return Notice(
        kind=kind, at=at, url=url, reference_id=reference_id, title=title, reason=health.reason
    )


# --- sending

# How long a channel is left alone after it refused so often in a row; then as long as the last.
RESTS: Final = tuple(timedelta(hours=hours) for hours in (0, 1, 4, 12, 24))


def is_resting(refusals: int, refused_at: datetime, now: datetime) -> bool:
    """Tell whether a channel is still to be left alone, after so many refusals in a row.

    After the first one it is tried at once: most troubles pass. A refusal that is dated after `now`
    is of a clock that ran ahead, and keeps nothing back.

    >>> noon = datetime(2026, 1, 1, 12)
    >>> [is_resting(count, noon, noon + timedelta(hours=2)) for count in (0, 1, 2, 3, 99)]
    [False, False, False, True, True]
    """
    if not refusals:
        return False
    rest = RESTS[min(refusals, len(RESTS)) - 1]
    return timedelta(0) <= now - refused_at < rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The result of sending a mail or a webhook: accepted or not, and the server's words."""

    is_taken: bool
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The SMTP server that takes outgoing mail; `security` is "starttls", "tls" or "none"."""

    host: str
    port: int
    security: str = "starttls"  # or "tls", "none"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context


def parse_mail_server(address: str, **more: Any) -> MailServer:
    """Parse "smtp.exemple.fr:587"; without a port, the usual one of `security`."""
    parts = urlsplit(f"//{address}")
    usual = {"tls": 465, "starttls": 587}.get(more.get("security", "starttls"), 25)
    return MailServer(host=parts.hostname or "", port=parts.port or usual, **more)


# --- mail


def render_digest(
    notices: Sequence[Notice],
    *,
    to: str,
    sender: str,
    base_url: str,
    now: datetime,
    say: Translator,
    troubles: Sequence[Message] = (),
) -> EmailMessage:
    """Render one mail that tells all notices, grouped by kind; then what is wrong with the watch.

    `troubles` are no news: they are said as long as they hold, in mails that tell some.
    """
    counts = Counter(notice.kind for notice in notices)
    counted = ", ".join(_count(kind, counts[kind], say) for kind in NoticeKind if counts[kind])
    mail = EmailMessage()
    mail["Subject"] = _one_line(f"[renvois] {counted}")[:MAX_SUBJECT]
    mail["From"] = sender
    mail["To"] = to
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = _name_mail(notices, to, sender)
    mail["Auto-Submitted"] = "auto-generated"
    lines = [say("report.notice.greeting", day=now), ""]
    for kind in NoticeKind:
        of_kind = [notice for notice in notices if notice.kind is kind]
        if of_kind:
            lines += [say.sentence(_count(kind, len(of_kind), say)).rstrip("."), ""]
            lines += [line for each in of_kind for line in _describe(each, base_url, say)]
    if troubles:
        lines += [say("report.status.level-attention"), ""]
        lines += [*(f"* {_one_line(say(each))}" for each in troubles), ""]
    lines += ["-- ", say("report.notice.signature", site=base_url or "renvois")]
    mail.set_content("\n".join(lines) + "\n", cte="quoted-printable")
    mail["Content-Language"] = say.language  # here: `set_content` takes such fields away
    return mail


def _count(kind: NoticeKind, count: int, say: Translator) -> str:
    match kind:
        case NoticeKind.DEATH:
            return say("report.notice.deaths", count=count)
        case NoticeKind.RESURRECTION:
            return say("report.notice.resurrections", count=count)
        case NoticeKind.DRIFT:
            return say("report.notice.drifts", count=count)
        case NoticeKind.FAILURE:
            return say("report.notice.failures", count=count)


def _describe(notice: Notice, base_url: str, say: Translator) -> list[str]:
    lines = [f"* {_one_line(say(notice.said))}"]
    lines.append(f"  {say(notice.reason)}" if notice.reason else "")
    if notice.url:
        lines.append(f"  {_one_line(notice.url)}")
    if page := page_of(notice, base_url):
        lines.append(f"  {page}")
    return [*filter(None, lines), ""]


def page_of(notice: Notice, base_url: str) -> str:
    """Give the address of our page on the link of a notice; "" where there is none."""
    return f"{base_url}/liens/{notice.reference_id}" if base_url and notice.reference_id else ""


def _name_mail(notices: Sequence[Notice], to: str, sender: str) -> str:
    """Name a mail by what it tells and to whom: a server that gets it twice knows it again."""
    told = " ".join([to, *sorted(notice.id for notice in notices)])
    host = sender.rpartition("@")[2].strip("> ") or "localhost"
    return f"<{hashlib.sha256(told.encode()).hexdigest()[:32]}@{host}>"


def send_mail(mail: EmailMessage, server: MailServer) -> Delivery:
    """Hand one mail in. Its recipient is that of its To."""
    connect = smtplib.SMTP_SSL if server.security == "tls" else smtplib.SMTP
    more: dict[str, Any] = {"context": server.tls()} if server.security == "tls" else {}
    try:
        with connect(server.host, server.port, timeout=TIMEOUT_S, **more) as client:
            if server.security == "starttls":
                client.starttls(context=server.tls())
            if server.user:
                client.login(server.user, server.password)
            client.send_message(mail)
    except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: no such address
        return Delivery(is_taken=False, detail=_tell(error))
    return Delivery(is_taken=True)


# --- webhook


def render_payload(notice: Notice, *, base_url: str, say: Translator) -> bytes:
    """Render a notice as the JSON object that a webhook gets."""
    told = {
        "id": notice.id,
        "event": notice.kind.value,
        "at": notice.at.isoformat(),
        "url": notice.url or None,
        "reference_id": notice.reference_id or None,
        "title": notice.title or None,
        "said": say(notice.said),
        "reason": say(notice.reason) or None,
        "reason_key": notice.reason.key or None,
        "page": page_of(notice, base_url) or None,
        "language": say.language,
    }
    return json.dumps(told, ensure_ascii=False).encode()


def sign(payload: bytes, *, timestamp: int, secret: str) -> str:
    """Sign a payload with its moment: HMAC-SHA256 of "TIMESTAMP.PAYLOAD", in hexadecimal."""
    signed = f"{timestamp}.".encode() + payload
    return "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


class _Unmoved(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: what is signed for one address goes to no other."""

    def redirect_request(self, *_request: Any) -> None:
        return None


def post(url: str, payload: bytes, notice: Notice, *, secret: str, now: datetime) -> Delivery:
    """Post a payload to a webhook; any 2xx says that it was taken."""
    timestamp = int(now.timestamp())
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"renvois/{__version__}",
        "X-Renvois-Event": notice.kind.value,
        "X-Renvois-Delivery": notice.id,
        "X-Renvois-Timestamp": str(timestamp),
    }
    if secret:
        signature = sign(payload, timestamp=timestamp, secret=secret)
        headers["X-Renvois-Signature"] = signature
    request = urllib.request.Request(url, payload, headers, method="POST")  # noqa: S310 - settings
    opener = urllib.request.build_opener(_Unmoved)
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return Delivery(is_taken=200 <= answer.status < 300, detail=str(answer.status))
    except urllib.error.HTTPError as error:
        error.close()
        return Delivery(is_taken=False, detail=f"the server answered {error.code}")
    except (OSError, HTTPException, ValueError) as error:  # ValueError: no address
        return Delivery(is_taken=False, detail=_tell(error))


def _tell(error: Exception) -> str:
    """Say what went wrong on one line; smtplib gives what the server said as bytes."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
        return _one_line(f"{error.smtp_code} {words}")
    return _one_line(f"{type(error).__name__}: {error}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
