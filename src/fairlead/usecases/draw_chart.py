"""Draw a chart: a Vega-Lite specification as a picture, without a browser and without the network."""

from collections.abc import Mapping
from typing import Any, Final

import vl_convert

VEGA_LITE: Final = "6.4"
_SCALE: Final = 2.0


def draw_svg(specification: Mapping[str, Any]) -> str:
    """Return the picture as SVG."""
    return vl_convert.vegalite_to_svg(dict(specification), vl_version=VEGA_LITE)


def draw_png(specification: Mapping[str, Any]) -> bytes:
    """Return the picture as PNG, with two dots for each of its points."""
    return vl_convert.vegalite_to_png(dict(specification), vl_version=VEGA_LITE, scale=_SCALE)
