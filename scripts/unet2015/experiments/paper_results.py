"""What the paper reports for the ISBI 2012 test stack (table 1, 6 March 2015)."""

from typing import NamedTuple


class Metric(NamedTuple):
    """How a column of table 1 is read."""

    name: str
    title: str
    digits: int  # after the point, as published
    higher_is_better: bool

    @property
    def sign(self) -> int:
        """Of a difference that is an improvement."""
        return 1 if self.higher_is_better else -1

    @property
    def head(self) -> str:
        """Of a column: the title, and where better is."""
        return f"{self.title} {'↑' if self.higher_is_better else '↓'}"

    def signed(self, difference: float) -> str:
        """Return a difference with its sign, in the published digits."""
        return f"{difference:+.{self.digits}f}".replace("-", "−")


TABLE_METRICS = (
    Metric("warping_error", "warping error", 6, False),
    Metric("rand_error", "Rand error", 4, False),
    Metric("pixel_error", "pixel error", 4, False),
    Metric("v_rand", "V_Rand", 5, True),
    Metric("v_info", "V_Info", 5, True),
)
"""The columns of table 1, in its order, which other tables keep."""

DATASET = "isbi2012"
HUMAN = "human values"

PAPER_ROWS = {
    HUMAN: {"warping_error": 0.000005, "rand_error": 0.0021, "pixel_error": 0.0010},
    "u-net": {
        "warping_error": 0.000353,
        "rand_error": 0.0382,
        "pixel_error": 0.0611,
        # From the challenge's later board: the paper appeared before these scores.
        "v_rand": 0.97276,
        "v_info": 0.98662,
    },
    "DIVE-SCI": {
        "warping_error": 0.000355,
        "rand_error": 0.0305,
        "pixel_error": 0.0584,
    },
    "IDSIA": {"warping_error": 0.000420, "rand_error": 0.0504, "pixel_error": 0.0613},
    "DIVE": {"warping_error": 0.000430, "rand_error": 0.0545, "pixel_error": 0.0582},
    "IDSIA-SCI": {
        "warping_error": 0.000653,
        "rand_error": 0.0189,
        "pixel_error": 0.1027,
    },
}
"""By method, its scores by the names of :data:`TABLE_METRICS`, as far as published."""

BOARD_ROWS = {
    "ADDN": {"v_rand": 0.98317, "v_info": 0.99088},
    "SFCNN": {"v_rand": 0.98680, "v_info": 0.99144},
    "3D U-Net, mutex watershed": {"v_rand": 0.98792, "v_info": 0.99183},
}
"""The best entries of the challenge's later board, as remembered, not verified."""
