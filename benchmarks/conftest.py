"""``pytest benchmarks`` measures; ``pytest benchmarks --smoke`` runs every form of every row once, at small sizes, and compares them."""

import pytest


def pytest_addoption(parser):
    parser.addoption("--smoke", action="store_true", help="run every form once at its row's small sizes and check it; time nothing")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    # the suite's own settings skip benchmarks; here they are what was asked for
    config.option.benchmark_skip = False
    if config.option.smoke:
        config.option.benchmark_disable = True
