"""The rules for what stands between a reader and a page, with a page each takes and leaves.

Words are looked for in folded text: lower case, without accents or punctuation, one space between
words. A rule asks for little running text, so that an article about captchas is none; the more of
it a page of the kind may have, the more signs are asked for.
"""

from typing import Final

from indexer.model import PageKind
from indexer.pagekind.kinds import KindRule, Sample, Sign, rule
from indexer.pagekind.signs import (
    LONG_NOTICE,
    NOTICE,
    TINY,
    address,
    any_of,
    ending,
    has_few_links,
    has_field,
    has_little_text,
    has_password,
    headline,
    is_about_choices,
    lead,
    markup,
    text,
)

# A text, in counter-examples.
_TEXT: Final = (
    "Le jardin de la rue des Lilas a ouvert un samedi de mars, sous une pluie fine. Trois voisines "
    "en tenaient la clef, et personne ne savait encore qui planterait quoi. "
) * 8
ARTICLE: Final = f"<p>{_TEXT}</p>"

_LOGIN_WORDS: Final[Sign] = text(
    r"\b(identifi\w+|connect(ez|er|e)\b|authentifi\w+|log ?in|sign in|mot de passe|password|logged)"
)
# Who may read pays for it.
_OFFER: Final[Sign] = text(
    r"\b(deja (membre|abonn)|s abonner|m abonne|adherer|soutien|abonnement|subscribe|premium|"
    r"offres?)\b"
)

_ROBOT_RULES: Final = (
    rule(
        PageKind.CAPTCHA,
        "challenge-script",
        markup(
            r"cf-chl|_cf_chl_opt|cdn-cgi/challenge-platform/h/|captcha-delivery\.com|"
            r"_incapsula_resource|px-captcha|_pxappid|awswafcaptcha|awswafintegration|"
            r"cf-browser-verification|id=.captcha-form|sgcaptcha|geetest|/\.within\.website/|"
            r"anubis_challenge|ddos-guard/check|perfdrive\.com|arkoselabs"
        ),
        takes='<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>',
        leaves='<script src="/cdn-cgi/challenge-platform/scripts/jsd/main.js"></script>',
        is_sure=True,
    ),
    rule(
        PageKind.CAPTCHA,
        "challenge-widget",
        markup(
            r"hcaptcha\.com|recaptcha/api|class=.?[\"'][^\"']*\b(g-recaptcha|h-captcha|"
            r"cf-turnstile|frc-captcha|altcha)\b|turnstile/v0|<altcha-widget|mtcaptcha"
        ),
        has_little_text,
        takes='<form><div class="g-recaptcha"></div></form>',
        leaves=f'{ARTICLE}<form><div class="g-recaptcha"></div></form>',
        max_running=TINY,
    ),
    rule(
        PageKind.CAPTCHA,
        "challenge-title",
        headline(
            r"^(just a moment|un instant( s il vous plait)?$|one more step|verifying you are human|"
            r"checking (your|the) browser|bot (verification|challenge|check)|robot check|"
            r"(security|human|captcha) (check|verification|challenge)|are you (a )?(human|robot)|"
            r"etes vous (un |bien )?(humain|robot)|pardon our interruption|ddos guard|captcha$|"
            r"verification (de securite|humaine|de votre navigateur|anti robot|du navigateur|"
            r"en cours)|controle (de securite|anti robot)|making sure you re not a bot|"
            r"request unsuccessful|verifi\w+ (que )?vous (etes|n etes)|prove your humanity|"
            r"validation requise|one moment please|sicherheitsuberprufung|un momento|"
            r"checking if the site connection is secure|veuillez patienter)"
        ),
        takes="<title>Just a moment...</title>",
        leaves="<title>Captcha : qui travaille ?</title>",
        max_running=NOTICE,
    ),
    rule(
        PageKind.CAPTCHA,
        "robot-sentence",
        text(
            r"\b((pas|not|and not) (etre )?(un|a) (ro)?bot\b|(checking|verifying) (your browser|"
            r"you are human)|verify (that )?you (are|re) (a )?human|(unusual|automated) (traffic|"
            r"activity|requests?)|trafic (inhabituel|anormal)|(etes|soyez) (bien )?(un )?humain|"
            r"(you are|you re) (a )?human|une personne et non|(navigateur|browser) (avant|"
            r"before) (d acceder|accessing)|automation tools|vous avez ete pris pour un robot|"
            r"(complet\w+|resol\w+|remplir|solve) (the |le |un |ce )?(captcha|puzzle)|incapsula "
            r"incident|verification (de|of) (your|votre) (navigateur|browser)|verif\w+ "
            r".{0,30}(robots?|humain|human)\b|kein roboter|no eres un robot|ressembl\w+ a (un|"
            r"celui d un) robot|preuve de travail|proof of work)"
        ),
        takes="<p>Merci de confirmer que vous n’êtes pas un robot.</p>",
        leaves=f"<h1>Captcha</h1><p>Prouvez que vous n’êtes pas un robot.</p>{ARTICLE}",
        max_running=NOTICE,
    ),
    rule(
        PageKind.CAPTCHA,
        "copy-the-code",
        text(
            r"\b(recopi\w+|saisi\w+|entre[rz]|tape[rz]|reproduis\w+|enter|type|copy|cochez|"
            r"select\w*|cliquez sur) (bien )?(le |les |the |toutes les |all )?(code|caracteres|"
            r"lettres|chiffres|mot|characters|letters|digits|images?|numbers|resultat|cases?) "
            r"(\w+ ){0,3}(ci dessous|affiche\w*|image|below|shown|you see|visibles?|contenant|"
            r"containing|picture|apparai\w+|suivante?s?|ci contre)|\bcombien font\b"
        ),
        has_field,
        takes="<form>Recopiez le code ci-dessous : <input name=code></form>",
        leaves="<p>Recopiez le code ci-dessous dans le fichier de configuration.</p>",
        max_running=TINY,
    ),
)

