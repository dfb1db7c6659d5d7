"""Medians and intervals of known samples, and how samples are taken."""

import random
import time

import pytest

from jaxreview.speedup import timing


class Clock:
    """A clock that only moves when told to."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def spending(self, seconds, log=None, name=""):
        def run():
            self.now += seconds
            if log is not None:
                log.append(name)

        return run


def test_median():
    assert timing.median([3.0, 1.0, 2.0]) == 2.0
    assert timing.median([4.0, 1.0, 2.0, 3.0]) == 2.5


@pytest.mark.parametrize(
    ("count", "low", "high", "coverage"),
    [
        (1, 1, 1, 0.0),
        (5, 1, 5, 1 - 2 / 32),
        (6, 1, 6, 1 - 2 / 64),
        (8, 1, 8, 1 - 2 / 256),
        (9, 2, 8, 1 - 2 * (1 + 9) / 512),  # P(Bin(9, ½) ≤ 1) = 10 / 512; one rank further it would be 46 / 512, which covers 82 %
        (20, 6, 15, 0.9586105346679688),  # Conover (1999), table A3: ranks 6 and 15 of 20
    ],
)
def test_interval_of_known_ranks(count, low, high, coverage):
    samples = [float(i) for i in range(1, count + 1)]
    random.Random(0).shuffle(samples)
    assert timing.interval(samples) == pytest.approx((low, high, coverage))


def test_the_interval_covers_the_median_as_often_as_it_says():
    """400 draws of 15 from an exponential, whose median is log 2: binomial with p ≈ 0.965 stays above 93 % (4 standard deviations below are 92.8 %)."""
    rng = random.Random(1)
    hits = 0
    for _ in range(400):
        low, high, coverage = timing.interval([rng.expovariate(1.0) for _ in range(15)])
        hits += low <= 0.6931471805599453 <= high
    assert coverage >= timing.CONFIDENCE
    assert 0.928 < hits / 400 <= 1.0


def test_no_samples_are_refused():
    with pytest.raises(ValueError, match="at least one"):
        timing.interval([])


def test_a_ratio_lies_between_the_extreme_ratios():
    assert timing.ratio_interval([8.0, 10.0, 12.0], [1.0, 2.0, 4.0]) == (2.0, 12.0)


def test_rounds_share_the_time():
    assert timing.rounds([0.001, 0.001], 100.0) == [timing.MOST] * 2
    # 1 s each; the cheap form leaves 1 − 40 ms, so the dear one has 1.96 s
    assert timing.rounds([0.1, 0.001], 2.0) == [19, timing.MOST]
    assert timing.rounds([5.0], 0.0) == [1]
    assert timing.rounds([5.0], 0.0, [1]) == [0]
    assert timing.rounds([0.001], -1.0) == [timing.FEWEST]


def test_forms_are_interleaved_and_every_sample_is_kept():
    clock, log = Clock(), []
    quick, slow = (timing.Clocked(clock.spending(s, log, name)) for s, name in ((0.1, "quick"), (0.3, "slow")))
    timing.sample([quick, slow], 2.4, clock)
    assert quick.samples == pytest.approx([0.1] * len(quick.samples))
    assert len(quick.samples) == log.count("quick")
    assert len(slow.samples) == log.count("slow") >= 3
    assert "quick" in log[log.index("slow") : len(log) - log[::-1].index("slow")]


def test_rounds_are_shuffled_and_paused_when_asked(monkeypatch):
    clock, log, pauses = Clock(), [], []
    monkeypatch.setattr(timing.time, "sleep", pauses.append)
    calls = [timing.Clocked(clock.spending(0.1, log, name)) for name in "abc"]
    timing.sample(calls, 100.0, clock, pause=0.25, order=random.Random(0))
    rounds = ["".join(log[at : at + 3]) for at in range(0, len(log), 3)]
    assert {"".join(sorted(one)) for one in rounds} == {"abc"}
    assert len(set(rounds)) > 1
    assert pauses == [0.25] * len(log)


def test_a_quick_call_is_repeated_inside_a_sample():
    clock = Clock()
    call = timing.Clocked(clock.spending(1e-5))
    timing.sample([call], 0.5, clock)
    assert call.repeats == pytest.approx(timing.SHORTEST / 1e-5, abs=1)
    assert len(call.samples) == timing.MOST
    assert call.samples[0] == pytest.approx(1e-5)


def test_a_first_sample_that_is_there_is_kept():
    clock = Clock()
    call = timing.Clocked(clock.spending(0.2), samples=[0.25])
    timing.sample([call], 0.0, clock)
    assert call.samples == [0.25]


def test_a_real_clock_measures_a_sleep():
    call = timing.Clocked(lambda: time.sleep(0.005))
    timing.sample([call], 0.1)
    assert 0.005 <= timing.median(call.samples) < 0.05
