"""Whole programs made of the library's functions, each run by ``python -m jaxreview.examples.NAME``."""
