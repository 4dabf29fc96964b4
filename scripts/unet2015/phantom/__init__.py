"""A seeded phantom of serial-section electron micrographs of neuropil."""
