"""What was written is kept before anybody is told, and what a crash left behind is seen to."""

from pathlib import Path

from indexer.engines.embedded.integrity import UNSYNCED, begin_change, finish_change


def test_after_a_crash_nothing_counts_as_kept(tmp_path: Path) -> None:
    (tmp_path / "segment").write_text("avant")
    before = begin_change(tmp_path)
    assert before is not None
    assert set(before) == {"segment"}
    (tmp_path / "segment").write_text("après, et la machine tombe")
    assert begin_change(tmp_path) is None
    finish_change(tmp_path, None)
    assert not (tmp_path / UNSYNCED).exists()
    assert begin_change(tmp_path) is not None


def test_what_a_crash_left_behind_goes(tmp_path: Path) -> None:
    (tmp_path / "run-abc").mkdir()
    (tmp_path / "run-abc" / "run").write_text("")
    (tmp_path / ".corpus.arrays.new").write_text("")
    (tmp_path / "kept").write_text("")
    begin_change(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"kept", UNSYNCED}
