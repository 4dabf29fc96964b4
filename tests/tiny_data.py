"""A tiny data set, the containers it is published in, and a server for them."""

import contextlib
import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import imageio.v3 as imageio
import numpy as np
import tifffile

from unet2015.data.copies import ARCHIVE
from unet2015.data.dataset import NAMES
from unet2015.data.download import DataSet
from unet2015.data.stacks import pixel_sha256

SHAPE = (3, 48, 40)


def tiny_stacks():
    """Return four stacks by name: noise, and labels that are 80 % interior."""
    random = np.random.default_rng(1)
    return {
        name: np.where(random.random(SHAPE) < 0.8, 255, 0).astype(np.uint8)
        if name.endswith("labels")
        else random.integers(0, 256, SHAPE, dtype=np.uint8)
        for name in NAMES
    }


STACKS = tiny_stacks()


def tiffs(base, names=NAMES):
    """Return where stacks lie as TIFF files, by name."""
    return {name: f"{base}/{name}.tif" for name in names}


def slices(base, names=NAMES):
    """Return where stacks lie slice by slice, by name."""
    return {name: f"{base}/{name}/" for name in names}


def archive(base):
    """Return where stacks lie in the zip archive, by name."""
    return {name: f"{base}/{ARCHIVE}/{name}.tif" for name in NAMES}


def tiny_dataset(*sources):
    digests = {name: pixel_sha256(stack) for name, stack in STACKS.items()}
    copies = {name: [s[name] for s in sources if name in s] for name in NAMES}
    return DataSet("tiny", SHAPE, digests, copies, "somebody", "anything goes")


def tiff_bytes(stack, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, stack, photometric="minisblack", **options)
    return file.getvalue()


def png_bytes(image):
    return imageio.imwrite("<bytes>", image, extension=".png")


def lzw_bytes(stack):
    """Return a TIFF that tifffile alone cannot read."""
    return imageio.imwrite(
        "<bytes>", stack, extension=".tif", plugin="pillow", compression="tiff_lzw"
    )


def zip_bytes(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def flipped(stack):
    """Return a copy with one byte inverted; labels remain 0 and 255."""
    damaged = stack.copy()
    damaged[1, 2, 3] ^= 255
    return damaged


def tiff_files(stacks=STACKS, **options):
    """Return the files of a folder with one TIFF a stack, by relative path."""
    return {f"{name}.tif": tiff_bytes(s, **options) for name, s in stacks.items()}


def slice_files(stacks=STACKS, suffix="png"):
    """Return the files of a folder with one folder of slices a stack."""
    write = {"png": png_bytes, "tif": tiff_bytes}[suffix]
    return {
        f"{name}/{name}-{i:02d}.{suffix}": write(image)
        for name, stack in stacks.items()
        for i, image in enumerate(stack, start=1)
    }


def archive_files(stacks=STACKS, folder="ISBI-2012-challenge/"):
    """Return the files of a folder with the zip archive."""
    members = {f"{folder}{name}": data for name, data in tiff_files(stacks).items()}
    members[f"{folder}challenge-error-metrics.bsh"] = b"// a script"
    return {ARCHIVE: zip_bytes(members)}


def write_files(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


class Server:
    """What a running server offers, and what it was asked for.

    `failures` lists, by path, the answers before the file itself: a status, or
    "cut" for a connection that breaks halfway.
    """

    def __init__(self, url):
        self.url = url
        self.files = {}
        self.failures = {}
        self.asked = []


@contextlib.contextmanager
def serving():
    """Run a server on this machine; yield its :class:`Server`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = self.path.lstrip("/")
            server.asked.append(path)
            failures = server.failures.get(path)
            failure = failures.pop(0) if failures else None
            if isinstance(failure, int):
                self.send_error(failure)
            elif path not in server.files:
                self.send_error(404)
            else:
                content = server.files[path]
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // (2 if failure else 1)])

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server = Server(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()
