"""Read the settings once: built-in values, then `renvois.toml`, then `RENVOIS_*`.

A setting nobody documented is a failing test (docs/settings.md). Rooms below take plain
arguments; only the command and the web ever see a `Settings`.
"""

import difflib
import re
import tomllib
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from indexer import __version__
from indexer.disk import explain
from indexer.errors import SettingsError, WrongValueError
from indexer.messages import DEFAULT_LANGUAGE, LANGUAGES, Message, message
from indexer.model import NOTE_KINDS, ReadingRules, WholeTexts
from indexer.postgresql import ServerAddress
from indexer.urls import redact_url

PREFIX: Final = "RENVOIS_"
FILE_NAME: Final = "renvois.toml"
ENVIRONMENT: Final = "env:"  # before the name of a variable that holds the value of a header
# What meaning may be used for (`indexer.engines.nearness.Use`).
USES: Final = ("order", "passages")
# Which pages a browser captures: those that scripts write, all, none.
CAPTURES: Final = ("auto", "always", "never")
# What people may be told of (`indexer.notify.NoticeKind`).
NOTICES: Final = ("death", "resurrection", "drift", "failure")
# The pages stand under the path of this address, which is written into them as it is.
_SITE_ADDRESS: Final = re.compile(r"https?://[^/?#@\s]+(/[A-Za-z0-9._~-]+)*/?")
_ENVIRONMENT: Final = message("error.setting.environment")
_FILE_VARIABLE: Final = PREFIX + "CONFIG"  # names the file, and is no setting


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Which engine has the index; for a cluster, where it is and how to be let in."""

    name: str = "embedded"
    hosts: tuple[str, ...] = ("http://127.0.0.1:9200",)
    ca_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    user_variable: str = ""  # the names of environment variables: no secret stands in the file
    password_variable: str = ""
    user: str = ""  # what these variables hold
    password: str = field(default="", repr=False)
    prefix: str = "renvois"
    shards: int = 1
    replicas: int = 0
    timeout_s: float = 30.0
    partial: str = "refuse"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueSettings:
    """The settings of the catalogue: an empty `address` means a file in the corpus folder."""

    address: str = ""  # a URI of libpq; no secret stands in the file
    schema: str = "renvois"
    password_variable: str = ""  # the name of an environment variable
    password: str = field(default="", repr=False)  # what it holds


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageSettings:
    """The settings of a storage for closed WARC files; none is used without an `address`."""

    address: str = ""  # s3://BUCKET/PREFIX
    endpoint: str = ""
    region: str = ""
    ca_file: Path | None = None
    key_variable: str = ""  # the names of environment variables: no secret stands in the file
    secret_variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BibliographySettings:
    """The settings of one bibliography; what is empty is as the site says."""

    rights: str = ""  # under which it is given
    show_archived: str = ""  # "extracts" or "full"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Times are in seconds, sizes in bytes."""

    corpus: Path = Path("corpus")
    title: str = ""  # what the site calls itself; "": "renvois"
    contact: str = ""  # an address or a page, told to the servers that we visit
    delay_s: float = 1.0
    retry_delay_s: float = 2.0
    archive_delay_s: float = 2.5
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 20.0
    deadline_s: float = 60.0
    max_bytes: int = 50_000_000
    max_import_bytes: int = 20_000_000_000
    max_import_ratio: int = 100
    max_redirects: int = 10
    concurrency: int = 8
    proxy: str = field(default="", repr=False)  # may hold a password
    open_networks: tuple[str, ...] = ()
    requisites: bool = False  # whether what pages need to be shown is kept: images, styles, fonts
    capture: str = "auto"  # which pages a browser captures
    capture_requests: int = 200  # for one page, beside its own
    capture_bytes: int = 50_000_000
    capture_media_bytes: int = 0  # of one film or sound; 0: none is asked for
    capture_posts: int = 20  # requests by POST of the scripts of one page; 0: none
    capture_s: float = 120.0
    capture_memory: int = 1_500_000_000  # bytes, of all processes of the browser
    capture_hides_banners: bool = False
    browser: str = ""  # the program; "": Chromium where the system has it
    notes_in: tuple[str, ...] = NOTE_KINDS[:3]  # what publishers wrote, the abstract, is no note
    isbn_page: str = ""  # the address of a book in a catalogue, with "{isbn}" in it
    canaries: tuple[str, ...] = ()
    archives: tuple[str, ...] = ("https://web.archive.org/web/",)
    base_url: str = ""
    language: str = DEFAULT_LANGUAGE  # of reports and of what commands say of texts and links
    show_archived: str = "extracts"
    min_free_bytes: int = 500_000_000  # on the disk; with less, `watch` visits nothing
    watch_every_s: float = 3600.0  # between two rounds of `watch`
    deposit_to: tuple[str, ...] = ()  # services that keep what they are asked to, with "{url}"
    notify_on: tuple[str, ...] = NOTICES
    notify_drift: float = 0.5  # of a text in common with the one captured first: below, it is told
    notify_language: str = ""  # of notices; "": that of `language`
    notify_mail_to: tuple[str, ...] = ()
    notify_mail_from: str = ""
    smtp_server: str = ""  # "host:port"
    smtp_security: str = "starttls"
    smtp_user: str = ""
    smtp_password: str = field(default="", repr=False)
    notify_webhooks: tuple[str, ...] = field(default=(), repr=False)  # may hold a token
    webhook_secret: str = field(default="", repr=False)
    trusted_proxies: int = 0  # proxies in a row before the pages that tell who asks
    catalogue: CatalogueSettings = field(default_factory=CatalogueSettings)
    engine: EngineSettings = field(default_factory=EngineSettings)
    storage: StorageSettings = field(default_factory=StorageSettings)
    bibliographies: Mapping[str, BibliographySettings] = field(  # by their titles
        default_factory=lambda: MappingProxyType({})
    )
    meaning: tuple[str, ...] = ()  # what it is used for; nothing: no model is ever opened
    meaning_model: Path = Path()  # a folder with an ONNX sentence model; none: the bundled one
    rate_limit: int = 0  # requests a minute from one address to the pages; 0: no limit
    sites: Mapping[str, Mapping[str, Any]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    @property
    def user_agent(self) -> str:
        """Who we say we are: product, version, and where to complain (RFC 9110 §10.1.5)."""
        contact = f" (+{self.contact})" if self.contact else ""
        return f"renvois/{__version__}{contact}"

    @property
    def reading_rules(self) -> ReadingRules:
        """Give the settings that concern reading the bibliography's files."""
        return ReadingRules(notes_in=self.notes_in, isbn_page=self.isbn_page)

    @property
    def whole_texts(self) -> WholeTexts:
        """Give which archived texts may be shown whole."""
        told = {
            title: each.show_archived == "full"
            for title, each in self.bibliographies.items()
            if each.show_archived
        }
        return WholeTexts(
            is_usual=self.show_archived == "full", by_bibliography=MappingProxyType(told)
        )

    def show_all(self, show_archived: str) -> "Settings":
        """Give settings that show all archived texts alike, whatever bibliographies say."""
        told = {
            title: replace(each, show_archived="") for title, each in self.bibliographies.items()
        }
        return replace(self, show_archived=show_archived, bibliographies=MappingProxyType(told))

    def warn_of_titles(self, titles: Container[str]) -> tuple[Message, ...]:
        """Say which tables of bibliographies name none of those that there are, by `titles`."""
        return tuple(
            message("error.setting.unknown-bibliography", title=each)
            for each in self.bibliographies
            if each not in titles
        )

    @property
    def replay_address(self) -> str:
        """Give the address under which the public is shown whole captures, ending with "/web/".

        "" where the site has no public address, or shows extracts only.
        """
        is_shown = self.base_url and self.whole_texts.are_any
        return f"{self.base_url.rstrip('/')}/web/" if is_shown else ""

    @property
    def bibliography(self) -> Path:
        """The folder that people write in."""
        return self.corpus / "bibliography"

    @property
    def readings(self) -> Path:
        """The folder that keeps how each file of the bibliography was read; made anew if gone."""
        return self.corpus / "readings"

    @property
    def archive(self) -> Path:
        """The folder of the WARC files."""
        return self.corpus / "archive"

    @property
    def catalogue_place(self) -> Path | ServerAddress:
        """The catalogue's file, or where it is on a server."""
        told = self.catalogue
        if not told.address:
            return self.corpus / "catalogue.sqlite"
        return ServerAddress(address=told.address, schema=told.schema, password=told.password)

    @property
    def vectors(self) -> Path:
        """The folder of what the texts mean, in vectors."""
        return self.corpus / "meaning"

    @property
    def index(self) -> Path:
        """The folder of the index; all that `make clean` removes of a corpus."""
        return self.corpus / "index"

    @property
    def outlines(self) -> Path:
        """The folder of the outlines of all texts, which pages read."""
        return self.index / "outlines"

    @property
    def stamps(self) -> Path:
        """The file of what each text was made of when it was indexed; made anew if gone."""
        return self.index / "stamps"

    @property
    def index_place(self) -> Path | Mapping[str, Any]:
        """Give the folder of the embedded index, or the options of a cluster as a mapping.

        The mapping has the fields of `ClusterOptions`.
        """
        if self.engine.name == "embedded":
            return self.index
        told = asdict(self.engine)
        for name in ("name", "user_variable", "password_variable"):
            del told[name]
        return told | {"is_partial": told.pop("partial") == "tell"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsFile:
    """The values of a settings file, or what stops its reader; none where there is no file."""

    path: Path
    values: Mapping[str, Any] = field(default_factory=dict)
    error: SettingsError | None = None


def read_settings_file(environ: Mapping[str, str], path: Path | None = None) -> SettingsFile:
    """Read the settings file once; what is wrong with it is kept for who wants its values.

    Without `path` the file is `RENVOIS_CONFIG`, else `renvois.toml` in the current folder if there
    is one.
    """
    named = path or (Path(environ[_FILE_VARIABLE]) if environ.get(_FILE_VARIABLE) else None)
    path = named or Path(FILE_NAME)
    if named is None and not path.is_file():
        return SettingsFile(path=path)
    try:
        return SettingsFile(path=path, values=_read_toml(path))
    except SettingsError as error:
        return SettingsFile(path=path, error=error)


def read_settings(
    *,
    environ: Mapping[str, str],
    corpus: Path | None = None,
    file: Path | SettingsFile | None = None,
) -> Settings:
    """Read the settings: the file, then the environment, then what the command line says.

    `file` is a settings file, read already or not; without it that of `read_settings_file`.
    `http_proxy` of the environment is the proxy unless a setting names one. Raises `SettingsError`
    for an unknown name, a value of the wrong kind or a broken file.
    """
    if not isinstance(file, SettingsFile):
        file = read_settings_file(environ, file)
    if file.error is not None:
        raise file.error
    settings = Settings(proxy=environ.get("http_proxy", ""))
    settings = _apply(settings, file.values, where=str(file.path))
    environment = {
        name.removeprefix(PREFIX).lower(): text
        for name, text in environ.items()
        if name.startswith(PREFIX) and name != _FILE_VARIABLE and text
    }
    settings = _apply(settings, environment, where=_ENVIRONMENT)
    settings = replace(
        settings,
        sites=_fill_in(settings.sites, environ),
        engine=_let_in(settings.engine, environ),
        catalogue=_read_password(settings.catalogue, environ),
    )
    return replace(settings, corpus=corpus) if corpus is not None else settings


def find_language(environ: Mapping[str, str], *, told: str | None, file: SettingsFile) -> str:
    """Find the language of what the command says, even where the settings can't be used.

    `told` by the command line, else RENVOIS_LANGUAGE, else `language` of the settings file, else
    that of the locale, else French. What names no language of ours is passed over.
    """
    # The first of the three that is set is the locale (POSIX, 8.2).
    names = (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, names), "")[:2].lower()
    candidates = (told, environ.get(PREFIX + "LANGUAGE"), file.values.get("language"), locale)
    return next((each for each in candidates if each in LANGUAGES), DEFAULT_LANGUAGE)


_SECRET: Final = frozenset(
    {
        "catalogue",
        "engine",
        "storage",
        "sites",
        "proxy",
        "smtp_password",
        "notify_webhooks",
        "webhook_secret",
    }
)


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        told = explain(error)
        raise SettingsError(told.what, where=path, hint=told.hint) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(message("problem.why.no-toml", error=str(error)), where=path) from error
    except UnicodeDecodeError as error:
        raise SettingsError(message("error.setting.file", error=str(error)), where=path) from error


def _apply(settings: Settings, values: Mapping[str, Any], *, where: str | Message) -> Settings:
    known = {f.name for f in fields(Settings)}
    for name, value in values.items():
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = (
                message("hint.did-you-mean", name=near[0])
                if near
                else message("hint.settings-page")
            )
            raise SettingsError(message("error.setting.unknown", name=name), where=where, hint=hint)
        settings = replace(settings, **{name: _convert(name, value, where=where)})
    return settings


def _explain(error: Exception) -> Message:
    """Say why a value can't be had, in the words of Python where they are none of ours."""
    if isinstance(error, WrongValueError):
        return error.said
    return message("error.setting.not-understood", error=str(error))


def _convert(name: str, value: Any, *, where: str | Message) -> Any:
    try:
        converted = _CONVERTERS[name](value)
    except (TypeError, ValueError) as error:
        # What stands in these may be secret, and a table is long: no message repeats it.
        is_told = name not in _SECRET and not isinstance(value, Mapping)
        shown = f"{name} = {value!r}" if is_told else name
        raise SettingsError(
            message("error.setting.value", setting=shown, why=_explain(error)), where=where
        ) from error
    return converted


def _non_negative(value: Any) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise WrongValueError(message("error.setting.number")) from None
    if not 0 <= number < float("inf"):
        raise WrongValueError(message("error.setting.zero-or-more"))
    return number


def _switch(value: Any) -> bool:
    found = {"true": True, "1": True, "false": False, "0": False}.get(str(value).lower())
    if found is None:
        raise WrongValueError(message("error.setting.true-or-false"))
    return found


def _positive(value: Any) -> float:
    number = _non_negative(value)
    if number == 0:
        raise WrongValueError(message("error.setting.more-than-zero"))
    return number


def _count(value: Any) -> int:
    number = _whole(value)
    if number < 1:
        raise WrongValueError(message("error.setting.at-least-one"))
    return number


def _whole(value: Any) -> int:
    try:
        number: int = int(value)
    except (TypeError, ValueError):
        raise WrongValueError(message("error.setting.number")) from None
    return number


def _non_negative_count(value: Any) -> int:
    number = _whole(value)
    if number < 0:
        raise WrongValueError(message("error.setting.zero-or-more"))
    return number


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise WrongValueError(message("error.setting.text"))
    if "\n" in value or "\r" in value:
        raise WrongValueError(message("error.setting.one-line"))
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):  # the environment has no lists
        value = value.split()
    if not isinstance(value, list):
        raise WrongValueError(message("error.setting.texts"))
    return tuple(_text(text) for text in value)