_CONSENT_RULES: Final = (
    rule(
        PageKind.CONSENT,
        "consent-address",
        address(
            r"^(consent|guce|cmp|choices|privacy-?gate|consentement)\.|/(consent|consentement|"
            r"collectconsent|cookie-?wall|gdpr|rgpd|privacy-gate|cmp)(/|$|\?)"
        ),
        is_about_choices,
        takes=Sample("<button>Accepter</button>", "https://consent.exemple.test/"),
        leaves=Sample("<p>Oui.</p>", "https://exemple.test/le-consentement-eclaire"),
        max_running=LONG_NOTICE,
        is_sure=True,
    ),
    rule(
        PageKind.CONSENT,
        "choice",
        text(
            r"\b(cookies?|traceurs?|consent\w*|vie privee|privacy|donnees personnelles|personal "
            r"data|identifiants uniques|confidentialite|datenschutz|publicite|nos partenaires)\b"
        ),
        text(
            r"\b(tout accepter|accepter tout|j ?accepte|accepter et|(tout )?refuser|je refuse|"
            r"accept (all|and|cookies)|i accept|i agree|agree and|reject all|allow all|agree|"
            r"decline|parametrer|gerer mes|personnaliser mes|enregistrer mes|mes choix|vos choix|"
            r"my choices|manage (options|preferences|choices|settings)|valider et|continuer sans|"
            r"confirm|(alle )?akzeptieren|accepter|d accord|accept)\b"
        ),
        is_about_choices,
        has_few_links,
        lambda page: "" if page.own_chars > 1_200 else "short",
        takes="<p>Nous utilisons des cookies.</p><button>Tout accepter</button>",
        leaves=f"<p>Nous utilisons des cookies.</p><button>Tout accepter</button>{ARTICLE}",
        max_running=900,
    ),
    rule(
        PageKind.CONSENT,
        "consent-title",
        headline(
            r"^(avant (de (continuer|poursuivre)|d acceder)|before you continue|vos choix (en "
            r"matiere|concernant)|nous respectons votre vie privee|we (value|respect|care about) "
            r"your privacy|(le respect de )?votre vie privee|gestion d\w+ (vos |des )?(cookies|"
            r"traceurs)|cookie (consent|preferences|settings|wall)|cookies ou abonnement|your "
            r"privacy|(sp )?consent( message)?$|privacy (settings|preference)|votre consentement|"
            r"we need your consent)"
        ),
        is_about_choices,
        takes="<title>Avant d’accéder au site</title>",
        leaves="<title>Les cookies, une histoire</title>",
        max_running=NOTICE,
    ),
)

