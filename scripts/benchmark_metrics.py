"""Time the five metrics beside what a user would pick instead.

Ours runs on the whole stack. The peers are slow, so they run on its first
slices, and their time is given per slice. Runs are interleaved; the median and
the spread of the repeats are reported.
"""

import importlib.util
import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
from skimage.measure import label
from skimage.metrics import adapted_rand_error, variation_of_information
from skimage.segmentation import watershed

from unet2015 import cli
from unet2015.atomic import write_text
from unet2015.metrics.challenge import THRESHOLDS, evaluate
from unet2015.stacks import read_labels, read_probability


def main() -> None:
    """Read a stack and its proposal, time everything, write the table."""
    parser = cli.parser(__doc__)
    parser.add_argument("--labels", type=Path, required=True, help="label TIFF")
    parser.add_argument("--proposal", type=Path, required=True, help="probability TIFF")
    parser.add_argument("--naive", type=Path, required=True, help="a module")
    parser.add_argument("--peer-slices", type=cli.at_least_one, default=3)
    parser.add_argument("--repeats", type=cli.at_least_one, default=3)
    parser.add_argument("--threads", type=cli.at_least_one, default=2)
    parser.add_argument("--csv", type=Path, required=True, help="output")
    parser.add_argument("--markdown", type=Path, required=True, help="output")
    args = cli.arguments(parser)
    labels, proposal = read_labels(args.labels), read_probability(args.proposal)
    few = slice(0, args.peer_slices)
    naive = load(args.naive)
    ours = f"unet2015, {args.threads} threads"
    contenders = {
        ours: (lambda: evaluate(labels, proposal, args.threads), len(labels)),
        "unet2015, 1 thread": (lambda: evaluate(labels, proposal, 1), len(labels)),
        "scikit-image (no warping error)": (
            lambda: scikit_image(labels[few], proposal[few]),
            len(labels[few]),
        ),
    }
    evaluate(labels[:1], proposal[:1], 1)  # compiled before the clock starts
    table = interleaved(contenders, args.repeats)
    once = {"plain Python": (lambda: plain_python(naive, labels, proposal), 1)}
    table = pd.concat([table, interleaved(once, 1)], ignore_index=True)
    table["ratio"] = table["slice_seconds"] / table["slice_seconds"][0]
    write_text(args.csv, table.to_csv(index=False, lineterminator="\n"))
    write_text(args.markdown, as_markdown(table, labels.shape))


def load(path: Path) -> ModuleType:
    """Import a module by its path."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def scikit_image(labels: np.ndarray, proposal: np.ndarray) -> None:
    """Compute the closest that scikit-image has to four of the five scores."""
    for truth, probability in zip(labels > 0, proposal, strict=True):
        cells = label(truth, connectivity=1)
        for threshold in THRESHOLDS:
            mask = probability > threshold
            np.count_nonzero(mask & truth)
            regions = label(mask, connectivity=1)
            thinned = watershed(-probability, regions, watershed_line=True)
            adapted_rand_error(cells, regions)
            adapted_rand_error(cells, thinned)
            variation_of_information(cells, thinned)


def plain_python(naive: ModuleType, labels: np.ndarray, proposal: np.ndarray) -> None:
    """Compute the five curves of the first slice without any compiled loop."""
    for name in ("pixel", "rand", "v_rand", "v_info", "warping"):
        getattr(naive, f"{name}_curve")(labels[:1], proposal[:1])


def interleaved(
    contenders: dict[str, tuple[Callable[[], object], int]], repeats: int
) -> pd.DataFrame:
    """Time each contender in turn, `repeats` times; return seconds per slice."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(repeats):
        for name, (run, slices) in contenders.items():
            start = time.perf_counter()
            run()
            seconds[name].append((time.perf_counter() - start) / slices)
    rows = [
        {
            "implementation": name,
            "slices": contenders[name][1],
            "runs": repeats,
            "slice_seconds": statistics.median(times),
            "lowest": min(times),
            "highest": max(times),
        }
        for name, times in seconds.items()
    ]
    return pd.DataFrame(rows)


def as_markdown(table: pd.DataFrame, shape: tuple[int, ...]) -> str:
    """Return the table as Markdown, with the machine beneath it."""
    lines = [
        "| implementation | slices timed | seconds per slice | spread | ratio |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for row in table.to_dict("records"):
        spread = f"{row['lowest']:.3f} to {row['highest']:.3f}"
        lines.append(
            f"| {row['implementation']} | {row['slices']} | {row['slice_seconds']:.3f} "
            f"| {spread if row['runs'] > 1 else 'one run'} | {row['ratio']:.1f} |"
        )
    stack = " x ".join(map(str, shape))
    total = table["slice_seconds"][0] * shape[0]
    lines += [
        "",
        f"All five metrics on the whole stack ({stack}): {total:.1f} s. "
        f"{len(THRESHOLDS)} thresholds; {os.cpu_count()} cores, {platform.machine()}.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    cli.run(main)