def _site_address(value: Any) -> str:
    """Take the address of a site, under a path or not: "https://exemple.fr/biblio"."""
    text = _text(value)
    if text and not _SITE_ADDRESS.fullmatch(text):
        raise WrongValueError(message("error.setting.site-address"))
    return text


def _note_kinds(value: Any) -> tuple[str, ...]:
    kinds = _texts(value)
    if unknown := set(kinds) - set(NOTE_KINDS):
        raise WrongValueError(
            message("error.setting.none-of", value=min(unknown), choices=", ".join(NOTE_KINDS))
        )
    return kinds


def _isbn_page(value: Any) -> str:
    page = _text(value)
    if page and ("{isbn}" not in page or not page.startswith(("https://", "http://"))):
        raise WrongValueError(message("error.setting.isbn-page", placeholder="{isbn}"))
    return page


def _notices(value: Any) -> tuple[str, ...]:
    kinds = _texts(value)
    if unknown := set(kinds) - set(NOTICES):
        raise WrongValueError(
            message("error.setting.none-of", value=min(unknown), choices=", ".join(NOTICES))
        )
    return kinds


def _uses(value: Any) -> tuple[str, ...]:
    uses = _texts(value)
    if unknown := set(uses) - set(USES):
        raise WrongValueError(
            message("error.setting.none-of", value=min(unknown), choices=", ".join(USES))
        )
    return uses


