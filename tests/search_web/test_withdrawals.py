from indexer.model import Document, DocumentKind
from search_web.withdrawals import WithdrawalFile, parse_withdrawals

TEXT = Document(id="a-2014", kind=DocumentKind.TEXT, title="A", url="http://exemple.fr/a")


def test_a_line_names_a_text_by_its_id_or_its_address():
    assert parse_withdrawals("a-2014").covers(TEXT)
    assert parse_withdrawals("# demandé le 3 mars\n\n http://exemple.fr/a  # lettre\n").covers(TEXT)
    assert not parse_withdrawals("#a-2014\nb-2015").covers(TEXT)
    assert not parse_withdrawals("").covers(TEXT)


def test_a_line_takes_effect_at_once(tmp_path):
    path = tmp_path / "withdrawn.txt"
    withdrawals = WithdrawalFile(path)
    assert not withdrawals.read_withdrawn().covers(TEXT)

    path.write_text("a-2014\n", encoding="utf-8")
    assert withdrawals.read_withdrawn().covers(TEXT)

    path.unlink()
    assert not withdrawals.read_withdrawn().covers(TEXT)


def test_without_a_file_nothing_is_withdrawn():
    assert not WithdrawalFile(None).read_withdrawn().covers(TEXT)
