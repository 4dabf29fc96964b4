"""Affinities in files, for the tests of what reads them."""

from unet2015.data.affinities import writing_affinities


def write_affinities(path, slices, offsets):
    with writing_affinities(path, offsets) as add:
        for affinities in slices:
            add(affinities)
