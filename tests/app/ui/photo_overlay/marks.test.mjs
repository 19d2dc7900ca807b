import assert from "node:assert/strict";
import { test } from "node:test";
import {
  disagrees, isPlaceOnly, labelMark, marksOf, modelMark, saidFlag,
} from "../../../../app/ui/photo_overlay/marks.js";

const LABELLED = { given: [10, 20, 1], current: [10, 20, 2], said: null };
const ABSENT = { given: [0, 0, 0], current: [0, 0, 0], said: null };
const NOBODYS = { given: null, current: null };
const said = (p0, p1, p2, scores = {}) => ({ x: 5, y: 6, p0, p1, p2, ...scores });

test("a label is drawn where it is, a missing one nowhere", () => {
  assert.deepEqual(labelMark(LABELLED, "given"), { x: 10, y: 20, flag: 1, absent: false });
  assert.equal(labelMark(LABELLED, "current").flag, 2);
  assert.equal(labelMark(ABSENT, "given"), null);
  assert.equal(labelMark(NOBODYS, "given"), null);
});

test("a missing label is drawn where the model thinks the keypoint is", () => {
  const keypoint = { ...ABSENT, said: said(0.2, 0.7, 0.1) };
  assert.deepEqual(labelMark(keypoint, "given"), { x: 5, y: 6, flag: 0, absent: true });
});

test("what the model says is drawn with its likeliest flag", () => {
  const keypoint = { ...LABELLED, said: said(0.2, 0.7, 0.1) };
  assert.deepEqual(modelMark(keypoint), { x: 5, y: 6, flag: 1, absent: false });
  assert.deepEqual(modelMark({ said: said(0.6, 0.3, 0.1) }), { x: 5, y: 6, flag: 0, absent: true });
  assert.equal(modelMark(LABELLED), null);
});

test("a model without flags gives places, and no flag is made up for them", () => {
  assert.equal(saidFlag({ x: 5, y: 6, heat: 0.4 }), null);
  assert.deepEqual(modelMark({ said: { x: 5, y: 6 } }), { x: 5, y: 6, flag: null, absent: false });
  assert.equal(isPlaceOnly({ said: { x: 5, y: 6 } }), true);
  assert.equal(isPlaceOnly({ said: said(0.2, 0.7, 0.1) }), false);
  assert.equal(isPlaceOnly(LABELLED), false);
});

test("by limits, p0 decides first, then p2, and the rest is hidden", () => {
  const rule = { by_hand: true, p0: 0.4, p2: 0.5 };
  assert.equal(saidFlag(said(0.4, 0.0, 0.6), rule), 0);
  assert.equal(saidFlag(said(0.3, 0.2, 0.5), rule), 2);
  assert.equal(saidFlag(said(0.3, 0.21, 0.49), rule), 1);
  assert.equal(saidFlag(said(0.3, 0.21, 0.49)), 2);
});

test("a layer shows labels, the model, or both", () => {
  const keypoint = { ...LABELLED, said: said(0.1, 0.1, 0.8) };
  const flags = (layer) => {
    const { label, model } = marksOf(keypoint, layer);
    return [label?.flag ?? null, model?.flag ?? null];
  };
  assert.deepEqual(flags("given"), [1, null]);
  assert.deepEqual(flags("current"), [2, null]);
  assert.deepEqual(flags("model"), [null, 2]);
  assert.deepEqual(flags("both"), [2, 2]);
});

test("in both, a label without a place is not drawn twice", () => {
  const { label, model } = marksOf({ ...ABSENT, said: said(0.1, 0.8, 0.1) }, "both");
  assert.equal(label, null);
  assert.equal(model.flag, 1);
});

test("somebody nobody labelled is shown as the model sees them in every layer", () => {
  const keypoint = { ...NOBODYS, said: said(0.1, 0.1, 0.8) };
  for (const layer of ["given", "current", "model", "both"]) {
    assert.deepEqual(marksOf(keypoint, layer), {
      label: null, model: { x: 5, y: 6, flag: 2, absent: false },
    });
  }
});

test("the model disagrees with the label of the layer, and never where either is missing", () => {
  const keypoint = { ...LABELLED, said: said(0.1, 0.1, 0.8) };
  assert.equal(disagrees(keypoint, "given"), true);
  assert.equal(disagrees(keypoint, "current"), false);
  assert.equal(disagrees(keypoint, "model"), false);
  assert.equal(disagrees(keypoint, "model", { by_hand: true, p0: 0.05, p2: 0.5 }), true);
  assert.equal(disagrees(LABELLED, "given"), false);
  assert.equal(disagrees({ ...NOBODYS, said: said(1, 0, 0) }, "given"), false);
});
