import assert from "node:assert/strict";
import { test } from "node:test";
import { arrowOf, ASPECT, isMoved, marksOf, unitOf, viewOf } from "../../../../app/ui/change_cards/card_view.js";

const card = (fields) => ({
  photo: { w: 1000, h: 800 }, person: [300, 100, 200, 600],
  before: [500, 400, 2], after: [500, 400, 1], ...fields,
});
const middle = ({ x, y, w, h }) => [x + w / 2, y + h / 2];

test("a card shows the keypoint in the middle of a third of its person", () => {
  const view = viewOf(card());
  assert.equal(view.h, 200);
  assert.equal(view.w, 200 * ASPECT);
  assert.deepEqual(middle(view).map(Math.round), [500, 400]);
});

test("of a small person it shows 96 pixels all the same", () => {
  assert.equal(viewOf(card({ person: [490, 390, 20, 30] })).h, 96);
});

test("where nothing says how large the person is, it goes by the photo", () => {
  assert.equal(Math.round(viewOf(card({ person: null })).h), 167);
});

test("near the rim nothing beyond the photo is shown", () => {
  const { x, y } = viewOf(card({ before: [12, 15, 2], after: [12, 15, 1] }));
  assert.deepEqual([x, y], [0, 0]);
  const low = viewOf(card({ before: [988, 790, 2], after: [988, 790, 1] }));
  assert.deepEqual([Math.round(low.x + low.w), Math.round(low.y + low.h)], [1000, 800]);
});

test("a photo smaller than what is shown stands in the middle", () => {
  const tiny = card({ photo: { w: 40, h: 30 }, person: null, before: [10, 10, 2], after: [10, 10, 1] });
  assert.deepEqual(viewOf(tiny), { x: -44, y: -33, w: 128, h: 96 });
});

test("a glyph at the rim itself is shown whole", () => {
  const { x, y, h } = viewOf(card({ before: [400, 0, 2], after: [400, 0, 1] }));
  assert.deepEqual([x > 0, y], [true, -h / 25]);
});

test("a keypoint beyond the photo is in view", () => {
  const view = viewOf(card({ before: [500, 400, 2], after: [1040, 400, 1] }));
  for (const x of [500, 1040]) assert.ok(view.x < x && x < view.x + view.w);
});

test("a long move is in view from end to end", () => {
  const view = viewOf(card({ before: [100, 100, 2], after: [900, 700, 2] }));
  for (const [x, y] of [[100, 100], [900, 700]]) {
    assert.ok(view.x < x && x < view.x + view.w);
    assert.ok(view.y < y && y < view.y + view.h);
  }
});

test("a changed flag is one glyph, a move is two", () => {
  assert.deepEqual(marksOf(card()), [{ x: 500, y: 400, flag: 1 }]);
  assert.equal(isMoved(card()), false);
  const moved = card({ after: [520, 400, 2] });
  assert.equal(isMoved(moved), true);
  assert.deepEqual(marksOf(moved), [
    { x: 500, y: 400, flag: 2, was: true }, { x: 520, y: 400, flag: 2 },
  ]);
});

test("a label that was taken away is a cross where it was; a new one stands where it is", () => {
  const gone = card({ after: [0, 0, 0] });
  assert.deepEqual(marksOf(gone), [{ x: 500, y: 400, flag: 0 }]);
  assert.equal(isMoved(gone), false);
  assert.deepEqual(middle(viewOf(gone)).map(Math.round), [500, 400]);
  const made = card({ before: [0, 0, 0], after: [700, 300, 2] });
  assert.deepEqual(marksOf(made), [{ x: 700, y: 300, flag: 2 }]);
  assert.deepEqual(middle(viewOf(made)).map(Math.round), [700, 300]);
});

test("glyphs are of one size on the screen, however much is shown", () => {
  assert.equal(unitOf({ w: 400 }, 200), 2);
});

test("an arrow goes from rim to rim, its head at the new place", () => {
  const { line, head } = arrowOf({ x: 0, y: 0 }, { x: 100, y: 0 }, 1);
  assert.deepEqual(line, [{ x: 7, y: 0 }, { x: 87, y: 0 }]);
  assert.deepEqual(head, [{ x: 93, y: 0 }, { x: 87, y: 3 }, { x: 87, y: -3 }]);
});

test("of two glyphs that touch there is no arrow", () => {
  assert.equal(arrowOf({ x: 0, y: 0 }, { x: 15, y: 0 }, 1), null);
  assert.equal(arrowOf({ x: 0, y: 0 }, { x: 0, y: 0 }, 1), null);
  assert.ok(arrowOf({ x: 0, y: 0 }, { x: 15, y: 0 }, 0.5));
});
