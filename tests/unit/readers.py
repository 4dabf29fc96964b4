"""What readers of others see in stacks; run by the Python of envs/readers.lock."""

import json
import sys
from pathlib import Path

import ome_types
import tifffile
import zarr
from ome_zarr.io import parse_url
from ome_zarr.reader import Reader
from ome_zarr_models import open_ome_zarr


def by_tifffile(path):
    with tifffile.TiffFile(path) as file:
        (series,) = file.series
        described, tags = file.imagej_metadata, file.pages.first.tags
        ones, per_unit = tags["XResolution"].value[::-1]
        return {
            "axes": series.axes,
            "shape": series.shape,
            "type": str(series.dtype),
            "sizes": [described["spacing"], ones / per_unit, ones / per_unit],
            "units": [described["unit"]] * 3,
            "sum": int(series.asarray().astype("f8").sum()),
        }


def by_ome_types(path):
    pixels = ome_types.from_tiff(path).images[0].pixels
    return {
        "axes": "ZYX" if pixels.size_c == pixels.size_t == 1 else "",
        "shape": [pixels.size_z, pixels.size_y, pixels.size_x],
        "type": {"float": "float32"}.get(pixels.type.value, pixels.type.value),
        "sizes": [getattr(pixels, f"physical_size_{axis}") for axis in "zyx"],
        "units": [getattr(pixels, f"physical_size_{a}_unit").value for a in "zyx"],
        "sum": int(tifffile.imread(path).astype("f8").sum()),
    }


def by_ome_zarr(path):
    open_ome_zarr(zarr.open_group(path, mode="r"))  # ValueError unless valid
    (node,) = Reader(parse_url(path))()
    axes, full = node.metadata["axes"], node.data[0]
    return {
        "axes": "".join(axis["name"] for axis in axes).upper(),
        "shape": full.shape,
        "type": str(full.dtype),
        "sizes": node.metadata["coordinateTransformations"][0][0]["scale"],
        "units": [axis["unit"] for axis in axes],
        "sum": int(full.astype("f8").sum().compute()),
        "kinds": [type(spec).__name__ for spec in node.specs],
    }


READERS = {".tif": by_tifffile, ".tiff": by_ome_types, ".zarr": by_ome_zarr}

sys.stdout.write(
    json.dumps(
        {Path(path).name: READERS[Path(path).suffix](path) for path in sys.argv[1:]}
    )
)