def _addresses(value: Any) -> tuple[str, ...]:
    addresses = _texts(value)
    if not all("@" in each.strip("@") for each in addresses):
        raise WrongValueError(message("error.setting.mail"))
    return addresses


def _services(value: Any) -> tuple[str, ...]:
    addresses = _texts(value)
    if not all(each.startswith(("https://", "http://")) for each in addresses) or not all(
        each.count("{url}") == 1 for each in addresses
    ):
        raise WrongValueError(message("error.setting.url-addresses", placeholder="{url}"))
    return addresses


def _webhooks(value: Any) -> tuple[str, ...]:
    addresses = _texts(value)
    if not all(each.startswith(("https://", "http://")) for each in addresses):
        raise WrongValueError(message("error.setting.web-addresses"))
    return addresses


def _share(value: Any) -> float:
    share = _non_negative(value)
    if share > 1:
        raise WrongValueError(message("error.setting.share"))
    return share


def _server(value: Any) -> str:
    """Take "host" or "host:port"."""
    text = _text(value)
    parts = urlsplit(f"//{text}")
    if text and (not parts.hostname or parts.path or "@" in text):
        raise WrongValueError(message("error.setting.host"))
    _ = parts.port  # raises ValueError
    return text


def _path(value: Any) -> Path:
    return Path(_text(value)).expanduser()


