"""The rules for what a server, a host or a site shows in place of a page, each with samples.

Words are looked for as in `gates`.
"""

from typing import Final

from indexer.model import PageKind
from indexer.pagekind.gates import ARTICLE
from indexer.pagekind.kinds import KindRule, Sample, rule
from indexer.pagekind.signs import (
    LONG_NOTICE,
    NOTICE,
    TINY,
    address,
    any_of,
    asks_for_script,
    bears_host_name,
    has_few_links,
    has_little_text,
    headline,
    is_empty_shell,
    lead,
    markup,
    names_host,
    noscript,
    says_nothing_is_there,
    text,
)
from indexer.pagekind.wording import hints_at_error

_NOTHING: Final = (
    r"\b(page|article|document|contenu|billet|fiche|notice|ressource|adresse|url|lien|fichier|"
    r"sujet|discussion|message|annonce|offre|blog|site|topic|thread|post|story|item|record|link|"
    r"file|book|seite|pagina|forum|album|photo|video|profil|compte|utilisateur|dossier|capture|"
    r"copie|version|recette|evenement|rubrique|produit|publication|texte|numero|ouvrage|"
    r"depeche)e?s?\b"
)

SERVER_RULES: Final[tuple[KindRule, ...]] = (
    rule(
        PageKind.SERVER_ERROR,
        "dump",
        text(
            r"\bfatal error\b|\buncaught (\w+ )?(error|exception)|\bstack ?trace\b|\bsqlstate\b|"
            r"\berreur sql\b|\bsql (syntax|error|select)|\byou have an error in your sql|"
            r"\bmysqli? ?(\w+ )?(connect|error|query|server has gone)|\bcall to undefined|"
            r"\bparse error syntax|\bon line \d+|\bis marked as crashed|\btable .{1,60} doesn t "
            r"exist|\bcritical error on (this|your|the) (web ?)?site|\berreur critique sur (ce|"
            r"votre) site|\btraceback most recent|\bunhandled exception|\bjava lang|"
            r"\bnullpointer|\bjdatabase|\bodbc\b|\bno space left on|\btoo many connections|"
            r"\bguru meditation|\bmemory size of|\bnoclassdeffound|\berreur d execution|\bserver "
            r"error in application|\bruntime error|\bapplication error\b|\bunexpected error (was|"
            r"has) |\bservlet|\bpg (connect|query)|\bexception (report|details|occurred)|\bdoes "
            r"not support sqlite|\bapplication server error|\berreur mysql|\bmaximum execution "
            r"time|\bdatabase error\b"
        ),
        has_few_links,
        takes="<p>Fatal error: Uncaught Error: Call to undefined function get_field()</p>",
        leaves=f"<p>Warning: foo() on line 12</p>{ARTICLE}",
        max_running=NOTICE,
    ),
    rule(
        PageKind.SERVER_ERROR,
        "error-5xx",
        headline(
            r"^(\S+ )*((erreur|error|http|code) )+5\d\d\b|^5\d\d\b|\b5\d\d( error)?$|\binternal "
            r"server error\b|\bbad gateway\b|\bgateway time ?out\b|\bservice (temporarily "
            r")?unavailable\b|\berreur (interne|critique|fatale|systeme|serveur|technique)\b|"
            r"^erreur s dans le squelette|\b(erreur|error) .{0,30}(base de donnees|database)|"
            r"\bdatabase (connection )?error\b|^fatal error|\b(connection|origin) timed out\b|"
            r"\bsomething went wrong\b|\bune erreur (s est produite|est survenue|inattendue)|"
            r"\bweb server is (down|returning)|^application error|^server error|^serveur? "
            r"(indisponible|sature)|^runtime error|^erreur de connexion|^proxy error|^erreur "
            r"(php|sql|mysql)|\b5\d\d (error|connection|service|internal|bad|gateway|web)|no "
            r"server is available|error establishing|probleme technique (du |de |avec "
            r")?(squelette|base)?|^guru meditation|an error occurred"
        ),
        lambda page: "" if hints_at_error(page.title) and "50" not in page.title else "a fault",
        takes="<title>Erreur 500 – erreur interne du serveur</title>",
        leaves="<title>La bataille de 1500</title>",
        max_running=NOTICE,
    ),
    rule(
        PageKind.SERVER_ERROR,
        "fault-sentence",
        text(
            r"\bserver (encountered|is (currently )?unable|has encountered)|\berreur critique\b|"
            r"\b(une|an) (erreur|error) (\w+ )?(s est produite|est survenue|has occurred|"
            r"occurred)|\bun probleme technique est survenu|\bimpossible de (se connecter|"
            r"joindre) (a |au |la )*(base|serveur)|\bcould not connect to (the )?(database|"
            r"server)|\bthe (origin|upstream) |\b(is|n est) (not |pas )?(able|capable|en mesure) "
            r"(to |de )(handle|traiter)|\bdemande n a pu aboutir|\bupstream connect"
        ),
        has_few_links,
        takes="<p>Il y a eu une erreur critique sur ce site.</p>",
        leaves=f"<p>Il y a eu une erreur critique sur ce site.</p>{ARTICLE}",
        max_running=TINY,
    ),
)

