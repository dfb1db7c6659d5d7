"""``pytest benchmarks`` measures; ``pytest benchmarks --benchmark-disable`` runs every form once and checks it (the smoke mode)."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    # the suite's own settings skip benchmarks; here they are what was asked for
    config.option.benchmark_skip = False
