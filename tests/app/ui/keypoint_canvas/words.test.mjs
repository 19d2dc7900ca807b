import assert from "node:assert/strict";
import { test } from "node:test";

import { settle } from "../../../../app/ui/keypoint_canvas/decisions.js";
import { openItem, write } from "../../../../app/ui/keypoint_canvas/item.js";
import { aloud, historyOf, labelWords, modelWords, progressWords, when } from "../../../../app/ui/keypoint_canvas/words.js";
import { aModel, anItem } from "./an_item.mjs";

const NOW = new Date(2026, 10, 21, 17, 30).getTime();
const at = (...parts) => new Date(...parts).toISOString();

test("the active keypoint is said with its flag, the model's, and how it stands", () => {
  const state = openItem(anItem({ model: aModel(), unsure: [false, true, false] }));
  assert.equal(aloud(state), "nose, visible, model hidden 0.70, not reviewed");
  assert.equal(aloud({ ...state, active: 1 }), "left eye, hidden, model hidden 0.80, unsure");
  const reviewed = openItem(anItem({ reviewed: [true, true, true] }));
  assert.equal(aloud(reviewed), "nose, visible, reviewed");
  const stale = { ...reviewed, stale: { 0: {} } };
  assert.equal(aloud(stale), "nose, visible, somebody else decided it meanwhile");
  assert.equal(aloud({ ...reviewed, points: [] }), "This person has no keypoints");
});

test("what the model says, or that it says nothing", () => {
  assert.equal(modelWords({ item: anItem() }, 0), "No model has looked at this person.");
  const item = anItem({ model: aModel({ p: [[0.1, 0.7, 0.2], null, null] }) });
  assert.equal(modelWords({ item }, 0), "tiny-1: not labelled 0.10  hidden 0.70  visible 0.20");
  assert.equal(modelWords({ item }, 1), "tiny-1: not predicted");
});

test("a history is newest first, with what was just decided here", () => {
  const told = [
    { by: "Bo", at: at(2026, 10, 20, 9, 5), kind: "set", from: 2, to: 1, moved: true, reason: "sleeve" },
    { by: "Ada", at: at(2026, 10, 21, 17, 3), kind: "keep", from: 1, to: 1, moved: false, reason: "" },
  ];
  const item = anItem({ revisions: [2, 0, 0], history: [told, [], []] });
  const after = { x: 20, y: 20, v: 0 };
  const state = write(openItem(item), [{ keypoint: 0, kind: "set", after }], "s1", at(2026, 10, 21, 17, 29));
  assert.deepEqual(historyOf(state, 0, NOW), [
    { who: "you", when: "now", what: "visible → not labelled", reason: "" },
    { who: "you", when: "17:03", what: "hidden, kept", reason: "" },
    { who: "Bo", when: "20 Nov 2026 09:05", what: "visible → hidden, moved", reason: "sleeve" },
  ]);
});

test("what somebody else decided meanwhile is told with the time one heard of it", () => {
  const theirs = { keypoint: 0, x: 5, y: 6, v: 1, revision: 4, by: "Bo", told: "17:29:30", mine: { x: 20, y: 20, v: 0 }, steps: [] };
  const state = settle(openItem(anItem()), { revisions: [4, 0, 0], stale: [theirs], saved: new Set() });
  assert.deepEqual(historyOf(state, 0, NOW), [{ who: "Bo", when: "17:29:30", what: "hidden", reason: "" }]);
});

test("a fresh decision the item brings along is not told twice", () => {
  const after = { x: 20, y: 20, v: 0 };
  const state = write(openItem(anItem()), [{ keypoint: 0, kind: "set", after }], "s1", at(2026, 10, 21, 17, 29));
  const told = { by: "Ada", at: at(2026, 10, 21, 17, 29), kind: "set", from: 2, to: 0, moved: false, reason: "" };
  const item = anItem({ revisions: [1, 0, 0], history: [[told], [], []] });
  assert.deepEqual(historyOf({ ...state, item }, 0, NOW).map((entry) => entry.when), ["17:29"]);
});

test("a time that is none is left out", () => {
  assert.equal(when("soon", NOW), "");
});

test("a label in words has its place where it has one", () => {
  assert.equal(labelWords({ x: 1, y: 2.25, v: 1 }), "hidden at 1.0, 2.3");
  assert.equal(labelWords({ x: 1, y: 2, v: 0 }), "not labelled");
});

test("progress is counted in the queue and for today", () => {
  const today = { keypoints: 124, persons: 1 };
  assert.deepEqual(progressWords({ total: 1412, reviewed: 37, changed: 21, today }), [
    "37 / 1,412 reviewed · found 21 (57 %)", "today: 124 keypoints, 1 person",
  ]);
  assert.equal(progressWords({ total: 3, reviewed: 0, changed: 0, today })[0], "0 / 3 reviewed · found 0");
});