_DOMAIN_RULES: Final = (
    rule(
        PageKind.FOR_SALE,
        "sale-sentence",
        lead(
            r"\b(domaine?|domain name|nom|name|site|adresse|domains)\b.{0,70}\b(a vendre|en "
            r"vente|mise? en vente|for sale|zum verkauf|zu verkaufen|a saisir|aux encheres|for "
            r"purchase|in vendita|en venta|te koop|available to buy)\b|\b(buy|acheter|achetez|"
            r"purchase|acquerir) (this |ce |le |the )?(domaine?|nom de domaine|\w+ \w{2,4}$)|^(a "
            r"vendre|for sale)\b.{0,60}\w \w{2,}|\b(domain|domaine)\b.{0,60}\b(kaufen|erwerben)|"
            r"\b\w+ \w{2,7} (est|is) .{0,12}(a vendre|en vente|for sale)\b|\bmake (an )?offer\b|"
            r"\bfaire une offre\b|\bencheres?\b|\byour bid\b|\bminimum (offer|bid)\b|\boffre "
            r"minimale\b"
        ),
        any_of(
            names_host,
            lead(
                r"\b\w+ (fr|com|net|org|eu|info|be|ch|de|io) (est|is) .{0,12}(a vendre|en vente|"
                r"for sale)|^(buy|acheter|achetez) \w+ (fr|com|net|org|eu|info|be|ch|de|io)$"
            ),
            text(r"\b(domaine?|domain name|nom de domaine)\b"),
        ),
        has_few_links,
        lambda page: "" if page.own_chars > 1_100 else "short",
        takes="<h1>Le nom de domaine est à vendre</h1>",
        leaves=f"<h1>Ce domaine est à vendre</h1>{ARTICLE}",
    ),
    rule(
        PageKind.FOR_SALE,
        "marketplace",
        address(
            r"^(www\.)?(sedo|hugedomains|dan|afternic|undeveloped|uniregistry|domainmarket|"
            r"buydomains|atom|brandbucket|efty)\.com\b"
        ),
        takes=Sample("<p>Lignac</p>", "https://www.hugedomains.com/domain_profile.cfm?d=x"),
        leaves=Sample("<p>Lignac</p>", "https://dan.exemple.test/"),
        is_sure=True,
    ),
    rule(
        PageKind.PARKED,
        "parking-address",
        address(
            r"^(www\.|\w+\.)?(sedoparking|bodis|parkingcrew|above|parklogic|smartname)\.(com|net)\b"
        ),
        takes=Sample("<p>Liens</p>", "https://www.parkingcrew.net/"),
        leaves=Sample("<p>Liens</p>", "https://exemple.test/parkingcrew"),
        max_running=10**7,
        is_sure=True,
    ),
    rule(
        PageKind.PARKED,
        "parked-sentence",
        any_of(
            lead(
                r"\bparked\b.{0,30}\b(free|domain|page|by|courtesy|at)\b|\b(domaine?|page|"
                r"site)\b.{0,40}\bparked\b|\bdomain parking\b|\bdomaine?( name)?\b.{0,70}\b(a "
                r"(bien )?ete (reserve|enregistre|cree|depose|achete)\w*|vient d etre \w+|"
                r"est (reserve|enregistre|"
                r"depose|en attente|parque|gare|gere)\w*|(is|has been|was|wurde|ist) (registered|"
                r"reserved|registriert|reserviert)|n est (rattache|associe|relie|lie|configure|"
                r"utilise))|\b(domaine?) (reserve|enregistre|depose|registered|achete)e? (chez|"
                r"par|at|with|via|aupres|avec|sur|by)\b|\b(registered (at|with)) \w+|\bdomaine?( "
                r"name)?\b.{0,60}\b(a|est|has|is) (expire\w*|expired?)\b|\bdomaine?( name)? "
                r"(expire|suspended|expired)\b|\bn est (actuellement )?(rattache|associe|"
                r"relie)\b|\bdomaine?\b.{0,60}\best (disponible|libre)\b|\bn est plus actif"
            ),
            noscript(r"domain parking|related searches"),
        ),
        any_of(
            text(
                r"\b(nom de domaine|ce domaine|votre domaine|(this|your) domain|domain (name|"
                r"parking|has|is)|domaine? (reserve|enregistre|registered|expir\w+|parque|"
                r"suspended)\w*|avec succes|is( currently)? parked|parked (for )?free)\b"
            ),
            names_host,
            noscript(r"domain parking"),
        ),
        has_few_links,
        lambda page: "" if page.own_chars > 1_100 else "short",
        takes="<p>Ce nom de domaine a été réservé chez un bureau d’enregistrement.</p>",
        leaves="<p>Le domaine skiable est enregistré au cadastre.</p>",
    ),
    rule(
        PageKind.PARKED,
        "keyword-links",
        any_of(
            text(
                r"\b(recherches|liens|related|sponsored|annonces|popular) (associee?s|sponsorises|"
                r"searches|links|connexes|listings|commerciaux|categories|topics)\b|\bconcernant\b"
            ),
            headline(r"(ressources et informations|resources and information|informationen zum)"),
        ),
        any_of(
            bears_host_name,
            lambda page: "domain" if "domain" in page.lower_markup else "",
        ),
        lambda page: "" if page.own_chars > 600 or page.summaries >= 3 else "short",
        takes="<h1>exemple.test</h1><h2>Recherches associées</h2><p>Crédit</p>",
        leaves=f"<h1>Le jardin</h1>{ARTICLE}<h2>Recherches associées</h2>",
        max_running=TINY,
    ),
    rule(
        PageKind.PARKED,
        "parking-script",
        markup(
            r"window\.park\b|parkingpage|parkingcrew|sedoparking|bodis\.com|data-adblockkey|"
            r"parklogic|singledomainname|/parking/|caf\.js|domainpark|park-page|hostingpage"
        ),
        has_little_text,
        takes='<script>window.park = "e30";</script>',
        leaves=f'{ARTICLE}<script src="/parking/plan.js"></script>',
    ),
)

