"""Gates before a page: captchas, logins, consent, maintenance, paywalls; an example each."""

from typing import Final

from indexer.links.rule import ANY_LENGTH, TINY_CHARS, Where, rule
from indexer.model import Signal

GATE_RULES: Final = (
    # --- are you a robot? ---
    rule(
        Signal.CAPTCHA,
        Where.HEADLINE,
        r"^(just a moment|un instant\W*$|attention required|access denied|accès refusé|"
        r"one more step|veuillez patienter|bot verification|checking your browser|"
        r"pardon our interruption|are you a robot|êtes-vous un robot|security check|"
        r"contrôle de sécurité|vérification (de sécurité|en cours)|ddos.guard|robot check|"
        r"human verification|request unsuccessful|(erreur |error )?403\b|forbidden|accès interdit)",
        "Un instant…",
    ),
    rule(
        Signal.CAPTCHA,
        Where.TEXT,
        r"\b(pas|not) (être )?(un|a) robot\b|\b(checking|verifying) (your browser|you are human)|"
        r"\bverify (that )?you are (a )?human|\bêtes-vous (bien )?(un )?humain|"
        r"\b(vous avez été bloqué|you have been blocked)\b|"
        r"\bvous êtes (bien )?(un )?humain|\bunusual traffic\b|\btrafic inhabituel\b|"
        r"\bsaisi\w* les caractères\b|\b(complete|résol\w+|remplir) (the |le |un )?captcha\b",
        "Merci de confirmer que vous n’êtes pas un robot.",
        TINY_CHARS,
    ),
    rule(
        Signal.CAPTCHA,
        Where.MARKUP,
        r"cf-chl|cdn-cgi/challenge-platform|captcha-delivery\.com|_incapsula_resource|"
        r"px-captcha|hcaptcha\.com|recaptcha/api|class=.{0,2}g-recaptcha|turnstile/v0",
        '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate"></script>',
        TINY_CHARS,
    ),
    # --- who are you? ---
    rule(
        Signal.LOGIN_WALL,
        Where.PATH,
        r"/(login|signin|sign-in|log-in|connexion|se-connecter|identification|wp-login\.php|"
        r"cas/login|authwall|sso|oauth2?|accounts/login|idp/)(/|$|\.|\?)",
        "/connexion?retour=%2Farticle",
    ),
    rule(
        Signal.LOGIN_WALL,
        Where.HEADLINE,
        r"^(connexion|se connecter|connectez-vous|identifiez-vous|identification|authentification|"
        r"log ?in|sign ?in|please (log|sign) ?in)\s*($|[|–—:·-]|à\b|pour\b|to\b|requise?|required)|"
        r"^(espace|accès|contenu) (réservé|membres?|abonnés?|adhérents?)\b|"
        r"\bprotégée? par (un )?mot de passe\b|\bservice (central )?d.authentification\b",
        "Connectez-vous pour continuer",
        TINY_CHARS,
    ),
    # --- what do you accept? ---
    rule(
        Signal.CONSENT_WALL,
        Where.HOST,
        r"^(consent|guce|cmp|choices|privacy-?gate)\.",
        "consent.exemple.test",
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.PATH,
        r"/(consent|consentement|cookie-?wall|gdpr|rgpd)(/|$|\?)",
        "/consentement?retour=%2F",
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.TEXT,
        r"\b(continuer|poursuivre|accéder|accédez|lire)\b.{0,160}\b(accept\w+|consent\w+)\b"
        r".{0,160}\b(cookies|traceurs)|"
        r"\b(accept\w+|consent\w+)\b.{0,160}\b(cookies|traceurs)\b.{0,160}\b(abonn\w+|continuer|accéder)|"
        r"\bbefore you continue\b.{0,300}\bcookies\b",
        "Pour continuer votre lecture, acceptez les cookies ou abonnez-vous.",
        TINY_CHARS,
    ),
    rule(
        Signal.CONSENT_WALL,
        Where.HEADLINE,
        r"^(avant (de continuer|d.accéder)|before you continue|vos choix (concernant|en matière)|"
        r"nous respectons votre vie privée|we value your privacy|votre vie privée|"
        r"gestion des cookies|cookie consent|your privacy choices)",
        "Nous respectons votre vie privée",
        TINY_CHARS,
    ),
    # --- come back later ---
    rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"\b(site|service|serveur)\b.{0,30}\ben maintenance\b|^(maintenance|en maintenance|"
        r"under maintenance|scheduled maintenance|maintenance mode|mode maintenance)\b",
        "Site en maintenance",
    ),
    rule(
        Signal.MAINTENANCE,
        Where.TEXT,
        r"\b(briefly|temporarily) unavailable\b|\b(site|service)\b.{0,60}\ben maintenance\b|"
        r"\b(nous (serons|sommes) )?(bientôt )?de retour (bientôt|dans quelques)\b|"
        r"\b(momentanément|temporairement) (indisponible|inaccessible|interrompu|fermé)\b|"
        r"\bdown for maintenance\b|\bback (soon|shortly)\b|\bbe right back\b|"
        r"\bnous revenons\b|\bsite (web )?indisponible\b",
        "Briefly unavailable for scheduled maintenance. Check back in a minute.",
        TINY_CHARS,
    ),
    rule(
        Signal.MAINTENANCE,
        Where.HEADLINE,
        r"^((erreur|error|http) )?5\d\d\b|\binternal server error\b|\bbad gateway\b|"
        r"\bservice (temporarily )?unavailable\b|\bservice (temporairement )?indisponible\b|"
        r"\bdatabase (connection )?error\b|\berror establishing a database connection\b|"
        r"^erreur (interne|de base de données|lors de la connexion|de connexion à la base)|"
        r"^fatal error",
        "Erreur 500 – erreur interne du serveur",
    ),
    # --- half an article ---
    rule(
        Signal.PAYWALL,
        Where.MARKUP,
        r"\"isaccessibleforfree\"\s*:\s*\"?false",
        '{"@type": "NewsArticle", "isAccessibleForFree": false}',
        ANY_LENGTH,
    ),
    rule(
        Signal.PAYWALL,
        Where.TEXT,
        r"\b(article|contenu|suite|lecture)\b.{0,40}\b(est )?réservée?s? (à nos|aux) abonnés|"
        r"\bil vous reste [\d,]+\s?% (de cet article )?à (lire|découvrir)|"
        r"\b(subscribe|sign up) to (continue|keep) reading\b|\bsubscribers only\b",
        "Il vous reste 85 % de cet article à lire. La suite est réservée aux abonnés.",
        4_000,
    ),
)
