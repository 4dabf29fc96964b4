"""A stack whose slices are read when they are asked for."""

import numpy as np


class OpenStack:
    """What all kinds of stacks in files have in common.

    Attributes
    ----------
    shape : tuple of int
        Slices, height and width.
    dtype : dtype
        Of the slices.
    """

    shape: tuple[int, int, int]
    dtype: np.dtype

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: int) -> np.ndarray:
        """Read one slice, shape (height, width).

        Raises
        ------
        InputError
            If its part of the file is damaged.
        """
        raise NotImplementedError

    def whole(self) -> np.ndarray:
        """Read all slices, shape (slices, height, width).

        Raises
        ------
        InputError
            If the file is damaged.
        """
        first = self[0]  # what cannot be read is not worth the memory of the whole
        stack = np.empty(self.shape, self.dtype)
        stack[0] = first
        for index in range(1, len(self)):
            stack[index] = self[index]
        return stack
