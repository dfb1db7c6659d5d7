"""Rows: Position-sensitive regions of interest."""

from jaxreview import detection
from jaxreview.cases._inputs import constant, integers, normal
from jaxreview.cases._rows import Bad, Bench, Case
from jaxreview.cases.detection._regions import regions
from jaxreview.cases.detection.regions import sampled

CASES = [
    Case(
        detection.ps_roi_align, "two samples on each axis, scaled", normal("N H W 6"), regions("K", "N", 12.0), dims=dict(N=2, H=6, W=5, K=4),
        options=dict(output_size=(1, 3), spatial_scale=0.5, sampling_ratio=2), differentiable=(0,),
        bench=Bench(dict(N=2, H=24, W=20, K=512), split={1: 0}),
    ),
    Case(
        detection.ps_roi_align, "as many samples as cells, one map", normal("H W 8"), regions("K", 1, 6.0), dims=dict(H=5, W=6, K=3),
        options=dict(output_size=2, sampling_ratio=0, max_samples=4), differentiable=(0,),
    ),
    Case(
        detection.ps_roi_pool, "scaled, two batch axes", normal("1 2 H W 12"), regions("K", 2, 12.0), dims=dict(H=7, W=5, K=5),
        options=dict(output_size=(3, 2), spatial_scale=0.5), differentiable=(0,),
        bench=Bench(dict(H=24, W=20, K=1024), split={1: 0}),
    ),
]  # fmt: skip

_X, _R = normal("2 6 5 8"), regions("4", 2, 6.0)
_ONE = dict(output_size=2)


def _shared(function):
    return [
        Bad(function, "channels for other bins", _X, _R, options=dict(output_size=3), error=ValueError, match="a multiple of 9"),
        Bad(function, "regions without an index", _X, normal("4 4"), options=_ONE, error=ValueError, match="rois has shape (4, 4)"),
        Bad(function, "no spatial axes", normal("6 8"), _R, options=_ONE, error=ValueError, match="at least rank 3"),
        Bad(function, "integer features", integers("2 6 5 8", 0, 5), _R, options=_ONE, error=TypeError, match="features has dtype int32"),
        Bad(function, "a scale below 0", _X, _R, options=dict(output_size=2, spatial_scale=-0.5), error=ValueError, match="spatial_scale is -0.5"),
        Bad(function, "a map before the first", _X, constant([[-1.0, 1, 1, 3, 3]]), options=_ONE, error=ValueError, match="from 0 to 1", eager=True),
    ]  # fmt: skip


BAD = [*_shared(detection.ps_roi_align), *sampled(detection.ps_roi_align, _X), *_shared(detection.ps_roi_pool)]
