"""Serve the pages: `renvois serve`, or `python -m search_web`, which is the same command."""

import errno
import gc
import ipaddress
import logging
import os
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from indexer.cli.terminal import (
    SpokenCommand,
    choose_language,
    prepare_lexicon,
    render_error,
    say,
    say_error,
    say_misuse,
)
from indexer.disk import explain
from indexer.errors import CorpusError, DamagedIndexError
from indexer.messages import message
from indexer.settings import (
    Settings,
    SettingsFile,
    find_language,
    read_settings,
    read_settings_file,
)

if TYPE_CHECKING:
    from search_web.site.headers import RateTable

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@click.command(cls=SpokenCommand, help="cli.serve.help")
@click.option("--corpus", type=click.Path(file_okay=False, path_type=Path), help="cli.serve.corpus")
@click.option(
    "--host", metavar="NAME", default="127.0.0.1", show_default=True, help="cli.serve.host"
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="NUMBER",
    default=8000,
    show_default=True,
    help="cli.serve.port",
)
@click.option(
    "--show-archived", type=click.Choice(["extracts", "full"]), help="cli.serve.show-archived"
)
@click.option("--workers", type=click.IntRange(1, 64), metavar="NUMBER", help="cli.serve.workers")
@click.pass_context
def serve(
    context: click.Context,
    corpus: Path | None,
    host: str,
    port: int,
    show_archived: str | None,
    workers: int | None,
) -> None:
    """Serve the pages until interrupted; the address is told on stderr."""
    from search_web.site import serving  # here: `--help` needs no site
    from search_web.site.headers import RateTable

    settings = context.find_object(Settings)
    if settings is None:
        file = context.find_object(SettingsFile)
        settings = read_settings(environ=os.environ, corpus=corpus, file=file)
    elif corpus is not None:
        settings = replace(settings, corpus=corpus)
    # Whole texts belong to their authors: they are for this machine alone, and a site with a
    # public address, though a proxy asks for it from here, is for everybody.
    is_alone = is_loopback(host) and not settings.base_url
    prepare_lexicon()
    shown = show_archived or ("full" if is_alone else "")
    if shown:
        settings = settings.show_all(shown)
    trusted = (*LOOPBACK, host) if is_loopback(host) else ()
    from search_web.wsgi import warn_of_withdrawals  # here: `--help` needs no site

    for warning in warn_of_withdrawals(settings):
        say(message("cli.warning", said=warning))
    try:
        listening = serving.listen(host, port)
    except OSError as error:  # somebody else listens there, or nobody may
        is_taken = error.errno == errno.EADDRINUSE
        told = message("cli.serve.taken") if is_taken else explain(error).what
        hint = message("cli.serve.other-port")
        raise CorpusError(told, where=f"{host}:{port}", hint=hint) from error
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    with listening:
        work = partial(answer, settings, trusted, listening, RateTable())
        tell = partial(say, serving.tell_address(listening))
        count = workers or (1 if is_alone else os.cpu_count() or 1)
        if count == 1 or not serving.CAN_FORK:
            work(tell)
            return
        code = serving.run_workers(partial(_report, work), count, is_ready=tell)
    context.exit(code)


def answer(
    settings: Settings,
    trusted_hosts: Sequence[str],
    listening: socket.socket,
    rates: "RateTable",
    tell_ready: Callable[[], None],
) -> int:
    """Open what the settings name and answer at a socket until interrupted. Raises CorpusError."""
    from search_web.site.serving import open_server
    from search_web.site.state import the_library
    from search_web.wsgi import close_app, open_app

    app = open_app(settings, trusted_hosts=trusted_hosts, rates=rates)
    with app.app_context():
        try:
            library = the_library()
            library.make_ready()
            # Templates, dates and facets cost .2 s once a process: no reader is to wait for them.
            host = trusted_hosts[0] if trusted_hosts else "localhost"
            app.test_client().get("/", base_url=settings.base_url or f"http://{host}").close()
            titles = filter(library.knows_bibliography, settings.bibliographies)
            for warning in settings.warn_of_titles(set(titles)):
                say(message("cli.warning", said=warning))
        except DamagedIndexError as error:
            # The site starts, says that the index is being built again, and finds it then.
            say(message("cli.warning", said=render_error(error)))
    server = open_server(app, listening)
    gc.collect()
    gc.freeze()  # what is open stays: no garbage is looked for in it
    tell_ready()
    with suppress(KeyboardInterrupt):
        server.run()
    server.close()
    close_app(app)
    return 0


def _report(work: Callable[[Callable[[], None]], int], tell_ready: Callable[[], None]) -> int:
    """Do the work of a worker; what stops it is told there, and is exit code 1."""
    try:
        return work(tell_ready)
    except CorpusError as error:
        say_error(error)
        return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `serve` on its own. Gives the exit code: 1 when something stops us, 2 for misuse."""
    file = read_settings_file(os.environ)
    choose_language(find_language(os.environ, told=None, file=file))
    given = None if arguments is None else list(arguments)
    name = "python -m search_web"
    try:
        return int(serve.main(given, prog_name=name, standalone_mode=False, obj=file) or 0)
    except click.ClickException as error:
        say_misuse(error)
        return error.exit_code
    except CorpusError as error:
        say_error(error)
        return 1


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach that address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    raise SystemExit(main())
