"""Texts, offsets and dates into what is shown: no request, no index."""
