import assert from "node:assert/strict";
import { test } from "node:test";

import { Whereabouts } from "../../../../app/ui/keypoint_canvas/whereabouts.js";

const entry = (id) => ({ id, keypoint: null, why: `the ${id}th` });
const partAt = (at, ...ids) => ({
  order: ids.map(entry), at: entry(at), isFirst: false, isLast: false, place: at + 1, total: 4896,
});

function at(id, part) {
  const whereabouts = new Whereabouts();
  whereabouts.take(part);
  whereabouts.open(entry(id), true);
  whereabouts.agree(part.at);
  return whereabouts;
}

test("the place in the queue counts on while Python is still told of it", () => {
  const whereabouts = at(4, partAt(4, 3, 4, 5, 6));
  assert.equal(whereabouts.words, "5 / 4,896");
  whereabouts.open(entry(6), true);
  assert.deepEqual([whereabouts.words, whereabouts.why, whereabouts.confirmed], ["7 / 4,896", "the 6th", false]);
  whereabouts.open({ id: 90, keypoint: null }, false);
  assert.deepEqual([whereabouts.words, whereabouts.why], ["–", undefined]);
});

test("a part about a place one has left is kept only where one is in it", () => {
  const whereabouts = at(4, partAt(4, 3, 4, 5, 6));
  whereabouts.open(entry(6), true);
  whereabouts.take(partAt(3, 2, 3, 4, 5));
  assert.equal(whereabouts.part.at.id, 4);
  whereabouts.take(partAt(5, 4, 5, 6, 7));
  assert.equal(whereabouts.part.at.id, 5);
  whereabouts.open(entry(3), true);
  assert.deepEqual([whereabouts.beyond(entry(3), -1), whereabouts.holds(entry(3))], [{}, false]);
});

test("coming back to a place before Python heard of another, its part still counts", () => {
  const whereabouts = at(4, partAt(4, 3, 4, 5));
  whereabouts.open({ id: 90, keypoint: null }, false);
  whereabouts.open(entry(4), true);
  assert.deepEqual([whereabouts.confirmed, whereabouts.beyond(entry(4), 1)], [true, { place: { id: 5, keypoint: null } }]);
});

test("Python is elsewhere only at a place it was not told of since it last agreed", () => {
  const whereabouts = at(4, partAt(4, 3, 4, 5, 6));
  whereabouts.open(entry(5), true);
  whereabouts.open(entry(6), true);
  assert.deepEqual([4, 5, 6, 7].map((id) => whereabouts.isElsewhere(entry(id))), [false, false, false, true]);
  whereabouts.agree(entry(5));
  assert.equal(whereabouts.isElsewhere(entry(4)), true);
});

test("a place that turns out to be none of the queue's is no anchor", () => {
  const whereabouts = at(4, partAt(4, 3, 4, 5, 6));
  whereabouts.open(entry(90), true);
  assert.equal(whereabouts.anchor.id, 90);
  whereabouts.take({ ...partAt(4, 3, 4, 5, 6), at: entry(90) });
  whereabouts.agree(entry(90));
  assert.deepEqual([whereabouts.anchor.id, whereabouts.beyond(entry(90), 1).place.id], [4, 5]);
});