_SAYS_TO_BE_BACK: Final = lead(
    r"\bmaintenance\b|\b(revenez|repassez|revenons|de retour|rouvr\w+|back (soon|shortly|online))\b"
)

_HOST_RULES: Final = (
    rule(
        PageKind.SUSPENDED,
        "suspended",
        any_of(
            lead(
                r"\b(compte|site|hebergement|account|web ?site|blog|page|service|espace|forum|"
                r"webspace)s?\b.{0,50}\b(suspendue?|desactivee?|suspended|disabled|deactivated|"
                r"taken offline|clos|cloture|bloquee?|gele|terminated|resilie|gesperrt)\b"
            ),
            text(
                r"\b(coupe|ferme|suspendu|suspended|disabled|desactive|bloque) (this |ce |le |l |"
                r"the |ete |par |by )*(compte|account|site|hebergeur|host\w*|blog)\b|\b(suspendu|"
                r"suspended|archive) (pour|for|ou) (non|violation|suspendu|impaye|breach)"
            ),
        ),
        has_few_links,
        lambda page: "" if page.passwords else "no login",
        takes="<h1>Ce compte a été suspendu</h1>",
        leaves=f"<h1>Votre compte a été suspendu</h1>{ARTICLE}",
    ),
    rule(
        PageKind.PLACEHOLDER,
        "default-page",
        lead(
            r"\bapache2? .{0,30}(default|test) page|\bwelcome to (nginx|openresty|centos|caddy|"
            r"lighttpd|tengine|your new|wordpress)|\biis ?(windows|\d)|\bit works\b|\btest page "
            r"for|\bdefault (web ?site|web|server|page|welcome|virtual host|plesk|parallels)( "
            r"\w+)? ?page|\bdefault (web ?site )?page\b|\bpage par defaut|\bsuccessfully "
            r"(installed|set up)|\bapache tomcat|\bfelicitations .{0,60}(installe|active?|actif|"
            r"cree)\b|\baffichee? par defaut|\bplesk\b|\bcpanel\b|\bsite par defaut|\bphpinfo|"
            r"\bsample page\b|\bthis is an example page|\bpage d exemple|\bhello "
            r"world\b|\bbonjour tout le monde\b|\blorem ipsum|\bweb server .{0,40}working|"
            r"^index (of|de)( |$)|\bexample domain\b|\bserveur .{0,40}fonctionne\b|\bstandardseite"
        ),
        any_of(
            text(
                r"\b(serv(eu)?r|serveur|install\w*|hosting|hebergement|html|fichiers?|files?|"
                r"dashboard|administrator|software|lorem ipsum|wordpress|tableau de bord|web "
                r"server|php|plesk|cpanel|it works|contenu|docroot|illustrative examples)\b"
            ),
            has_little_text,
        ),
        takes="<title>Apache2 Debian Default Page: It works</title><p>Server.</p>",
        leaves=f"<title>It works: essai</title>{ARTICLE * 2}",
        max_running=LONG_NOTICE,
    ),
    rule(
        PageKind.PLACEHOLDER,
        "construction",
        lead(
            r"\b(en|under) (cours de )?(construction|travaux)\b|\bcoming soon\b|\bopening soon$|"
            r"\bbientot (en ligne|disponible)|\b(prochainement|a venir)$|\bfuture home of\b|"
            r"\bbienvenue sur votre (nouvel? )?(hebergement|site)|\b(votre|your) (site|domaine|"
            r"hebergement|web ?site|hosting)\b.{0,30}\b(est|is|a ete|has been)( bien| now| "
            r"maintenant)? (installe|active|actif|cree|configure|ready|pret|live)|\baucun "
            r"contenu\b.{0,60}\bete (cree|publie|mis)|\bno (front page )?content has been "
            r"(created|published)|\b(le|notre|our|mon|ce|nouveau|new) (nouveau |new )?(site|web "
            r"?site|blog)\b.{0,50}\b(arrive|en preparation|on its way|launching|sera bientot|"
            r"ouvrira|en chantier|soon|verra le jour|se prepare)|\bhere (soon|shortly)|\bim "
            r"aufbau\b|\ba (new|nouveau) (site|web ?site) is\b|\blaunching soon|\bsite web en "
            r"preparation|\bsomething (new|great|lovely|big) is"
        ),
        has_few_links,
        # A site that says to be back was there before.
        lambda page: "" if _SAYS_TO_BE_BACK(page) else "new",
        takes="<h1>Site en construction</h1>",
        leaves=f"<h1>Un pont en construction</h1>{ARTICLE}",
        max_running=TINY,
    ),
)