_FILTER_RULES: Final = (
    rule(
        PageKind.NETWORK_FILTER,
        "address-blocked",
        text(
            r"\b(adresse )?ip( address)?\b.{0,80}\b(bloque\w*|blocked|banni\w*|banned|refuse\w*|"
            r"denied|blacklist\w*|liste noire|interdit\w*|flagged)|\b(bloqu\w+|blocked|banned|"
            r"banni\w*|interdit\w*)\b.{0,60}\b(votre|your) (adresse )?ip\b|\b(acces|access) (\w+ "
            r"){0,3}(from|depuis) (your|votre) (country|pays|region|location|adresse|network|"
            r"reseau)|\bfrom a country\b|\b(votre|your) (pays|country|region|location)\b|"
            r"european economic area|espace economique europeen|legal reasons|raisons? (legales?|"
            r"juridiques?)|decision (de justice|judiciaire|administrative)|court order|\bpare "
            r"feu\b|\bfirewall\b"
        ),
        any_of(
            lead(
                r"bloqu|block|refus|denied|interdi|forbid|forbidden|unavailable|indisponib|not "
                r"availa|impossible|restrict|ferme|40[13]|451"
            ),
        ),
        takes="<h1>Votre adresse IP a été bloquée</h1>",
        leaves=f"<h1>Votre adresse IP a été bloquée</h1>{ARTICLE}",
        max_running=NOTICE + 150,
    ),
    rule(
        PageKind.NETWORK_FILTER,
        "filter-product",
        text(
            r"\b(sucuri|fortigu?ard|fortigate|fortinet|stormshield|zscaler|sophos|barracuda|"
            r"websense|forcepoint|olfeo|squid|squidguard|dansguardian|mod ?security|wordfence|"
            r"imperva|akamai|cloudfront|palo alto|netskope|umbrella|untangle|smoothwall|"
            r"kaspersky|blue ?coat|artica|ucopia|alcasar|e2guardian|edgesuite|reference 18|"
            r"ninjafirewall|sonicwall|watchguard|trend micro|bitdefender|mcafee|opendns|nextdns|"
            r"content filter\w*|web filter\w*|filtrage|filtre (web|internet|parental)|proxy)\b"
        ),
        lead(r"bloqu|block|denied|refus|interdi|forbid|could not be satisfied|filtr|access"),
        takes="<h1>FortiGuard</h1><p>Web Page Blocked</p>",
        leaves=f"<h1>Le proxy, histoire d’un blocage</h1>{ARTICLE}",
        max_running=NOTICE + 150,
    ),
    rule(
        PageKind.NETWORK_FILTER,
        "policy",
        text(
            r"\b(politique|charte|policy|regles?|rules|reglement)\b.{0,60}\b(securite|reseau|usage|"
            r"internet|company|network|acces|access|security|etablissement|entreprise|acceptable)\b"
            r".{0,80}\b(interdi\w+|bloqu\w+|block\w*|refus\w+|prohibit\w*|restrict\w*)|\b(bloqu\w+|"
            r"block\w*|interdi\w+|refus\w+)\b.{0,80}\b(politique|charte|policy|administrateur|"
            r"administrator|categorie|category|service informatique|reseau|network|proviseur)\b|"
            r"\b(categorie|category)\b.{0,60}\b(bloqu\w+|interdi\w+|filtr\w+|block\w*)"
        ),
        takes="<p>La politique de sécurité de votre réseau interdit cette page.</p>",
        leaves="<p>La politique de la ville interdit la circulation des voitures.</p>",
        max_running=NOTICE,
    ),
    rule(
        PageKind.NETWORK_FILTER,
        "access-denied",
        headline(
            r"^((erreur |error )?403\b|access (to this page )?(has been )?(denied|blocked)|"
            r"(acces|page|site|contenu|requete) (web )?(bloquee?|interdite?|filtree?)|forbidden|"
            r"attention required|acces refuse|(web ?site|web ?page|page|request|site) blocked|"
            r"sorry you have been blocked|(you have|vous avez) (been|ete) (blocked|bloque\w*)|"
            r"blocked)"
        ),
        lambda page: "" if page.passwords or _LOGIN_WORDS(page) else "no login",
        takes="<title>Accès refusé</title><p>Votre requête a été rejetée.</p>",
        leaves="<title>Accès refusé</title><p>Vous devez vous identifier.</p>",
        max_running=TINY,
    ),
)

