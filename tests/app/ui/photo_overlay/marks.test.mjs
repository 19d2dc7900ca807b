import assert from "node:assert/strict";
import { test } from "node:test";
import { readFile } from "node:fs/promises";

const source = new URL("../../../../app/ui/photo_overlay/marks.js", import.meta.url);
const text = await readFile(source, "utf-8");
const marks = await import(`data:text/javascript,${encodeURIComponent(text)}`);

const LABELLED = { given: [10, 20, 1], current: [10, 20, 2], predicted: null };
const ABSENT = { given: [0, 0, 0], current: [0, 0, 0], predicted: null };
const predicted = (p, scores = {}) => ({ x: 5, y: 6, p, ...scores });

test("a label is drawn where it is, a missing one nowhere", () => {
  assert.deepEqual(marks.mark(LABELLED, "given"), { x: 10, y: 20, flag: 1, absent: false });
  assert.equal(marks.mark(LABELLED, "current").flag, 2);
  assert.equal(marks.mark(ABSENT, "given"), null);
});

test("a missing label is drawn where the model thinks the keypoint is", () => {
  const keypoint = { ...ABSENT, predicted: predicted([0.2, 0.7, 0.1]) };
  assert.deepEqual(marks.mark(keypoint, "given"), { x: 5, y: 6, flag: 0, absent: true });
});

test("a prediction is drawn with its likeliest flag", () => {
  const keypoint = { ...LABELLED, predicted: predicted([0.2, 0.7, 0.1]) };
  assert.deepEqual(marks.mark(keypoint, "predicted"), { x: 5, y: 6, flag: 1, absent: false });
  assert.equal(marks.mark(LABELLED, "predicted"), null);
});

test("a keypoint the model does not know never disagrees", () => {
  assert.equal(marks.disagrees(LABELLED, "given"), false);
  const known = { ...LABELLED, predicted: predicted([0.1, 0.1, 0.8]) };
  assert.equal(marks.disagrees(known, "given"), true);
  assert.equal(marks.disagrees(known, "current"), false);
  assert.equal(marks.disagrees(known, "predicted"), false);
});

test("the threshold hides what a model says, never a label", () => {
  const keypoint = { ...LABELLED, predicted: predicted(null, { presence: 0.4, heat: null }) };
  const view = { layer: "predicted", score: "presence", threshold: 0.5 };
  assert.equal(marks.passes(keypoint, view), false);
  assert.equal(marks.passes(keypoint, { ...view, layer: "given" }), true);
  assert.equal(marks.passes(keypoint, { ...view, score: "heat" }), true);
});

test("zooming shows the person whole, inside the photo and in its shape", () => {
  const image = { width: 400, height: 200 };
  const frame = marks.frameOf({ box: [350, 150, 40, 50], keypoints: [] }, image);
  assert.deepEqual(frame.map(Math.round), [270, 135, 130, 65]);
  assert.deepEqual(marks.frameOf({ box: null, keypoints: [ABSENT] }, image), [0, 0, 400, 200]);
  assert.deepEqual(marks.frameOf({ box: [0, 0, 400, 200], keypoints: [] }, image), [0, 0, 400, 200]);
});

test("glyphs are smaller on a small photo and on persons not looked at", () => {
  assert.equal(marks.glyphScale(1400, true), 1);
  assert.equal(marks.glyphScale(100, true), 0.65);
  assert.ok(marks.glyphScale(700, false) < 1);
});
