"""What readers wrote below a page is kept apart from its text, whatever the blog and its markup."""

import pytest

from indexer.extract import extract_article
from indexer.extract.comments import is_signature
from indexer.model import Article

TEXTS = [
    f"Le paragraphe {name} parle des ateliers du quartier numéro {n}, puis de la rue numéro "
    f"{n * 7 + 1}, et il finit sans se répéter une seule fois sur la question {n + 100}."
    for n, name in enumerate(("un", "deux", "trois", "quatre", "cinq"))
]
SAID = [
    "Merci pour ce billet, qui m’a beaucoup appris sur les ateliers de mon quartier, vraiment.",
    "Je ne suis pas du tout d’accord : dans notre rue, personne ne prête jamais ses outils !",
    "Bravo, et continuez ; nous ferons la même chose au printemps dans le village voisin.",
]
NAMES = ("Lucie", "Marcel", "zoe_75")
DAYS = ("12 mars 2010", "13 mars 2010", "2 avril 2010")
TIMES = ("14:33", "9:05", "22:10")


def each(shape: str) -> str:
    """Write a comment of every reader; `shape` has places for the name, the day and the words."""
    return "".join(
        shape.format(n=n + 1, name=name, day=day, time=time, said=said)
        for n, (name, day, time, said) in enumerate(zip(NAMES, DAYS, TIMES, SAID, strict=True))
    )


# As blogs, newspapers and their services have written them since 2003.
LAYOUTS = {
    "wordpress": "<div id=comments class=comments-area><h2>3 réflexions sur « Essai »</h2>"
    "<ol class=comment-list>"
    + each(
        "<li id=comment-{n} class='comment even'><article class=comment-body><b>{name}</b> "
        "<span class=says>dit :</span><time>{day} à {time}</time><div class=comment-content><p>"
        "{said}</p></div><a class=comment-reply-link>Répondre</a></article></li>"
    )
    + "</ol><div id=respond><h3>Laisser un commentaire</h3><form><p>Votre adresse de messagerie ne "
    "sera pas publiée. Les champs obligatoires sont indiqués.</p></form></div></div>",
    "wordpress of 2006": "<h3 id=comments>3 Responses to “Essai”</h3><ol class=commentlist>"
    + each(
        "<li class=alt id=comment-{n}><cite>{name}</cite> Says:<br><small><a>{day} at {time}</a>"
        "</small><p>{said}</p></li>"
    )
    + "</ol>",
    "dotclear": "<div id=comments><h3>Commentaires</h3><dl>"
    + each("<dt id=c{n}>{n}. Le {day}, {time} par {name}</dt><dd><p>{said}</p></dd>")
    + "</dl></div>",
    "dotclear without names": "<div><h3>Commentaires</h3><dl>"
    + each("<dt>{n}. Le {day}, {time} par {name}</dt><dd><p>{said}</p></dd>")
    + "</dl></div>",
    "spip": "<a name=forum></a><div class=forum-decompte><h2>3 Messages</h2></div><ul class=forum>"
    + each(
        "<li class=forum-fil><div class=forum-message><div class=forum-chapo><strong>Re</strong>"
        "<span>{day} {time}, par {name}</span></div><div class=forum-texte><p>{said}</p></div>"
        "<p class=repondre><a>Répondre à ce message</a></p></div></li>"
    )
    + "</ul>",
    "spip of 2005": "<div class=cartouche><h2>Forum de l’article</h2></div><ul>"
    + each("<li><b>Essai</b><div>{day}, {time}, par <b>{name}</b></div><div>{said}</div></li>")
    + "</ul>",
    "blogger": "<div class=comments id=comments><h4>3 commentaires:</h4><dl id=comments-block>"
    + each(
        "<dt class=comment-author>{name} a dit…</dt><dd class=comment-body><p>{said}</p></dd>"
        "<dd class=comment-footer>{day} à {time}</dd>"
    )
    + "</dl></div>",
    "canalblog": "<h3>Commentaires sur Essai</h3><ul>"
    + each("<li><p>{said}</p><div>Posté par {name}, {day} à {time} | | Répondre</div></li>")
    + "</ul>",
    "overblog": "<div class=ob-comments><div class=ob-list>"
    + each(
        "<div class=ob-comment><span class=ob-user>{name}</span><span>{day} {time}</span>"
        "<span class=ob-text>{said}</span><a>Répondre</a></div>"
    )
    + "</div></div>",
    "typepad": "<div id=comments class=comments><h2 class=comments-header>Commentaires</h2>"
    "<div class=comments-content>"
    + each(
        "<div id=comment-{n}><div class=comment-content><p>{said}</p></div><p class=comment-footer>"
        "Rédigé par : <a>{name}</a> | <a>{day} à {time}</a></p></div>"
    )
    + "</div></div>",
    "eklablog": "<div class=module_commentaires><ul class=commentaires>"
    + each("<li><div class=auteur>{name}</div><div>{day} à {time}</div><div>{said}</div></li>")
    + "</ul></div>",
    "drupal": "<section id=comments class='title comment-wrapper'><h2>Commentaires</h2>"
    + each(
        "<a id=comment-{n}></a><article class='comment clearfix'><footer><p class=submitted>Soumis "
        "par {name} le {day} - {time}</p></footer><div class=content><p>{said}</p></div></article>"
    )
    + "</section>",
    "tables of 2003": "<table>"
    + each("<tr><td><b>{name}</b>, le {day} à {time}</td></tr><tr><td>{said}</td></tr>")
    + "</table>",
    "lines of 2003": "<hr><p><b>Réactions</b></p>"
    + each("<p>{said}</p><p><i>{name}, le {day} à {time}</i></p>"),
    "a newspaper": "<section class=reactions><h2>Vos réactions (3)</h2>"
    + each(
        "<div class=reaction><p class=pseudo>{name}</p><p class=when>{day} à {time}</p>"
        "<p>{said}</p><a>Signaler un abus</a></div>"
    )
    + "</section>",
    "a newspaper of 2012": "<div id=reagir><h3>3 réactions</h3><ul class=liste>"
    + each("<li><h4>{name}</h4><span>Le {day} à {time}</span><p>{said}</p></li>")
    + "</ul></div>",
    "microdata": "<div class=zone>"
    + each(
        "<div itemprop=comment itemscope itemtype='http://schema.org/UserComments'><b>{name}</b>"
        "<p itemprop=commentText>{said}</p></div>"
    )
    + "</div>",
    "webmentions": "<section><h3>Réponses</h3>"
    + each("<div class='u-comment h-cite'><a class=p-author>{name}</a><p>{said}</p></div>")
    + "</section>",
    "disqus": "<div id=disqus_thread><ul>"
    + each("<li class=dsq-comment id=dsq-comment-{n}><p>{name}</p><p>{said}</p></li>")
    + "</ul></div>",
    "bem": "<div class=article__comments><div class=comments__list>"
    + each("<div class=comments__item><b>{name}</b><p class=comments__text>{said}</p></div>")
    + "</div></div>",
    "no name at all": "<div>"
    + each("<div><span>{name}</span> <span>{day} à {time}</span><p>{said}</p></div>")
    + "</div>",
    "a guest book": "<div id=livre-d-or>"
    + each("<p><b>{name}</b> a écrit le {day} à {time}</p><blockquote>{said}</blockquote>")
    + "</div>",
}
DECLARED = "<meta property=og:type content=article><meta property=article:published_time content="
HEADS = {"declared": f"{DECLARED}2010-03-11>", "undeclared": ""}


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ")