_LOGIN_RULES: Final = (
    rule(
        PageKind.LOGIN,
        "login-address",
        address(
            r"/(login|signin|sign-in|log-in|se-connecter|wp-login\.php|cas/login|authwall|oauth2?|"
            r"accounts/login|idp)(/|$|\.|\?)|[?&]page=login\b|^(login|sso|cas|idp|auth)\."
        ),
        any_of(has_password, _LOGIN_WORDS),
        takes=Sample("<p>Connectez-vous.</p>", "https://exemple.test/login?next=/a"),
        leaves=Sample("<p>Le jardin.</p>", "https://exemple.test/2015/login-culture"),
        is_sure=True,
    ),
    rule(
        PageKind.LOGIN,
        "password",
        has_password,
        lead(
            r"conne[cx]|identifi|authentifi|log ?[io]n|sign ?in|mot de passe|password|acces "
            r"(reserve|refuse|restreint)|espace (membre|adherent|personnel|client|abonne|prive)|"
            r"anmeld|protege|protected|intranet|private|session"
        ),
        has_few_links,
        lambda page: "" if page.own_chars > 700 else "short",
        takes="<h1>Connexion</h1><input type=password>",
        leaves=f"<h1>Connexion</h1>{ARTICLE}<input type=password>",
        max_running=300,
    ),
    rule(
        PageKind.LOGIN,
        "shared-with-few",
        text(
            r"\b(partagee?|shared( it)?) (qu )?(avec|with) (un |a )?(petit |small |restricted "
            r")?(groupe|group)\b|\ba (peut etre )?modifie qui (pouvait|peut|pourrait) (le|la|les) "
            r"voir\b|\bchanged who can see it\b"
        ),
        takes="<h2>Ce contenu n’est pas disponible pour le moment</h2><p>Le propriétaire a "
        "peut-être modifié qui pouvait le voir, ou l’a supprimé.</p>",
        leaves=f"{ARTICLE}<p>Il a modifié qui pouvait le voir.</p>",
        is_sure=True,
    ),
    rule(
        PageKind.LOGIN,
        "login-title",
        headline(
            r"^(connexion|se connecter|connectez vous|identifiez vous|identification|"
            r"authentification|log ?in|sign ?in|please (log|sign) ?in|authentication)( (requise?|"
            r"required|a|pour|to|au|needed|obligatoire|in)\b.*)?$|^(espace|acces|contenu|page|"
            r"section) (strictement )?(reservee?|membres?|adherents?|prive|privee)( \w+){0,4}$|"
            r"protegee? par (un )?mot de passe|service (central )?d authentification|^private "
            r"(page|site|content|blog)|^(members|adherents|membres|login|registered users) (only|"
            r"uniquement|required)|^(ce blog est|this blog is) (prive|private)|^permission "
            r"(denied|required)|anmeldung"
        ),
        takes="<title>Connexion</title>",
        leaves="<title>Connexion et territoires</title>",
        max_running=300,
    ),
    rule(
        PageKind.LOGIN,
        "login-sentence",
        text(
            r"\b(vous devez|veuillez|merci de|il faut|please|you must|you (will )?need to|sie "
            r"mussen) (d abord |vous |etre |be |first |sich )*(connect\w+|identifi\w+|"
            r"authentifi\w+|log ?in|logged in|log on|sign(ed)? in|inscrit\w*|reconnect\w+|(an|"
            r"ein)\w*loggen|register\w*)\b|\b(reservee?s?|limitee?s?|restricted|open|accessible) "
            r"(uniquement |exclusively |only |seulement |to |aux? |a )+(nos |ses |our |the |l "
            r")?(membres?|adherents?|members|inscrits|utilisateurs (inscrits|connectes|"
            r"enregistres)|personnel|agents|invite\w+|invited|registered users|equipe|comite)\b|"
            r"\b(not authorized|n etes pas autorise|n avez pas (acces|les droits|l autorisation|"
            r"la permission)|"
            r"do not have (permission|access))"
        ),
        lambda page: "" if page.links > 20 or page.summaries >= 3 or _OFFER(page) else "few links",
        takes="<p>Vous devez être connecté pour lire ce forum.</p>",
        leaves=f"{ARTICLE}<p>Vous devez être connecté pour commenter.</p>",
        max_running=TINY,
    ),
)

