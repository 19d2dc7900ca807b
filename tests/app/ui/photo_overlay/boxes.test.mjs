import assert from "node:assert/strict";
import { test } from "node:test";
import {
  boxBetween, newest, NO_BOXES, recalled, typedBox, withBox, without,
} from "../../../../app/ui/photo_overlay/boxes.js";

const IMAGE = { width: 400, height: 200 };

test("a box is the same whichever corner the drag began at", () => {
  const box = [10, 20, 30.5, 40];
  assert.deepEqual(boxBetween([10, 20], [40.52, 60], IMAGE), box);
  assert.deepEqual(boxBetween([40.52, 20], [10, 60], IMAGE), box);
  assert.deepEqual(boxBetween([40.52, 60], [10, 20], IMAGE), box);
});

test("a box is cut at the rim of the photo", () => {
  assert.deepEqual(boxBetween([-50, -50], [500, 500], IMAGE), [0, 0, 400, 200]);
  assert.equal(boxBetween([410, 10], [500, 100], IMAGE), null);
});

test("a slip of the hand is no box, but a tiny picture can be boxed whole", () => {
  assert.equal(boxBetween([10, 10], [17, 100], IMAGE), null);
  assert.deepEqual(boxBetween([0, 0], [5, 5], { width: 5, height: 5 }), [0, 0, 5, 5]);
});

test("what is typed is a box, or words say why not", () => {
  assert.deepEqual(typedBox([10, 20, 30, 40], IMAGE), { box: [10, 20, 30, 40] });
  assert.deepEqual(typedBox([10, 20, NaN, 40], IMAGE), {
    problem: "Give four numbers: x, y, width, height.",
  });
  assert.deepEqual(typedBox([10, 20, 0, 40], IMAGE), {
    problem: "Width and height must be above 0.",
  });
  assert.deepEqual(typedBox([398, 20, 30, 40], IMAGE), {
    problem: "Less than 8 pixels of this box are on the photo.",
  });
});

test("every box has an id of its own, also after one was deleted", () => {
  const two = withBox(withBox(NO_BOXES, [1, 1, 9, 9]), [2, 2, 9, 9]);
  assert.deepEqual(two.list.map(({ id }) => id), ["b1", "b2"]);
  assert.deepEqual(withBox(without(two, "b1"), [3, 3, 9, 9]).list.map(({ id }) => id), ["b2", "b3"]);
  assert.equal(two.seq, 2);
});

test("the whole picture can be put away like a box", () => {
  const boxes = withBox(NO_BOXES, [1, 1, 9, 9]);
  assert.deepEqual(without(boxes, "whole"), { seq: 2, whole: false, list: boxes.list });
  assert.deepEqual(without(boxes, "b1"), { seq: 2, whole: true, list: [] });
});

test("Python's list is held unless ours is newer", () => {
  const ours = withBox(NO_BOXES, [1, 1, 9, 9]);
  assert.equal(newest(ours, NO_BOXES), ours);
  const theirs = { seq: 1, whole: true, list: [] };
  assert.equal(newest(ours, theirs), theirs);
});

test("kept boxes come back as they were, and anything else is nothing", () => {
  const boxes = withBox(NO_BOXES, [1, 1, 9, 9]);
  assert.deepEqual(recalled(JSON.stringify(boxes)), boxes);
  for (const text of [null, "", "{", "[]", '{"seq":1}', '{"seq":1,"list":[{"id":"x","box":[1]}]}']) {
    assert.equal(recalled(text), null);
  }
});