def read(after: str, *, head: str = "", body: str = "") -> Article:
    text = body or "".join(f"<p>{each}</p>" for each in TEXTS)
    markup = (
        f"<html lang=fr><head><title>Essai - Carnet</title>{head}</head><body><div id=page>"
        "<div id=nav><a href=/>Accueil</a> <a href=/a>À propos</a></div><div id=content>"
        f"<div class=post><h1>Essai</h1><p class=date>Le 11 mars 2010 à 10:12, par Une Autrice</p>"
        f"<div class=texte>{text}</div></div>{after}</div>"
        "<div id=sidebar><h3>Catégories</h3><ul><li><a href=/c>Rues</a></ul></div>"
        "<div id=footer>Propulsé par un moteur</div></div></body></html>"
    )
    return extract_article(markup.encode(), headers={}, url="http://c.example/e", record_id="<c>")


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_no_comment_is_in_the_text_and_all_are_kept(layout, head):
    article = read(layout, head=head)

    assert [said for said in SAID if said in plain(article.text)] == []
    assert [text for text in TEXTS if text not in plain(article.text)] == []
    kept = plain(" ".join(article.comments))
    assert [said for said in SAID if said not in kept] == []


@pytest.mark.parametrize(
    "more",
    [
        "<h2>Réactions</h2><p>Le maire a répondu le 12 mars 2010 que les ateliers seront gardés "
        "et que leurs outils resteront dans la rue.</p>",
        "<h2>Discussion</h2><p>Ces résultats disent que chacun prête ses outils à ses voisins dès "
        "qu’un lieu s’y prête, comme on le voit au tableau 3.</p>",
        "<p>Mis à jour le 14 mars 2010 à 10:00</p><p>Une précision de l’autrice, arrivée trois "
        "jours plus tard, sur le nombre des outils prêtés.</p>",
    ],
)
def test_a_part_of_the_text_named_like_comments_stays(more):
    wanted = more.replace("</h2>", "\n").replace("</p><p>", "\n").split("<p>")[-1].split("</p>")[0]
    body = "".join(f"<p>{each}</p>" for each in TEXTS) + more

    article = read("", body=body)

    assert wanted.split("\n")[-1] in plain(article.text)
    assert article.comments == ()