def _one_of(*choices: str) -> Callable[[Any], str]:
    def convert(value: Any) -> str:
        if value not in choices:
            raise WrongValueError(message("error.setting.one-of", choices=", ".join(choices)))
        return str(value)

    return convert


def _sites(value: Any) -> Mapping[str, Mapping[str, Any]]:
    return MappingProxyType(_read_tables(value, "sites", _SITE))


def _headers(value: Any) -> Mapping[str, str]:
    if not isinstance(value, Mapping) or not all(isinstance(each, str) for each in value.values()):
        raise WrongValueError(message("error.setting.table-of-texts"))
    return value


def _bibliographies(value: Any) -> Mapping[str, BibliographySettings]:
    read = _read_tables(value, "bibliographies", _RIGHTS)
    for title, table in read.items():
        if not table:
            named = f'[bibliographies."{title}"]'
            raise WrongValueError(message("error.setting.tables-of-rights", table=named))
    return MappingProxyType({title: BibliographySettings(**read[title]) for title in read})


def _fill_in(
    sites: Mapping[str, Mapping[str, Any]], environ: Mapping[str, str]
) -> Mapping[str, Mapping[str, Any]]:
    """Put the values that headers take from the environment ("env:NAME") in their places.

    One that the environment lacks stays: whoever only searches need not know it, and the commands
    that need it say that it is missing.
    """

    def fill(value: str) -> str:
        is_named = value.startswith(ENVIRONMENT)
        return environ.get(value.removeprefix(ENVIRONMENT), value) if is_named else value

    filled = {
        name: {**table, "headers": {key: fill(text) for key, text in table["headers"].items()}}
        if "headers" in table
        else table
        for name, table in sites.items()
    }
    return MappingProxyType(filled)


