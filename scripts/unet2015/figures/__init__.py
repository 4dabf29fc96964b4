"""The figures of the report, one module each, in one style.

Functions `draw_...` make a matplotlib figure, or a part of one, from arrays;
:func:`unet2015.figures.style.save` writes it.
"""
