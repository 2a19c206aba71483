"""The command's help and what it says of a wrong command line: one language, and no other."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from click.testing import CliRunner

from indexer.cli import main
from indexer.cli.terminal import MISUSES, SpokenCommand, SpokenGroup
from indexer.messages import LANGUAGES, open_translator

# Small words that only one of the languages has, and what stands in both: code, names of formats.
ONLY: Final = {
    "fr": re.compile(r"\b(le|la|les|des|du|un|une|est|et|ou|pour|dans|qui|que|ce|aux?|par)\b"),
    "en": re.compile(r"\b(the|of|is|are|was|with|that|from|and|to|which|not|what|an|its|only)\b"),
}
CODE: Final = re.compile(r"`[^`]*`|« [^»]* »|\[[^\]]*\]|--?[a-z-]+|[a-z/]+\.[a-z]+|\bET OU SAUF\b")
ENGLISH_METAVAR: Final = re.compile(
    r"\b(FILES?|DIRECTORY|FOLDER|TEXT|NUMBER|INTEGER|COMMAND|NAME)\b"
)


def list_commands(command: click.Command, *names: str) -> Iterator[tuple[str, ...]]:
    """Every command of a group by the names that lead there, groups too."""
    yield names
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            assert found is not None
            yield from list_commands(found, *names, name)


COMMANDS: Final = tuple(list_commands(main))


def find_command(names: tuple[str, ...]) -> click.Command:
    """The command that names lead to."""
    found: click.Command = main
    for name in names:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None
        found = inner
    return found


def run(*arguments: str, lang: str) -> tuple[int, str, str]:
    """The exit code of a command line, its stdout and its stderr; spaces that hold are plain."""
    done = CliRunner().invoke(main, ["--lang", lang, *arguments], prog_name="renvois")
    plain = (re.sub("[\u00a0\u202f]", " ", each) for each in (done.stdout, done.stderr))
    return done.exit_code, *plain


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_the_help_of_every_command_is_in_one_language(names, lang):
    code, said, _ = run(*names, "--help", lang=lang)

    assert code == 0
    other = "en" if lang == "fr" else "fr"
    assert ONLY[other].findall(CODE.sub("", said)) == []
    assert ONLY[lang].search(said)
    assert max(map(len, said.splitlines())) <= 80
    assert lang == "en" or not ENGLISH_METAVAR.search(said)
    assert "cli." not in said, "a key that no catalogue has"


@pytest.mark.parametrize("names", COMMANDS, ids=" ".join)
def test_every_command_and_option_is_described_by_a_key(names):
    command = find_command(names)
    keys = open_translator("fr").keys

    assert isinstance(command, SpokenCommand | SpokenGroup)
    assert command.help in keys
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help in keys, option.opts


@pytest.mark.parametrize(
    ("arguments", "french", "english"),
    [
        ("crol", "Il n’y a pas de commande 'crol'.", "No such command 'crol'."),
        (
            "crawl --forse",
            "Il n’y a pas d’option '--forse'. Vouliez-vous dire '--browser', '--force' ?",
            "",
        ),
        ("crawl one", "Argument de trop : one", "Unexpected argument: one"),
        ("crawl one two", "Arguments de trop : one two", "Unexpected arguments: one two"),
        ("crawl --force=1", "L’option '--force' ne prend pas de valeur.", ""),
        ("crawl --only", "L’option '--only' demande une valeur.", ""),
        ("links decide a", "Il manque l’argument 'CHOIX'. Au choix : ignorer, accepter", ""),
        ("search", "Il manque l’argument 'REQUÊTE...'.", "Missing argument 'QUERY...'."),
        (
            "search --page 0 a",
            "Valeur refusée pour '--page' : 0 est hors limites : 1 au moins.",
            "Invalid value for '--page': 0 is out of range: 1 or more.",
        ),
        ("search --page un a", "'un' n’est pas un nombre entier.", "'un' is no whole number."),
        ("search --kind x a", "'x' n’est pas l’un de ces mots : 'text', 'note'", ""),
        (
            "links report --since hier",
            "Valeur refusée pour '--since' : 'hier' n’est pas une date de la forme AAAA-MM-JJ.",
            "'hier' is no date of the form YYYY-MM-DD.",
        ),
        ("archive add a /nulle/part", "il n’y a pas de fichier '/nulle/part'.", ""),
        ("archive add a /", "'/' est un dossier, non un fichier.", ""),
        ("engine", "Usage : renvois engine [OPTIONS] COMMANDE [ARGUMENTS]...", ""),
        ("archive download", "nommez des fichiers, ou dites --all", "name files, or say --all"),
        ("index --check --rebuild", "--check ne change rien", "--check changes nothing"),
    ],
)
def test_a_wrong_command_line_is_told_in_the_language_chosen(arguments, french, english):
    for lang, expected in (("fr", french), ("en", english)):
        code, _, said = run(*arguments.split(), lang=lang)

        assert code == 2
        assert expected in said
        assert ("Error: " if lang == "fr" else "Erreur : ") not in said


def test_the_language_is_found_wherever_it_stands_on_the_command_line():
    done = CliRunner().invoke(main, ["--help", "--lang", "fr"], prog_name="renvois")
    assert done.stdout.startswith("Usage\u00a0: ")
    short = CliRunner().invoke(main, ["--lang=fr", "-h"], prog_name="renvois")
    assert short.stdout == done.stdout


def list_click_sentences() -> Iterator[str]:
    """The sentences that click takes from gettext, and those of its parser."""
    for path in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("_", "ngettext"):
                yield from (
                    re.sub(r"\{[^}]*\}", "{}", each.value)
                    for each in node.args
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )


def test_the_sentences_that_are_translated_are_those_that_click_says():
    """Another version of click may say them otherwise: they would stay English, unseen."""
    said = set(list_click_sentences())
    kinds = ("File", "Directory", "integer range")  # what stands for {name}, {number_type}
    for template, _ in MISUSES:
        # A missing argument, and a near word, are put together of two sentences.
        whole = re.sub(r"\{[^}]*\}", "{}", template).replace("{} Did", "Did").replace("{} (", "(")
        parts = [whole, *re.split(r" \{\}\.(?: |$)", whole)]
        parts += [part.replace(kind, "{}") for part in parts for kind in kinds]
        assert said.intersection(parts), template
