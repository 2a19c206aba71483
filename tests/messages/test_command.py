"""The command says of the library what it has to say in French or in English; codes stay."""

import json
import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from indexer.archive.rows import parse_article, render_article
from indexer.extract import extract_article
from indexer.messages import LANGUAGES, message, open_translator
from indexer.model import PageKind
from tests.command import run_command

PAGE = "Une autrice, « Un titre », 2014, Un journal, http://exemple.test/a b\n\nUne note.\n"
CORRECTIONS = '"Une ligne partie": [titre]\n"Une autre": {titel: Un titre}\n'
DECISIONS = '[[lien]]\nurl = "http://ailleurs.test/"\ndecision = "peut-être"\nle = 2026-11-24\n'


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("corpus")
    bibliography = folder / "bibliography"
    bibliography.mkdir()
    (bibliography / "page.txt").write_text(PAGE, encoding="utf-8")
    (bibliography / "corrections.yaml").write_text(CORRECTIONS, encoding="utf-8")
    (bibliography / "liens.toml").write_text(DECISIONS, encoding="utf-8")
    (bibliography / "cassé.json").write_text('[{"title": "Un"}, {"title": ]', encoding="utf-8")
    (bibliography / "cassé.bib").write_text("@book{a, title={Un}}\n@book{a, title={Deux}}\n")
    (bibliography / "cassé.mods").write_text("<mods", encoding="utf-8")
    return folder


def run(corpus: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run_command(corpus, *arguments, environ=environ)


def test_problems_are_said_in_each_language_under_the_same_codes(corpus):
    told = {
        language: [
            json.loads(line)
            for line in run(
                corpus, "--lang", language, "bibliography", "check", "--json"
            ).stdout.splitlines()
        ]
        for language in LANGUAGES
    }
    codes = [problem["code"] for problem in told["fr"]]

    assert len(set(codes)) >= 5
    assert codes == [problem["code"] for problem in told["en"]]
    for french, english in zip(told["fr"], told["en"], strict=True):
        assert french["message"] != english["message"]
        assert {**french, "message": ""} == {**english, "message": ""}


def test_the_setting_and_the_option_choose_the_language(corpus):
    french = run(corpus, "bibliography", "check", RENVOIS_LANGUAGE="fr").stdout
    english = run(corpus, "bibliography", "check", RENVOIS_LANGUAGE="en").stdout

    assert french != english
    assert run(corpus, "--lang", "en", "bibliography", "check").stdout == english
    back = run(corpus, "--lang", "fr", "bibliography", "check", RENVOIS_LANGUAGE="en")
    assert back.stdout == french
    assert run(corpus, "--lang", "de", "bibliography", "check").returncode == 2


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Erreur : "), ("en", "Error: ")], ids=LANGUAGES
)
def test_what_stops_a_command_is_said_in_the_language_chosen(corpus, language, said):
    options = {"--lang": ("--lang", language), "environment": ()}
    for way, arguments in options.items():
        environ = {} if way == "--lang" else {"RENVOIS_LANGUAGE": language}
        done = run(corpus, *arguments, "search", "mot", **environ)

        assert done.returncode == 1
        assert done.stderr.startswith(said.replace(" :", "\u00a0:"))


def test_even_settings_that_can_not_be_read_are_told_in_the_language_of_the_file(corpus, tmp_path):
    settings = tmp_path / "renvois.toml"
    settings.write_text('language = "fr"\ndelay_s = -1\n', encoding="utf-8")
    done = run(corpus, "--config", str(settings), "search", "mot")

    assert done.returncode == 1
    assert done.stderr.startswith("Erreur\u00a0: ")


def test_the_settings_file_may_be_a_pipe_which_can_be_read_once(corpus):
    def check(written: str) -> subprocess.CompletedProcess[str]:
        reader, writer = os.pipe()
        os.write(writer, written.encode())
        os.close(writer)
        try:
            return run(corpus, "--config", f"/dev/fd/{reader}", "bibliography", "check")
        finally:
            os.close(reader)

    assert {language: check(f'language = "{language}"\n').stdout for language in LANGUAGES} == {
        language: run(corpus, "--lang", language, "bibliography", "check").stdout
        for language in LANGUAGES
    }
    assert "delay_s" in check('language = "en"\ndelay_s = -1\n').stderr


def test_problems_of_liens_toml_are_said_in_the_language_chosen(corpus):
    said = {
        language: run(corpus, "--lang", language, "links", "report").stderr
        for language in LANGUAGES
    }
    assert "La décision doit être l’un de ces mots" in said["fr"]
    assert "The decision must be one of these words" in said["en"]


def test_evidence_is_kept_as_a_message():
    article = extract_article(b"", headers={}, url="http://exemple.test/", record_id="<1>")

    assert article.kind is PageKind.NO_TEXT
    assert article.evidence == message("evidence.empty")
    assert parse_article(render_article(article)) == article
    whole = replace(article, evidence=message("evidence.short", count=12))
    assert parse_article(render_article(whole)) == whole


@pytest.mark.parametrize("stored", ["La réponse est vide.", "", None])
def test_evidence_stored_as_a_sentence_is_read_and_said(stored):
    article = extract_article(b"", headers={}, url="http://exemple.test/", record_id="<1>")
    values = {**json.loads(render_article(article)), "evidence": stored}
    read = parse_article(json.dumps(values))

    for language in LANGUAGES:
        assert open_translator(language)(read.evidence) == (stored or "")
    assert parse_article(render_article(read)) == read
