import assert from "node:assert/strict";
import { test } from "node:test";

import { fit, pan, personRect, placeIn, reshape, reveal, toImage, zoom } from "../../../../app/ui/keypoint_canvas/geometry.js";
import { anItem } from "./an_item.mjs";

const STAGE = { w: 400, h: 200 };
const PHOTO = { w: 100, h: 80 };

const ROOM = { w: 1000, h: 1000 };

test("a view shows all of a rectangle in the stage's shape, centred", () => {
  assert.deepEqual(fit({ x: 110, y: 120, w: 50, h: 50 }, STAGE, ROOM), { x: 85, y: 120, w: 100, h: 50 });
});

test("a view shows no more beyond the photo than it must", () => {
  const corner = { x: 980, y: 980, w: 20, h: 25 };
  assert.deepEqual(fit(corner, STAGE, ROOM), { x: 950, y: 975, w: 50, h: 25 });
  assert.deepEqual(fit({ x: 0, y: 0, w: 100, h: 80 }, STAGE, PHOTO), { x: -30, y: 0, w: 160, h: 80 });
});

test("a tiny person is not blown up without end", () => {
  assert.deepEqual(fit({ x: 110, y: 110, w: 0, h: 0 }, STAGE, ROOM), { x: 86, y: 98, w: 48, h: 24 });
});

test("zooming keeps the point under the pointer where it is", () => {
  const view = { x: 0, y: 0, w: 100, h: 50 };
  const at = toImage({ x: 100, y: 50 }, view, STAGE);
  const closer = zoom(view, 2, at, PHOTO);
  assert.deepEqual(closer, { x: 12.5, y: 6.25, w: 50, h: 25 });
  assert.deepEqual(toImage({ x: 100, y: 50 }, closer, STAGE), at);
});

test("zooming ends at both ends", () => {
  const view = { x: 0, y: 0, w: 100, h: 50 };
  assert.equal(zoom(view, 1e6, { x: 0, y: 0 }, PHOTO).w, 24);
  assert.equal(zoom(view, 1e-6, { x: 0, y: 0 }, PHOTO).w, 480);
});

test("panning moves by screen pixels", () => {
  assert.deepEqual(pan({ x: 0, y: 0, w: 100, h: 50 }, 40, -20, STAGE), { x: -10, y: 5, w: 100, h: 50 });
});

test("another stage keeps the scale and the centre", () => {
  const view = { x: 0, y: 0, w: 100, h: 50 };
  assert.deepEqual(reshape(view, STAGE, { w: 200, h: 200 }), { x: 25, y: 0, w: 50, h: 50 });
});

test("a place is inside the photo, to a hundredth of a pixel", () => {
  assert.deepEqual(placeIn({ x: -3, y: 79.123456 }, PHOTO), { x: 0, y: 79.12 });
  assert.deepEqual(placeIn({ x: 101, y: 200 }, PHOTO), { x: 100, y: 80 });
});

test("a person is its box and its labelled keypoints", () => {
  assert.deepEqual(personRect(anItem({ current: [[90, 5, 2], [0, 0, 0]] }), PHOTO), { x: 10, y: 5, w: 80, h: 65 });
  assert.deepEqual(personRect(anItem({ box: null, current: [[0, 0, 0]] }), PHOTO), { x: 0, y: 0, w: 100, h: 80 });
});

test("a point out of sight moves the view just so far that it is well inside", () => {
  const view = { x: 0, y: 0, w: 100, h: 50 };
  assert.equal(reveal(view, { x: 50, y: 25 }, 0.1), view);
  assert.deepEqual(reveal(view, { x: 120, y: 2 }, 0.1), { x: 30, y: -3, w: 100, h: 50 });
});
