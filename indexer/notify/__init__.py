"""Here is what became of a link, or of a run; tell people, once.

    events      what is news since what was told last (pure)
    delivery    a digest by mail, a signed request to a webhook

When, to whom and whether it was told already is `watch`'s business.
"""

from indexer.notify.delivery import (
    Delivery,
    MailServer,
    parse_mail_server,
    post,
    render_digest,
    render_payload,
    send_mail,
    sign,
)
from indexer.notify.events import Notice, NoticeKind, ToldState, describe, find_news

__all__ = [
    "Delivery",
    "MailServer",
    "Notice",
    "NoticeKind",
    "ToldState",
    "describe",
    "find_news",
    "parse_mail_server",
    "post",
    "render_digest",
    "render_payload",
    "send_mail",
    "sign",
]
