"""Mails and posts reach real servers of loopback, whole, signed, and in two languages."""

import hashlib
import hmac
import json
import re
import smtplib
import ssl
from datetime import UTC, datetime

import pytest
import trustme

from indexer.messages import message, open_translator
from indexer.notify import (
    Notice,
    NoticeKind,
    parse_mail_server,
    post,
    render_digest,
    render_payload,
    send_mail,
)
from indexer.watch.rounds import name_webhook
from tests.notify.servers import accept, mail_server, webhook

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
FRENCH, ENGLISH = open_translator("fr"), open_translator("en")
DEATH = Notice(
    kind=NoticeKind.DEATH,
    at=NOW,
    url="http://exemple.test/été?a=1&b=2",
    reference_id="essai-2015-ete",
    title="L’été\r\nBcc: autre@exemple.test",
    reason=message("link.reason.plain", clause=message("link.answer.404")),
)
BACK = Notice(kind=NoticeKind.RESURRECTION, at=NOW, url="http://b.test/", title="B")
FAILURE = Notice(
    kind=NoticeKind.FAILURE, at=NOW, reason=message("report.notice.why", error="disk full")
)
TO, FROM = "camille@exemple.test", "renvois@exemple.test"


def digest(*notices, say=FRENCH, to=TO):
    return render_digest(
        notices, to=to, sender=FROM, base_url="https://renvois.example", now=NOW, say=say
    )


def plain(text):
    return re.sub("[\u00a0\u202f]", " ", text)


@pytest.mark.parametrize(
    ("say", "subject", "says"),
    [
        (FRENCH, "1 lien mort, 1 lien revenu, 1 ronde échouée", "le lien est mort"),
        (ENGLISH, "1 dead link, 1 link back, 1 failed round", "the link is dead"),
    ],
)
def test_one_mail_tells_everything_in_a_language(say, subject, says):
    with mail_server() as (box, address):
        done = send_mail(
            digest(DEATH, BACK, FAILURE, say=say),
            parse_mail_server(address, security="none", sender=FROM),
        )

    assert done.is_taken
    [(recipients, mail)] = box.mails
    assert recipients == [TO]
    assert plain(mail["Subject"]) == f"[renvois] {subject}"
    assert mail["From"] == FROM
    assert mail["Content-Language"] == say.language
    body = plain(mail.get_content())
    assert says in body
    assert "http://exemple.test/été?a=1&b=2" in body
    assert "https://renvois.example/liens/essai-2015-ete" in body
    assert "disk full" in body


def test_a_title_makes_no_header_and_no_line_of_its_own():
    mail = digest(DEATH)

    assert mail["Bcc"] is None
    assert "\nBcc:" not in mail.get_content()


def test_a_mail_is_named_by_what_it_tells_and_to_whom():
    names = [digest(DEATH), digest(DEATH), digest(BACK), digest(DEATH, to="b@exemple.test")]
    ids = [mail["Message-ID"] for mail in names]

    assert ids[0] == ids[1]
    assert len({*ids}) == 3


def test_a_server_that_refuses_is_told_in_its_words():
    with mail_server() as (box, address):
        box.refuses = True
        done = send_mail(digest(DEATH), parse_mail_server(address, security="none"))

    assert not done.is_taken
    assert done.detail.startswith("451 ")


def test_a_server_that_is_not_there_is_no_exception():
    with mail_server() as (_, address):
        pass
    done = send_mail(digest(DEATH), parse_mail_server(address, security="none"))

    assert (done.is_taken, "refused" in done.detail) == (False, True)


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_password_is_told_to_a_server_that_proves_who_it_is_and_to_no_other(security):
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    kind = "tls_context" if security == "starttls" else "ssl_context"
    seen = []

    def check(*told):
        seen.append(told[-1].password)
        return accept("moi", "un-secret")(*told)

    def trusting(ca):
        def make():
            made = ssl.create_default_context()
            ca.configure_trust(made)
            return made

        return make

    login = {"authenticator": check, "auth_require_tls": security == "starttls"}
    with mail_server(**{kind: context}, **login) as (box, address):
        told = {"security": security, "user": "moi", "password": "un-secret"}
        refused = send_mail(digest(DEATH), parse_mail_server(address, tls=trusting(other), **told))
        assert not refused.is_taken
        assert seen == []
        wrong = parse_mail_server(address, tls=trusting(authority), **{**told, "password": "faux"})
        assert send_mail(digest(DEATH), wrong).detail.startswith("535 ")
        server = parse_mail_server(address, tls=trusting(authority), **told)
        assert send_mail(digest(DEATH), server).is_taken
    assert len(box.mails) == 1
    assert "un-secret" not in f"{server} {refused}"


def test_every_error_of_the_library_is_an_outcome():
    waiting = [smtplib.SMTPException]
    while waiting:
        error = waiting.pop()
        waiting += error.__subclasses__()
        assert issubclass(error, OSError | smtplib.SMTPException)


def test_a_post_is_signed_with_its_moment():
    payload = render_payload(DEATH, base_url="https://renvois.example", say=ENGLISH)
    with webhook() as (hook, address):
        done = post(address, payload, DEATH, secret="un-secret", now=NOW)

    assert done.is_taken
    [(headers, body)] = hook.posts
    signed = f"{headers['X-Renvois-Timestamp']}.".encode() + body
    expected = hmac.new(b"un-secret", signed, hashlib.sha256).hexdigest()
    assert headers["X-Renvois-Signature"] == f"sha256={expected}"
    assert headers["X-Renvois-Delivery"] == DEATH.id
    told = json.loads(body)
    assert (told["event"], told["url"], told["language"]) == ("death", DEATH.url, "en")
    assert told["page"] == "https://renvois.example/liens/essai-2015-ete"
    assert "404" in told["reason"]


def test_without_a_secret_nothing_is_signed():
    with webhook() as (hook, address):
        post(address, b"{}", BACK, secret="", now=NOW)

    assert "X-Renvois-Signature" not in hook.posts[0][0]


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 410, 500, 503])
def test_nothing_but_2xx_takes_a_post_and_no_redirect_is_followed(status):
    with webhook() as (hook, address), webhook() as (elsewhere, other):
        hook.status, hook.location = status, other if status < 400 else ""
        done = post(address, b"{}", BACK, secret="un-secret", now=NOW)

    assert not done.is_taken
    assert str(status) in done.detail
    assert elsewhere.posts == []


def test_a_webhook_is_named_by_its_host_without_what_is_secret_in_its_address():
    one, other = (f"https://exemple.test/crochet/{token}" for token in ("jeton", "autre"))

    assert name_webhook(one) == name_webhook(one) != name_webhook(other)
    assert re.fullmatch(r"exemple\.test [0-9a-f]{8}", name_webhook(one))
    assert name_webhook(one).split()[1] == hashlib.sha256(one.encode()).hexdigest()[:8]
