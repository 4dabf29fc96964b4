"""The page of slices works in a browser: keys, buttons, wheel and fingers."""

import pytest
from browser import driven
from slice_pages import make_page

pytestmark = pytest.mark.long

DRIVER = """
<script>
addEventListener("load", async () => {
  const found = { errors: [] };
  addEventListener("securitypolicyviolation", (e) => found.errors.push(e.blockedURI));
  const key = (name) => document.dispatchEvent(
    new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const state = () => ({
    where: where.textContent, zoom: view.zoom, x: view.x,
    on: Object.keys(pictures).filter((name) => !pictures[name].hidden) });
  const finger = (kind, pointerId, clientX, clientY) => stage.dispatchEvent(
    new PointerEvent(kind, { pointerId, clientX, clientY, bubbles: true }));
  const decoded = async () => {
    await Promise.all(Object.values(pictures).map((p) => p.decode()));
    return Object.values(pictures).map((p) => [p.naturalWidth, p.naturalHeight]);
  };
  found.start = state();
  found.sizes = await decoded();
  key("ArrowRight"); found.right = state(); await decoded();
  key("End"); key("ArrowRight"); found.end = state();
  key("Home"); key("ArrowLeft"); found.home = state();
  slider.value = 1; slider.dispatchEvent(new Event("input")); found.slid = state();
  key("3"); key("2"); found.toggled = state();
  buttons.image.click(); found.clicked = state();
  key("+"); found.plus = state(); key("0"); found.fit = state();
  const turn = { deltaY: -400, clientX: 9, clientY: 99 };
  stage.dispatchEvent(new WheelEvent("wheel", turn));
  found.wheel = state();
  finger("pointerdown", 1, 300, 200); finger("pointermove", 1, 280, 200);
  found.dragged = state(); finger("pointerup", 1, 280, 200); key("0");
  finger("pointerdown", 1, 100, 200); finger("pointerdown", 2, 200, 200);
  finger("pointermove", 2, 300, 200); found.pinched = state();
  found.wide = document.documentElement.scrollWidth <= innerWidth;
  found.stage = stage.clientHeight;
  document.body.textContent = JSON.stringify(found);
});
</script>
"""


@pytest.fixture(scope="module", params=["1280,800", "412,915"])
def found(request, tmp_path_factory):
    """Drive the page in a window of this size; return what it did."""
    folder = tmp_path_factory.mktemp("browser")
    return driven(make_page(folder, labels=True), DRIVER, request.param)


def test_pictures_are_decoded_and_nothing_is_asked_for(found):
    assert found["sizes"] == [[96, 64]] * 4
    assert found["errors"] == []


def test_slices_by_key_and_slider(found):
    expected = {"start": 1, "right": 2, "end": 3, "home": 1, "slid": 2}
    for step, number in expected.items():
        assert found[step]["where"].startswith(f"slice {number} of 3")
    assert found["start"]["where"] == "slice 1 of 3, 0 splits, 0 merges"


def test_layers_by_key_and_button(found):
    assert found["start"]["on"] == ["image", "cells", "errors"]
    assert found["toggled"]["on"] == ["image", "probability", "errors"]
    assert found["clicked"]["on"] == ["probability", "errors"]


def test_zoom_by_key_wheel_and_fingers(found):
    zooms = {step: found[step]["zoom"] for step in ("plus", "fit", "wheel", "pinched")}
    assert zooms == pytest.approx(
        {"plus": 1.5, "fit": 1, "wheel": 2.71828, "pinched": 2}, rel=1e-4
    )


def test_drag_moves_the_slice(found):
    assert found["dragged"]["x"] == pytest.approx(found["wheel"]["x"] - 20)


def test_all_of_it_fits_the_window(found):
    assert found["wide"]
    assert found["stage"] > 300