def test_a_wrapper_named_like_a_menu_makes_no_thread_of_a_page():
    text = "".join(f"<p>{each}</p>" for each in TEXTS)
    messages = each("<div class=comment><b>{name}</b><p>{said}</p></div>")
    body = f"<div class=has-sidebar-nav><h1>Essai</h1>{text}<div id=comments>{messages}</div></div>"

    article = extract_article(
        f"<html><body>{body}</body></html>".encode(), headers={}, url="", record_id="<w>"
    )

    assert [said for said in SAID if said in plain(article.text)] == []
    assert [each for each in TEXTS if each not in plain(article.text)] == []


def test_a_page_that_would_have_no_text_without_its_messages_keeps_them():
    messages = each("<div class=comment><b>{name}</b><p>{said}</p></div>")
    markup = f"<html><body><h1>Prêter une scie</h1><div id=comments>{messages}</div></body></html>"

    article = extract_article(markup.encode(), headers={}, url="http://f.example/", record_id="<f>")

    assert [said for said in SAID if said not in plain(article.text)] == []


# One post, as the programs of forums write it: the name, the motto and the buttons beside it.
POSTS = {
    "phpbb": "<div class='post bg2'><div class=postbody><h3>Re: Essai</h3><p class=author>par <b>"
    "{name}</b> » {day} {time}</p><div class=content>{said}</div><div class=signature>Ma devise, "
    "qui est longue et revient sous tous les messages que je signe</div></div><dl class="
    "postprofile><dt>{name}</dt><dd>Messages : 12{n}</dd></dl></div>",
    "xenforo": "<article class=message><div class=message-user>{name} Membre</div><div class="
    "message-userContent><article class=message-body><div class=bbWrapper>{said}</div></article>"
    "</div><aside class=message-signature>Ma devise, qui est longue et revient</aside></article>",
    "vbulletin": "<table><tr><td class=alt2>{name}<br>Messages : 1{n}</td><td><div id="
    "post_message_{n}>{said}</div><div>__________</div></td></tr></table>",
    "punbb": "<div class=blockpost><div class=postleft>{name}</div><div class=postright><h3>{day}"
    "</h3><div class=postmsg><p>{said}</p></div></div></div>",
    "invision": "<article class=cPost><aside class=ipsComment_author>{name}</aside><div data-role="
    "commentContent class='ipsType_richText cPost_contentWrap'><p>{said}</p></div></article>",
    "bbpress": "<div class=bbp-reply-author>{name}</div><div class=bbp-reply-content><p>{said}</p>"
    "</div>",
    "questions": "<div class=answer><div class='s-prose js-post-body'><p>{said}</p></div><div>"
    "{name} {day}</div></div>",
    "jeux": "<div class=bloc-message-forum><span>{name}</span><div class=txt-msg><p>{said}</p>"
    "</div></div>",
}


@pytest.mark.parametrize("url", ["http://f.example/forums/essai.12/", "http://f.example/e"])
@pytest.mark.parametrize("shape", POSTS.values(), ids=POSTS)
def test_of_the_page_of_a_forum_the_posts_are_the_text_and_nothing_else(shape, url):
    markup = (
        "<html><head><meta property=og:type content=article></head><body><h1>Essai</h1>"
        f"<ul><li><a href=/>Accueil</a></li></ul><div id=fil>{each(shape)}</div>"
        "<div class=rules>Merci de lire la charte du forum avant de répondre.</div></body></html>"
    )

    article = extract_article(markup.encode(), headers={}, url=url, record_id="<f>")

    assert [plain(each.text) for each in article.paragraphs] == SAID
    assert article.comments == ()


def test_comments_that_are_named_as_posts_are_and_are_longer_than_the_text_stay_apart():
    said = "".join(
        f"<li class=post><div class=post-body><b>{name}</b><p>{said} {n}</p></div></li>"
        for n in range(9)
        for name, said in zip(NAMES, SAID, strict=True)
    )

    article = read(f"<div id=disqus_thread><ul>{said}</ul></div>")

    assert [said for said in SAID if said in plain(article.text)] == []
    assert [text for text in TEXTS if text not in plain(article.text)] == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Le 12 mars 2010 à 14:33, par Camille", True),
        ("Posté par Camille, 12 mars 2010 à 14:33", True),
        ("Camille 12/03/2010 14h33", True),
        ("March 12th, 2010 at 2:33 pm", True),
        ("Répondre", True),
        ("Reply Like 3", True),
        ("Le 12 mars 2010, il pleuvait.", False),
        ("Le 12 mars 2010 à 14:33, le conseil a voté, à mains levées, les crédits des ateliers "
        "pour l’année qui vient, et ceux de la rue.", False),
        ("Répondre à la question du logement", False),
    ],
)  # fmt: skip
def test_a_line_that_signs_a_comment_is_known(line, expected):
    assert is_signature(line) is expected
