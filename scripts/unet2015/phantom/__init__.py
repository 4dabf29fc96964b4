"""A seeded phantom of serial-section electron micrographs of neuropil."""

from unet2015.phantom.volume import Phantom, phantom

__all__ = ["Phantom", "phantom"]
