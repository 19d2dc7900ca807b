import assert from "node:assert/strict";
import { test } from "node:test";
import { frameOf, glyphScale, panned, whole, zoomed } from "../../../../app/ui/photo_overlay/frame.js";

const IMAGE = { width: 400, height: 200 };
const EMPTY = { given: [0, 0, 0], current: [0, 0, 0], said: null };

test("zooming to a person shows them whole, inside the photo and in its shape", () => {
  const frame = frameOf({ box: [350, 150, 40, 50], keypoints: [] }, IMAGE);
  assert.deepEqual(frame.map(Math.round), [270, 135, 130, 65]);
  assert.deepEqual(frameOf({ box: null, keypoints: [EMPTY] }, IMAGE), [0, 0, 400, 200]);
  assert.deepEqual(frameOf({ box: [0, 0, 400, 200], keypoints: [] }, IMAGE), [0, 0, 400, 200]);
});

test("what the model places outside the box is in the frame as well", () => {
  const keypoint = { ...EMPTY, said: { x: 100, y: 190 } };
  const [x, y, width, height] = frameOf({ box: [100, 100, 10, 10], keypoints: [keypoint] }, IMAGE);
  assert.ok(x <= 100 && x + width >= 110);
  assert.ok(y <= 100 && y + height >= 190);
});

test("zooming keeps the place under the pointer where it is", () => {
  const at = [300, 50];
  const frame = zoomed(whole(IMAGE), 2, at, IMAGE);
  assert.deepEqual(frame, [150, 25, 200, 100]);
  const share = (place, from, size) => (place - from) / size;
  assert.equal(share(at[0], frame[0], frame[2]), 300 / 400);
  assert.equal(share(at[1], frame[1], frame[3]), 50 / 200);
});

test("one cannot zoom out of the photo, nor closer than a few pixels", () => {
  assert.deepEqual(zoomed([150, 25, 200, 100], 0.01, [300, 50], IMAGE), [0, 0, 400, 200]);
  const [, , width, height] = zoomed(whole(IMAGE), 1e6, [200, 100], IMAGE);
  assert.deepEqual([width, height], [32, 16]);
});

test("a picture smaller than the closest view is shown whole", () => {
  const tiny = { width: 9, height: 8 };
  assert.deepEqual(zoomed(whole(tiny), 4, [4, 4], tiny), [0, 0, 9, 8]);
});

test("moving stops at the rim of the photo", () => {
  assert.deepEqual(panned([150, 25, 200, 100], 20, -10, IMAGE), [170, 15, 200, 100]);
  assert.deepEqual(panned([150, 25, 200, 100], 1000, -1000, IMAGE), [200, 0, 200, 100]);
});

test("glyphs are smaller on a small photo and on persons not looked at", () => {
  assert.equal(glyphScale(1400, true), 1);
  assert.equal(glyphScale(100, true), 0.65);
  assert.ok(glyphScale(700, false) < 1);
});
