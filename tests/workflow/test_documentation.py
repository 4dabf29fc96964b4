"""Commands, files and links of README and docs are those that there are."""

import os
import re
import shlex
import shutil
import subprocess
import sys

import pytest
import yaml

from workflow.project import ROOT, copy_sources

PAGES = ["README.md", "CONTRIBUTING.md", "config/README.md"]
PAGES += [str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("docs/*.md"))]
TEXTS = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
COMMAND = re.compile(r'\bmake ([a-z][a-z-]*)(?: CONFIG=("[^"]+"|[^\s`]+))?')
COMMANDS = sorted(
    {
        (target, config.strip('"').replace("\n", " "))
        for text in TEXTS.values()
        for code in re.findall(r"```sh\n.*?```|`make [^`]+`", text, re.S)
        for target, config in COMMAND.findall(code)
    }
)
EXAMPLES = {
    "cortex.yaml": {"README.md": "datasets", "docs/own-stacks.md": "export"},
    "wide.yaml": {"README.md": "weights"},
    "mine.yaml": {"docs/claims.md": "experiments"},
}
"""Files that commands name, the pages of their content, and a key of it on each."""


def yaml_with(page, key):
    """Return the YAML on a page that has a key."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", TEXTS[page], re.M | re.S)
    (block,) = [each for each in blocks if key in yaml.safe_load(each)]
    return block


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """The sources with the files that the pages tell to write."""
    folder = copy_sources(tmp_path_factory.mktemp("checkout"))
    shutil.copytree(ROOT / "docs", folder / "docs")
    for name, parts in EXAMPLES.items():
        (folder / name).write_text("".join(yaml_with(*part) for part in parts.items()))
    for name in ("raw", "truth", "new"):
        (folder / f"{name}.tif").touch()
    return folder


def recipe(target, config):
    """Return the calls of Snakemake that a target of make consists of."""
    installed = [f"--old-file=.venv/bin/{n}" for n in (".installed", ".peers")]
    run = subprocess.run(
        ["make", "-n", *installed, "--old-file=.venv/bin/.cluster", target]
        + [f"CONFIG={config}"] * bool(config)
        + ["IMAGES=new.tif"] * (target == "predict"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [line for line in run.stdout.splitlines() if "/snakemake " in line]


@pytest.mark.long
@pytest.mark.parametrize(("target", "config"), COMMANDS)
def test_a_command_can_be_planned(checkout, target, config):
    for line in recipe(target, config):
        words = shlex.split(line)
        if "--lint" in words or "recover.sh" in line:
            continue
        run = subprocess.run(
            [sys.executable, "-m", "snakemake", "-n", "--quiet=all", *words[1:]],
            cwd=checkout,
            env=os.environ | {"UNET2015_MIRROR": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr


def test_readme_is_one_screen():
    assert len(TEXTS["README.md"].splitlines()) <= 110


@pytest.mark.parametrize("page", PAGES)
def test_links_and_pictures_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", TEXTS[page]):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        file = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert file.exists(), f"{page} links to {target}"
        if anchor:
            heads = re.findall(r"^#+ (.+)$", file.read_text(encoding="utf-8"), re.M)
            slugs = {
                re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in heads
            }
            assert anchor in slugs, f"{page} links to {target}"


def test_every_picture_is_shown():
    shown = {
        (ROOT / page).parent.joinpath(target).resolve()
        for page, text in TEXTS.items()
        for target in re.findall(r"!\[[^]]*\]\(([^)\s]+)\)", text)
    }
    assert {path.resolve() for path in ROOT.glob("docs/images/*")} <= shown