def _engine(value: Any) -> EngineSettings:
    return EngineSettings(**_read_table(value, "name", _ENGINE_CONVERTERS))


def _catalogue(value: Any) -> CatalogueSettings:
    return CatalogueSettings(**_read_table(value, "address", _CATALOGUE_CONVERTERS))


def _storage(value: Any) -> StorageSettings:
    told = StorageSettings(**_read_table(value, "address", _STORAGE_CONVERTERS))
    if bool(told.key_variable) != bool(told.secret_variable):
        raise WrongValueError(message("error.setting.go-together"))
    return told


def _read_table(
    value: Any, alone: str, converters: Mapping[str, Callable[[Any], Any]]
) -> dict[str, Any]:
    """Read a table; a mere text, as the environment has no tables, is the setting `alone`."""
    if isinstance(value, str):
        value = {alone: value}
    if not isinstance(value, Mapping):
        raise WrongValueError(message("error.setting.table"))
    unknown = set(value) - set(converters)
    if unknown:
        raise WrongValueError(message("error.setting.unknown-here", name=min(unknown)))
    read = {}
    for name, each in value.items():
        try:
            read[name] = converters[name](each)
        except (TypeError, ValueError) as error:
            raise WrongValueError(
                message("error.setting.value", setting=name, why=_explain(error))
            ) from error
    return read