_MISSING_RULES: Final = (
    rule(
        PageKind.MAINTENANCE,
        "maintenance-title",
        headline(
            r"^(site |page |mode |en |planned |scheduled |under |service |website |server |"
            r"operation de )*maintenance( (en cours|mode|page|programmee|du site|planifiee|"
            r"technique|break|work|in progress|underway|window|notice|de \w+))*$|\ben (cours de "
            r")?maintenance\b|\bmaintenance en cours\b|\b(momentanement|temporairement|"
            r"provisoirement) (indisponible|inaccessible|interrompue?|fermee?|suspendue?|"
            r"arretee?|hors)|\b(temporarily|currently|briefly) (unavailable|offline|down|"
            r"closed)\b|\bbe (right )?back\b|\bback (soon|shortly|online)\b|\b(de retour|"
            r"revenons|reviendra|rouvre\w*|reouverture) (bientot|dans|tres|vite|le|a)\b|^nous "
            r"revenons|^(site|portail|service|serveur|catalogue|plateforme|application)( web)? "
            r"(en ligne )?(indisponible|interrompue?|ferme|hors (ligne|service))|\bdown for "
            r"maintenance|\bmise a jour (en cours|du (site|serveur))|"
            r"^interruption d\w+ (nos )?services?\b|^(site|we are|we re|"
            r"website) (off ?line|down)|\bfait peau neuve\b|\bpause technique|\bservice "
            r"interrompu\b|\barrete chaque\b|^wartung|\bwartungs(arbeiten|modus)|\bscheduled "
            r"(downtime|outage)|\bmigration en cours|\bsauvegarde en cours|\bunavailable for "
            r"(scheduled|planned)|^operation technique"
        ),
        takes="<title>Site en maintenance</title>",
        leaves="<title>La maintenance des communs</title>",
        max_running=NOTICE,
    ),
    rule(
        PageKind.MAINTENANCE,
        "long-maintenance",
        headline(
            r"maintenance|indisponible|interrompu|peau neuve|ferme|unavailable|migration|travaux|"
            r"off ?line|back soon|technique|pause|arret"
        ),
        text(
            r"\b(notre|le|ce|our|the|this) (site|portail|service|catalogue|serveur|web ?site|"
            r"forum|blog)s?\b.{0,80}\b(est|sera|is|are|will be|sont|etait|was) (\w+ "
            r")?(indisponible|inaccessible|ferme|unavailable|off ?line|down|en maintenance|"
            r"interrompu|arrete|closed|suspendu)"
        ),
        text(
            r"\b(excus\w+|patience|gene occasionnee|inconvenience|de retour|back|retabli\w*|"
            r"rouvri\w+|reprise|rendez vous|apologi[sz]e|sorry|thank you for)\b"
        ),
        takes="<h1>Le site fait peau neuve</h1><p>Notre site est indisponible. Patience.</p>",
        leaves="<h1>Le site fait peau neuve</h1><p>Notre site est plus clair, et plus vif.</p>",
        max_running=LONG_NOTICE,
    ),
    rule(
        PageKind.MAINTENANCE,
        "maintenance-sentence",
        text(
            r"\b(site|service|portail|serveur|catalogue|plateforme|application|blog|forum|page|"
            r"galerie|system|server|web ?site|we|nous|base)s?\b.{0,80}\b(en (cours de "
            r")?maintenance|(momentanement|temporairement|provisoirement|actuellement) (en "
            r"maintenance|indisponible\w*|inaccessible\w*|interrompue?s?|fermee?s?|suspendue?s?)|"
            r"(temporarily|currently|briefly) (unavailable|off ?line|down|closed)|(down|off "
            r"?line|unavailable) for|(some|scheduled|planned|routine|undergoing) maintenance|mis "
            r"a jour|mise a jour)\b|\bbriefly unavailable\b|\b(sera|seront|is|will be) (de "
            r"nouveau |a nouveau |bientot )?(retabli\w*|de retour|back|accessible\w*|"
            r"disponible\w*|online)\b|\bwe ll be back\b|\bretablissement\b.{0,30}\bprevu|"
            r"\b(intervention|operation) (technique )?(est )?en cours\b|\bmaintenance downtime\b|"
            r"\brevenez (dans|plus tard|bientot)|\bcheck back\b|\brepassez (plus tard|dans|"
            r"bientot)|\bhors ligne\b|\btravaux de maintenance\b"
        ),
        has_few_links,
        takes="<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p>",
        leaves=f"<p>Le site est en maintenance.</p>{ARTICLE}",
        max_running=TINY,
    ),
    rule(
        PageKind.SEARCH_RESULTS,
        "search-address",
        address(
            r"[?&](s|q|query|search|searchword|recherche|lookfor|keywords?|mots?|terme|k|kw|find|"
            r"search_query|suche|rech)=|/(search|recherche|rechercher|suche|chercher|resultats|"
            r"results)([/?.]|$)|page=recherche|action=search"
        ),
        lead(
            r"\b(resultats?|results?|recherche|rechercher|search|suche|hits|correspond\w*|match\w*|"
            r"\d+ (notices|documents|references|items)|"
            r"cherchez|trouve\w*|found|no results|ergebnisse)\b"
        ),
        takes=Sample("<h1>Résultats</h1>", "https://exemple.test/?s=jardin"),
        leaves=Sample("<h1>Résultats</h1>", "https://exemple.test/2015/resultats-de-l-annee"),
        max_running=600,
        is_sure=True,
    ),
    rule(
        PageKind.SEARCH_RESULTS,
        "search-title",
        headline(
            r"^(resultats? (de (la|votre) recherche|de recherche|pour |de votre)|search results?|"
            r"results? for|recherche( sur \w+)?$|rechercher$|recherche (pour|de|avancee)\b|search$|"
            r"votre recherche|\d+ (resultats?|results?) (pour|de recherche|for)|you searched for|"
            r"vous avez (cherche|recherche)|suchergebnis\w*|search for\b)"
        ),
        takes="<h1>Résultats de recherche pour « jardin »</h1>",
        leaves="<h1>Recherche-action en banlieue</h1>",
        max_running=300,
        is_sure=True,
    ),
    rule(
        PageKind.SOFT_404,
        "says-not-found",
        says_nothing_is_there,
        takes="<title>Page introuvable – Ville de Lignac</title>",
        leaves="<title>Erreur 404 : quand la ville disparaît</title>",
        max_running=NOTICE,
    ),
    rule(
        PageKind.SOFT_404,
        "not-found-sentence",
        text(
            r"\b(page|article|document|contenu|billet|fiche|ressource|adresse|url|lien|fichier|"
            r"sujet|blog|site|topic|thread|post|story|item|record|link|file|page)s?( \w+){0,3} "
            r"(que |qu |where |that |you |vous |on )+(avez |are |were |re |have )*(cherch|"
            r"recherch|demand|souhait|essay|voul|looking|request|tri|follow|suiv|appel|"
            r"want)\w*\b.{0,120}\b(n existe|n est plus|n a pas|n a pu|introuvable|doesn t|does "
            r"not|could not|couldn t|can t|cannot|isn t|is not|no longer|may have|might have|has "
            r"been|a ete|a peut etre|a disparu|est peut etre|a du etre|is missing|"
            r"not be found|a change|n "
            r"y est|supprim)|\b(requested|demandee?)\b.{0,60}\b(not found|introuvable|n existe|"
            r"not exist|n a pas ete|was not|could not|cannot|is not)|\b(il n y a|there is|there "
            r"s) (pour l instant |currently |actuellement )?(aucun\w*|no|pas de|nothing|"
            r"rien)\b.{0,30}\b(texte|text|page|article|a cette|at this|here|ici|sur cette)|"
            r"\b(a|ont) du etre (supprim|retir|depubli|deplac)|"
            r"\baucun\w* (page|article|document|contenu|copie|resultat|billet|fiche|notice|"
            r"capture|version|texte)s?\b|\b(n existe (pas|plus)|introuvable|not found|no longer "
            r"(exists?|available)|does not exist|doesn t exist|a ete (supprime|retire|deplace|"
            r"depublie|efface)e?s?|n est plus (disponible|en ligne|accessible|ici|la)|(has|have) "
            r"been (removed|deleted|moved|withdrawn|archived|retired)|existiert nicht|nicht "
            r"gefunden|wurde geloscht|no existe|no se encuentra|rien (ne correspond|n a ete "
            r"trouve|a cette adresse)|ne correspond a aucun\w*)"
        ),
        lambda page: "" if page.own_chars > 700 else "short",
        any_of(
            lead(
                r"\b(40[34]|410|erreur|error|oups|oops|desole|sorry|introuvable|not found|"
                r"perdue?|lost|n existe|exist|supprime\w*|retire\w*|disparu\w*|removed|deleted|"
                r"gone|aucune?|rien|nothing|no longer|n est plus|indisponible|unavailable|helas|"
                r"manquante?|missing|nicht|no existe|closed|ferme\w*|withdrawn|moved|deplace\w*|"
                r"archive\w*)\b"
            ),
        ),
        takes="<h1>Oups</h1><p>La page que vous cherchez n’existe plus à cette adresse.</p>",
        leaves=f"<h1>Oups</h1><p>La page que vous cherchez n’existe plus.</p>{ARTICLE}",
        max_running=300,
    ),
    rule(
        PageKind.SOFT_404,
        "error-title",
        headline(
            r"^(erreur |error |http |status |code )*(404|410)( |$)|\b(404|410)$|\bnot found\b|"
            r"\bintrouvables?\b|\bnon trouvee?\b|\bn existe (pas|plus)\b|\bdoes(n t| not) exist|"
            r"\bgone$|"
            + _NOTHING
            + (
                r" (supprimee?|retiree?|inexistante?|removed|deleted|depubliee?|perdue?|"
                r"manquante?|inconnue?)\b|\b(ete|est) (supprimee?|retiree?|deplacee?|"
                r"depubliee?)\b|\bno longer (available|exists?|online)\b|\bn est plus "
                r"(disponible|en ligne|la)\b|\bwe can t find\b|\bcan t be found\b|^aucune? \w+$"
            )
        ),
        lambda page: "" if page.own_chars > 600 else "short",
        takes="<h1>404 – la page s’est fait la malle</h1>",
        leaves=f"<h1>404 : une histoire</h1>{ARTICLE}",
        max_running=300,
    ),
)

EMPTY_RULES: Final[tuple[KindRule, ...]] = (
    rule(
        PageKind.SCRIPT_SHELL,
        "empty-shell",
        is_empty_shell,
        takes='<div id="root"></div><script src="/a.js"></script>',
        leaves=f'<div id="root">{ARTICLE}</div><script src="/a.js"></script>',
        max_running=TINY,
    ),
    rule(
        PageKind.SCRIPT_SHELL,
        "asks-for-script",
        asks_for_script,
        takes="<noscript>Activez JavaScript dans votre navigateur.</noscript>",
        leaves=f"<noscript>Activez JavaScript.</noscript>{ARTICLE}",
        max_running=TINY,
    ),
    rule(
        PageKind.NO_TEXT,
        "no-word",
        lambda page: "" if page.visible.strip() else "nothing",
        takes="<body><img src=a.png></body>",
        leaves="<body><p>Bonjour.</p></body>",
        max_running=0,
    ),
)

NOTICE_RULES: Final[tuple[KindRule, ...]] = (*_DOMAIN_RULES, *_HOST_RULES, *_MISSING_RULES)
