import assert from "node:assert/strict";
import { test } from "node:test";
import {
  countShown, passes, scaleGradient, scoreColour, scoresOn, tableScores,
} from "../../../../app/ui/photo_overlay/scores.js";

const person = (...said) => ({ keypoints: said.map((each) => ({ said: each })) });
const names = (scores) => scores.map(([score]) => score);
const luminance = (colour) => {
  const [r, g, b] = colour.match(/\d+/g).map(Number);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

test("only scores the model gives are offered, in one order", () => {
  const persons = [person(null, { x: 1, y: 1, heat: 0.5 }), person({ x: 1, y: 1, presence: 0.2 })];
  assert.deepEqual(names(scoresOn(persons)), ["presence", "heat"]);
  assert.deepEqual(scoresOn([person(null)]), []);
  assert.deepEqual(scoresOn([]), []);
});

test("visible is left out where it is p2 by another name, and offered where it is not", () => {
  const same = { p0: 0.1, p1: 0.2, p2: 0.7, visible: 0.7 };
  assert.deepEqual(names(scoresOn([person(same)])), ["p0", "p1", "p2"]);
  const other = { ...same, visible: 0.6 };
  assert.deepEqual(names(scoresOn([person(same, other)])), ["p0", "p1", "p2", "visible"]);
  assert.deepEqual(names(scoresOn([person({ visible: 0.6 })])), ["visible"]);
});

test("the table leaves out presence where p0, p1 and p2 say more", () => {
  const full = scoresOn([person({ p0: 1, p1: 0, p2: 0, presence: 0, map: 0.1 })]);
  assert.deepEqual(names(tableScores(full)), ["p0", "p1", "p2", "map"]);
  assert.deepEqual(names(tableScores(scoresOn([person({ presence: 0 })]))), ["presence"]);
});

test("a keypoint passes at its limit, and where the score is not given", () => {
  assert.equal(passes({ heat: 0.5, p2: 0.1 }, { heat: 0.5 }), true);
  assert.equal(passes({ heat: 0.49 }, { heat: 0.5 }), false);
  assert.equal(passes({ heat: 0.9, p2: 0.1 }, { heat: 0.5, p2: 0.2 }), false);
  assert.equal(passes({ p2: 0.1 }, { heat: 0.5 }), true);
  assert.equal(passes(null, { heat: 0.5 }), true);
});

test("the count is of what the model says, not of labels", () => {
  const someone = person({ heat: 0.2 }, { heat: 0.8 }, null);
  assert.deepEqual(countShown(someone, { heat: 0.5 }), { shown: 1, all: 2 });
  assert.deepEqual(countShown(someone, {}), { shown: 2, all: 2 });
  assert.deepEqual(countShown(undefined, {}), { shown: 0, all: 0 });
});

test("the scale grows brighter from 0 to 1, and what is missing is grey", () => {
  assert.equal(scoreColour(0), "rgb(68 1 84)");
  assert.equal(scoreColour(1), "rgb(253 231 37)");
  assert.deepEqual([scoreColour(-1), scoreColour(2)], [scoreColour(0), scoreColour(1)]);
  for (const missing of [undefined, null, NaN]) assert.equal(scoreColour(missing), "#999999");
  const steps = Array.from({ length: 21 }, (_, k) => luminance(scoreColour(k / 20)));
  for (let k = 1; k < steps.length; k += 1) assert.ok(steps[k] > steps[k - 1]);
  assert.ok(scaleGradient().startsWith("linear-gradient(to right, rgb(68 1 84), "));
});
