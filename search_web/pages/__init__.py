"""An address -> a page for a reader."""
