"""The data of the ISBI 2012 challenge: segmentation of neurites in EM stacks.

Ventral nerve cord of a Drosophila first-instar larva, serial-section
transmission electron microscopy, 4 x 4 x 50 nm a pixel.
"""

from unet2015.data.copies import ARCHIVE
from unet2015.data.download import DataSet

SHAPE = (30, 512, 512)

SHA256 = {
    "train-volume": "200da3d452d726e6c9ca1ce04b869d4edb727320d23b516d01cce707dc8c4760",
    "train-labels": "a7cb64000a1a7e542682927e19c91339f58f9f178e0bcce4e207371116f0ca36",
    "test-volume": "1b58fa7ec1d0ff9d39a855622db3ff66a97863036339b0d04be51b2f5a99b0e9",
    "test-labels": "9866ff254d838aee013f74b25e23b2b724223b803e3346f3e5693cb022b966dc",
}
"""Of the raw pixels, not of a file, so that they verify a copy in any format.

The first three stacks are identical in several independent copies. The test
labels were published after the challenge and are put together from two copies
that agree wherever both can be read.
"""

OFFICIAL = f"https://downloads.imagej.net/{ARCHIVE}"
FIRST_THREE = (
    "https://raw.githubusercontent.com/zhixuhao/unet/"
    "b45af4d458437d8281cc218a07fd4380818ece4a/data/membrane"
)
TEST_LABELS = (
    "https://raw.githubusercontent.com/howardtse2005/COMP3314_Group8/"
    "18ea6bdd39d27be665f8ced681c556af02946ecd/data/ISBI-2012-challenge"
)

COPIES = {
    "train-volume": (f"{OFFICIAL}/train-volume.tif", f"{FIRST_THREE}/train-volume.tif"),
    "train-labels": (f"{OFFICIAL}/train-labels.tif", f"{FIRST_THREE}/train-labels.tif"),
    "test-volume": (f"{OFFICIAL}/test-volume.tif", f"{FIRST_THREE}/test-volume.tif"),
    "test-labels": (f"{OFFICIAL}/test-labels.tif", f"{TEST_LABELS}/test-labels/"),
}
"""In the official archive, then public ones at fixed commits."""

CITATION = (
    "Cardona et al. 2010, PLoS Biology 8(10): e1000502, "
    "doi:10.1371/journal.pbio.1000502 (data, TrakEM2); "
    "Arganda-Carreras et al. 2015, Frontiers in Neuroanatomy 9: 142, "
    "doi:10.3389/fnana.2015.00142 (challenge)"
)

LICENCE = (
    "free to use for the purpose of generating or testing non-commercial image "
    "segmentation software"
)

ISBI2012 = DataSet("isbi2012", SHAPE, SHA256, COPIES, CITATION, LICENCE)
