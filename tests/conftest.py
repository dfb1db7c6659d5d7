"""Strict for every test: no silent promotion, no silent broadcast, full precision, eight devices, annotations checked at each call."""

import gc

import jax
import pytest
from jaxtyping import install_import_hook

jax.config.update("jax_num_cpu_devices", 8)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_default_matmul_precision", "highest")

# Before the first import of the library: from here on beartype holds every call against its annotations.
install_import_hook("jaxreview", "checking.typechecked")

# Compiled programs are many objects that live long; looking through all of them for garbage again and again takes a good part of a long run.
gc.set_threshold(100_000, 50, 100)


@pytest.fixture(scope="module", autouse=True)
def programs_of_one_module():
    """Drop the compiled programs of a module behind it: kept over the suite they fill gigabytes."""
    yield
    jax.clear_caches()
    gc.collect()
