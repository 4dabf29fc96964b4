"""The figures of the report, one module each, in one style.

Every module has a function `draw` from arrays to a matplotlib figure;
:func:`unet2015.figures.style.save` writes it.
"""