def _read_tables(
    value: Any, setting: str, converters: Mapping[str, Callable[[Any], Any]]
) -> dict[str, dict[str, Any]]:
    """Read a table of tables; an error names the one that it is in, and repeats no other."""
    if not isinstance(value, Mapping):
        raise WrongValueError(message("error.setting.table"))
    read = {}
    for name, table in value.items():
        named = redact_url(f'[{setting}."{name}"]')
        if not isinstance(table, Mapping):
            raise WrongValueError(message("error.setting.tables", table=named))
        try:
            read[name] = _read_table(table, "", converters)
        except WrongValueError as error:
            raise WrongValueError(
                message("error.setting.value", setting=named, why=error.said)
            ) from error
    return read


def _server_address(value: Any) -> str:
    """Take a URI of libpq without a password, which may stand in its parameters too."""
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("postgresql", "postgres") or not parts.path.strip("/"):
        raise WrongValueError(
            message("error.setting.such-as", example="postgresql://user@host/database")
        )
    names = {name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)}
    if parts.password is not None or names & {"password", "sslpassword"}:
        raise WrongValueError(message("error.setting.no-password"))
    return text


def _bucket(value: Any) -> str:
    text = _text(value).rstrip("/")
    if not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[\w!.*'()-]+)*", text, re.ASCII):
        raise WrongValueError(message("error.setting.such-as", example="s3://bucket/prefix"))
    return text


def _endpoint(value: Any) -> str:
    text = _text(value).rstrip("/")
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
        raise WrongValueError(message("error.setting.endpoint"))
    return text


def _schema(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch("[a-z][a-z0-9_]{0,62}", text) or text.startswith("pg_"):
        raise WrongValueError(message("error.setting.schema"))
    return text


def _hosts(value: Any) -> tuple[str, ...]:
    hosts = _texts(value)
    for host in hosts:
        parts = urlsplit(host)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise WrongValueError(message("error.setting.hosts"))
        if "@" in parts.netloc:
            raise WrongValueError(message("error.setting.no-password-in-hosts"))
    if not hosts:
        raise WrongValueError(message("error.setting.one-at-least"))
    return hosts


def _prefix(value: Any) -> str:
    text = _text(value)
    if not re.fullmatch("[a-z0-9][a-z0-9_-]*", text):
        raise WrongValueError(message("error.setting.prefix"))
    return text


def _read_password(catalogue: CatalogueSettings, environ: Mapping[str, str]) -> CatalogueSettings:
    """Read the password of the catalogue's server from the environment. SettingsError."""
    name = catalogue.password_variable
    if not name or not catalogue.address:
        return catalogue
    if name not in environ:
        hint = message("hint.catalogue-variable")
        raise SettingsError(
            message("error.setting.no-variable", name=name), where=_ENVIRONMENT, hint=hint
        )
    return replace(catalogue, password=environ[name])


def _let_in(engine: EngineSettings, environ: Mapping[str, str]) -> EngineSettings:
    """Read who may use the cluster from the environment.

    Raises SettingsError where a variable that is named is not there, for whoever uses a cluster.
    """
    if engine.name == "embedded":
        return engine
    names = (engine.user_variable, engine.password_variable)
    for name in filter(None, names):
        if name not in environ:
            hint = message("hint.engine-variable")
            raise SettingsError(
                message("error.setting.no-variable", name=name), where=_ENVIRONMENT, hint=hint
            )
    user, password = (environ.get(name, "") for name in names)
    return replace(engine, user=user, password=password)


_SHOWN: Final = _one_of("extracts", "full")
_RIGHTS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {"rights": _text, "show_archived": _SHOWN}
)
_SITE: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "delay_s": _non_negative,
        "headers": _headers,
        "ignore_robots": _switch,
        "requisites": _switch,
        "capture": _one_of(*CAPTURES),
    }
)

