"""A headless browser that works a page."""

import json
import re
import shutil
import subprocess

from lacking import refuse

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def driven(page, driver, size):
    """Open a page in a window of this size; return the JSON that the driver leaves.

    `driver` is a script at the end of the page that replaces its body by JSON.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        refuse(f"no headless browser for {page.name}: install chromium")
    page.write_text(page.read_text() + driver)
    options = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={page.parent / 'profile'}",
        f"--window-size={size}",
        "--virtual-time-budget=10000",
        "--dump-dom",
    ]
    for _ in range(5):  # pictures may take longer than the browser's virtual time
        run = subprocess.run(
            [browser, *options, page.as_uri()],
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
        body = re.search(r"<body>(.*)</body>", run.stdout, re.S)[1]
        if body.startswith("{"):
            break
    return json.loads(body)
