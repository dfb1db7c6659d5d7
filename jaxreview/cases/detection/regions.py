"""Rows: Regions of interest."""

from jaxreview import detection
from jaxreview.cases._inputs import constant, distinct, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._regions import regions

CASES = [
    Case(
        detection.roi_align, "two samples on each axis", normal("N H W C"), regions("K", "N", 6.0), dims=dict(N=2, H=6, W=5, C=3, K=4),
        options=dict(output_size=(2, 3), sampling_ratio=2), differentiable=(0,),
        bench=Bench(dict(N=2, H=48, W=40, C=3, K=128), real={0: "photographs"}, split={1: 0}),
    ),
    Case(
        detection.roi_align, "as many samples as cells, aligned and scaled, two batch axes", normal("2 2 H W C"), regions("K", 4, 12.0),
        dims=dict(H=5, W=6, C=2, K=5), options=dict(output_size=2, spatial_scale=0.5, sampling_ratio=0, aligned=True, max_samples=(4, 5)), differentiable=(0,),
    ),
    Case(
        detection.roi_pool, "scaled, bins that overlap and bins outside", distinct("N H W C"), regions("K", "N", 12.0), dims=dict(N=2, H=6, W=5, C=3, K=5),
        options=dict(output_size=(3, 2), spatial_scale=0.5), differentiable=(0,),
        bench=Bench(dict(N=2, H=48, W=40, C=3, K=512), real={0: "photographs"}, split={1: 0}),
    ),
]  # fmt: skip

_X, _R = normal("2 6 5 3"), regions("4", 2, 6.0)
_ONE = dict(output_size=2)


def _shared(function):
    return [
        Bad(function, "regions without an index", _X, normal("4 4"), options=_ONE, error=ValueError, match="rois has shape (4, 4)"),
        Bad(function, "one region without an axis for them", _X, normal("5"), options=_ONE, error=ValueError, match="rois has shape (5,)"),
        Bad(function, "a list of regions", _X, [_R, _R], options=_ONE, error=TypeError, match="rois is a list"),
        Bad(function, "no spatial axes", normal("6 5"), _R, options=_ONE, error=ValueError, match="at least rank 3"),
        Bad(function, "an empty map", normal("2 0 5 3"), _R, options=_ONE, error=ValueError, match="at least one cell"),
        Bad(function, "integer features", integers("2 6 5 3", 0, 5), _R, options=_ONE, error=TypeError, match="features has dtype int32"),
        Bad(function, "integer regions", _X, integers("4 5", 0, 2), options=_ONE, error=TypeError, match="rois has dtype int32"),
        Bad(function, "no bins", _X, _R, options=dict(output_size=(2, 0)), error=ValueError, match="output_size[1] is 0"),
        Bad(function, "bins on three axes", _X, _R, options=dict(output_size=(2, 2, 2)), error=ValueError, match="output_size"),
        Bad(function, "a scale of 0", _X, _R, options=dict(output_size=2, spatial_scale=0.0), error=ValueError, match="spatial_scale is 0"),
        Bad(function, "a map that is not there", _X, constant([[2.0, 1, 1, 3, 3]]), options=_ONE, error=ValueError, match="from 0 to 1", eager=True),
        Bad(function, "a map between two", _X, constant([[0.5, 1, 1, 3, 3]]), options=_ONE, error=ValueError, match="a whole number", eager=True),
    ]  # fmt: skip


def sampled(function, x):
    """What every function that samples must refuse."""
    large = constant([[0.0, 0, 0, 5, 5], [1.0, 0, 0, 30, 5]])
    return [
        Bad(function, "fewer samples than none", x, _R, options=dict(output_size=2, sampling_ratio=-1), error=ValueError, match="sampling_ratio is -1"),
        Bad(function, "a bound and a number", x, _R, options=dict(output_size=2, sampling_ratio=2, max_samples=3), error=ValueError, match="to be None"),
        Bad(function, "a bound of no samples", x, _R, options=dict(output_size=2, max_samples=0), error=ValueError, match="max_samples is 0"),
        Bad(function, "a region beyond the bound", x, large, options=_ONE, error=ValueError, match="at least (3, 15) for the region in row 1", eager=True),
    ]  # fmt: skip


BAD = [
    *_shared(detection.roi_align),
    *sampled(detection.roi_align, _X),
    Bad(detection.roi_align, "aligned by a number", _X, _R, options=dict(output_size=2, aligned=1), error=TypeError, match="a static True or False"),
    *_shared(detection.roi_pool),
]  # fmt: skip
