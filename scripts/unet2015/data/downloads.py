"""Files by path or URL: fetched once each, with patience."""

import logging
import time
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import requests
from tqdm import tqdm

from unet2015.errors import InputError

log = logging.getLogger(__name__)

ABSENT = (404, 410)
PASSING = (408, 425, 429)
"""Client errors that are worth another try; those of the server all are."""
CHUNK = 2**16
MAX_BYTES = 512 * 2**20
"""Bound on one download; the archive of the challenge takes a few tens of MiB."""


class AbsentError(InputError):
    """A place is in order but does not hold the file."""


def is_remote(place: str) -> bool:
    """Tell whether a place is a URL for the network rather than a path."""
    return place.lower().startswith(("http://", "https://"))


def local_path(place: str) -> Path:
    """Return the path that a place, a path or a ``file://`` URL, stands for."""
    if place.lower().startswith("file://"):
        return Path(url2pathname(urlsplit(place).path))
    return Path(place).expanduser()


class Downloads:
    """Fetch files, each at most once.

    Parameters
    ----------
    folder : Path
        Existing folder for what comes from the network. The caller deletes it.
    tries : int
        Attempts at one URL.
    pause : float
        Seconds before the second attempt; doubled before each later one.
    timeout : tuple of float
        Seconds to wait for a connection, and for data on it.
    """

    def __init__(
        self,
        folder: Path,
        tries: int = 3,
        pause: float = 2.0,
        timeout: tuple[float, float] = (10.0, 60.0),
    ):
        self.folder = folder
        self.tries = tries
        self.pause = pause
        self.timeout = timeout
        self._results: dict[str, Path | InputError] = {}

    def get(self, place: str, quiet: bool = False) -> Path:
        """Return the local path of a file.

        Parameters
        ----------
        place : str
            A path or a URL.
        quiet : bool
            Show no progress bar. None is shown without a terminal.

        Raises
        ------
        AbsentError
            If there is no such file.
        InputError
            If it cannot be fetched; a second call says so at once.
        """
        if not is_remote(place):
            if not local_path(place).is_file():
                raise AbsentError(f"{place}: there is no such file")
            return local_path(place)
        if place not in self._results:
            path = self.folder / f"{len(self._results):03d}-{Path(place).name}"
            try:
                self._results[place] = self._fetch(place, path, quiet)
            except InputError as error:
                self._results[place] = error
        result = self._results[place]
        if isinstance(result, InputError):
            raise result
        return result

    def _fetch(self, url: str, path: Path, quiet: bool) -> Path:
        """Download `url`, trying again after failures that may pass."""
        for attempt in range(1, self.tries + 1):
            try:
                return self._download(url, path, quiet)
            except requests.RequestException as error:
                status = getattr(error.response, "status_code", 500)
                if status in ABSENT:
                    raise AbsentError(f"{url}: there is no such file") from error
                if attempt == self.tries or (status < 500 and status not in PASSING):
                    raise InputError(
                        f"{url} cannot be downloaded (try {attempt}: {_brief(error)}); "
                        "check the connection"
                    ) from error
                wait = self.pause * 2 ** (attempt - 1)
                log.warning("%s: %s; next try in %g s", url, _brief(error), wait)
                time.sleep(wait)
        raise ValueError(f"tries is {self.tries}, expected at least 1")

    def _download(self, url: str, path: Path, quiet: bool) -> Path:
        """Stream `url` to `path` once."""
        with requests.get(url, stream=True, timeout=self.timeout) as response:
            response.raise_for_status()
            total = int(response.headers.get("content-length", 0)) or None
            bar = tqdm(
                total=total,
                unit="B",
                unit_scale=True,
                desc=Path(url).name,
                disable=True if quiet else None,  # None: only on a terminal
            )
            with bar, path.open("wb") as file:
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    bar.update(len(chunk))
                    if file.tell() > MAX_BYTES:
                        raise InputError(
                            f"{url} is larger than {MAX_BYTES} bytes; use another copy"
                        )
        return path


def _brief(error: requests.RequestException) -> str:
    """Return what went wrong, without the layers that requests wraps around it."""
    if error.response is not None:
        return f"{error.response.status_code} {error.response.reason}"
    cause = error.args[0] if error.args else error
    return str(getattr(cause, "reason", cause))