_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "corpus": _path,
        "title": _text,
        "contact": _text,
        "delay_s": _non_negative,
        "retry_delay_s": _non_negative,
        "archive_delay_s": _non_negative,
        "connect_timeout_s": _positive,
        "read_timeout_s": _positive,
        "deadline_s": _positive,
        "max_bytes": _count,
        "max_import_bytes": _count,
        "max_import_ratio": _count,
        "max_redirects": _count,
        "concurrency": _count,
        "proxy": _text,
        "open_networks": _texts,
        "requisites": _switch,
        "capture": _one_of(*CAPTURES),
        "capture_requests": _count,
        "capture_bytes": _count,
        "capture_media_bytes": _non_negative_count,
        "capture_posts": _non_negative_count,
        "capture_s": _positive,
        "capture_memory": _count,
        "capture_hides_banners": _switch,
        "browser": _text,
        "notes_in": _note_kinds,
        "isbn_page": _isbn_page,
        "canaries": _texts,
        "archives": _texts,
        "base_url": _site_address,
        "language": _one_of(*LANGUAGES),
        "show_archived": _SHOWN,
        "min_free_bytes": _non_negative_count,
        "watch_every_s": _positive,
        "deposit_to": _services,
        "notify_on": _notices,
        "notify_drift": _share,
        "notify_language": _one_of("", *LANGUAGES),
        "notify_mail_to": _addresses,
        "notify_mail_from": _text,
        "smtp_server": _server,
        "smtp_security": _one_of("starttls", "tls", "none"),
        "smtp_user": _text,
        "smtp_password": _text,
        "notify_webhooks": _webhooks,
        "webhook_secret": _text,
        "trusted_proxies": _non_negative_count,
        "catalogue": _catalogue,
        "engine": _engine,
        "storage": _storage,
        "bibliographies": _bibliographies,
        "meaning": _uses,
        "meaning_model": _path,
        "rate_limit": _non_negative_count,
        "sites": _sites,
    }
)
_CATALOGUE_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {"address": _server_address, "schema": _schema, "password_variable": _text}
)
_STORAGE_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "address": _bucket,
        "endpoint": _endpoint,
        "region": _text,
        "ca_file": _path,
        "key_variable": _text,
        "secret_variable": _text,
    }
)
_ENGINE_CONVERTERS: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "name": _one_of("embedded", "opensearch"),
        "hosts": _hosts,
        "ca_file": _path,
        "certificate": _path,
        "key": _path,
        "user_variable": _text,
        "password_variable": _text,
        "prefix": _prefix,
        "shards": _count,
        "replicas": _non_negative_count,
        "timeout_s": _positive,
        "partial": _one_of("refuse", "tell"),
    }
)
