"""The one exception that speaks to the user rather than to the programmer."""


class InputError(ValueError):
    """A file, an argument or a setting cannot be used.

    The message names the offending value, the bound that it breaks and the
    cure. Programs print it without a traceback (see
    :func:`unet2015.cli.run`).
    """
