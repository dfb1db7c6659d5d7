"""The example programs do what they say, by their own command."""

import re
import subprocess
import sys
import time

import pytest


@pytest.mark.thorough
def test_coins_are_found_on_crops_never_trained_on(tmp_path):
    pytest.importorskip("skimage")
    picture, start = tmp_path / "coins.png", time.perf_counter()
    command = [sys.executable, "-m", "jaxreview.examples.coins", "--out", str(picture)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=400)
    assert time.perf_counter() - start < 180
    found = re.search(r"(\d+) of (\d+) = ([\d.]+)\nwrote ", done.stdout)
    assert found, done.stdout
    assert int(found[2]) >= 40
    assert float(found[3]) >= 0.9
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_training_and_test_share_no_pixel():
    coins = pytest.importorskip("jaxreview.examples.coins")
    pytest.importorskip("skimage")
    of = coins.scene()
    assert len(of.boxes) == 24
    marked = coins.Scene(of.picture * 0 + (coins.np.arange(of.picture.shape[1]) >= coins.BORDER), of.boxes)
    assert coins.test_crops(marked).pictures.min() == 1
    assert coins.training_crops(coins.jax.random.key(0), marked, 200).pictures.max() == 0
