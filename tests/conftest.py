"""Strict for every test: no silent promotion, no silent broadcast, full precision, eight devices, annotations checked at each call."""

import atexit
import gc
import os
import shutil
import tempfile

import jax
import pytest
from jaxtyping import install_import_hook

jax.config.update("jax_num_cpu_devices", 8)
jax.config.update("jax_numpy_dtype_promotion", "strict")
jax.config.update("jax_numpy_rank_promotion", "raise")
jax.config.update("jax_default_matmul_precision", "highest")

# What one worker or module has compiled serves the others. The folder is made, and removed, by the process that starts the run; its workers inherit the name.
if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
    os.environ["JAX_COMPILATION_CACHE_DIR"] = tempfile.mkdtemp(prefix="jaxreview-tests-")
    atexit.register(shutil.rmtree, os.environ["JAX_COMPILATION_CACHE_DIR"], ignore_errors=True)
jax.config.update("jax_compilation_cache_dir", os.environ["JAX_COMPILATION_CACHE_DIR"])
jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.0)
jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)

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
