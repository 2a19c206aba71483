"""The tests of `indexer.meaning`."""