EXTRACT_RULES: Final[tuple[KindRule, ...]] = (
    rule(
        PageKind.PAYWALL,
        "rest-for-subscribers",
        ending(
            r"\b(article|contenu|suite|lecture)\b.{0,40}\b(est )?reservee?s? (a nos|aux) abonnes\b|"
            r"\bil vous reste \d+( \d+)? (de cet article )?a (lire|decouvrir)\b|"
            r"\b(subscribe|sign up) to (continue|keep) reading\b|\bsubscribers only\b"
        ),
        takes=f"{ARTICLE * 2}<p>Il vous reste 85 % de cet article à lire.</p>",
        leaves=f"{ARTICLE * 3}<p>Il vous reste 85 % de cet article à lire.</p>",
        max_running=3_000,
    ),
    rule(
        PageKind.PAYWALL,
        "offers",
        address(
            r"/(abonnements?|subscribe|subscription|s-?abonner|offres?|abonnez-vous|abo|checkout|"
            r"paywall|plans|pricing|member(ship)?)([/?.]|$)|^(abo|abonnement|boutique|subscribe)\."
        ),
        text(r"\b(abonn\w+|subscri\w+|formules?|offres?|per month|par mois|mois)\b"),
        takes=Sample(
            "<h1>Choisissez</h1><p>Abonnez-vous</p>", "https://exemple.test/abonnement?a=1"
        ),
        leaves=Sample("<p>Le jardin.</p>", "https://exemple.test/abonnement/jardin"),
        max_running=700,
    ),
    rule(
        PageKind.PAYWALL,
        "extract-and-offer",
        text(
            r"\b(article|contenu|suite|lecture|texte|dossier|reportage|enquete|acces|numero|"
            r"page)s?\b.{0,60}\b(est |sont )?(accessibles? |exclusivement |uniquement |seulement "
            r")*(reservee?s?|accessibles?|disponibles?)( \w+){0,2} (a nos |aux |a l |a la |pour "
            r"(les |nos )?)(\w+ )?(abonn\w+|membres|lecteurs abonnes|adherents|souscripteurs|"
            r"soutien)|\bil (vous )?reste (\w+ )?\d+( \d+)? .{0,30}a (lire|decouvrir)|"
            r"\b(subscribe|sign up|register|log in|create an account|join|become a member) (now |"
            r"today )?(to|and) (continue|keep|read|unlock|finish|get|access)|\bcreate an account "
            r"to read|\bmembers? only (story|content|article)|\bsubscribers? only|\b(for|to) "
            r"(paid )?subscribers\b|\bthis (post|article|story|content) is for\b|\b(lire|"
            r"consulter|decouvrir|acceder a) (la suite|l integralite|la totalite|l article "
            r"complet)|\bpour (lire|poursuivre|continuer|acceder|debloquer)\b.{0,60}\b(abonn\w+|"
            r"compte|article|lecture|offre)|\b(acheter|achat|purchase|buy|rent|louer) (cet |l |"
            r"this |ce |the |le |seul )*(article|numero|pdf|chapter|access|chapitre|ebook)|\bget "
            r"(full|instant) (text )?access|\bfull (text )?access\b|\baccess (through|options|"
            r"this article)|\bdeja abonn|\balready (a )?(subscri|member)|\barticle (reserve|"
            r"abonne|payant|premium)|\b(essai|trial) (gratuit|offert)|\bbarriere mobile|\byou "
            r"(have|ve) (reached|read) (your|all)|\bfree articles|\bje m abonne\b|\b(premium|"
            r"abonne) (article|content|exclusif)|\bweiterlesen mit|\bunlock (this|the|full)|"
            r"\b(le|the) reste (de|of) (cet|this|l) ?(article|texte)?"
        ),
        lambda page: "" if page.own_chars > 1_600 or page.entries >= 5 else "an extract",
        takes="<p>Il vous reste 85 % de cet article à lire.</p>",
        leaves=f"<h1>Les murs payants</h1><p>Déjà abonné ?</p>{ARTICLE}",
        max_running=600,
    ),
    rule(
        PageKind.PAYWALL,
        "declared",
        markup(r"[\"']isaccessibleforfree[\"']\s*:\s*[\"']?(https?://schema\.org/)?false"),
        takes=f'<script>{{"isAccessibleForFree": "False"}}</script>{ARTICLE}',
        leaves=f'<script>{{"isAccessibleForFree": "True"}}</script>{ARTICLE}',
        max_running=2_500,
    ),
    rule(
        PageKind.PAYWALL,
        "paywall-class",
        markup(
            r"class=[\"'][^\"'>]*(?<![\w-])(paywall|locked|premium-content|article-restricted|"
            r"reserve-abonne|subscriber-only)(?![\w-])"
        ),
        text(r"\b(abonn\w+|subscri\w+|membres?|members?|offres?|compte|account|acheter|buy)\b"),
        takes='<div class="paywall">Abonnez-vous</div>',
        leaves='<div class="paywall-free">Abonnez-vous</div>',
        max_running=2_000,
    ),
)

GATE_RULES: Final[tuple[KindRule, ...]] = (
    *_ROBOT_RULES,
    *_CONSENT_RULES,
    *_FILTER_RULES,
    *_LOGIN_RULES,
)
