import assert from "node:assert/strict";
import { test } from "node:test";

import { comingUp, neighbour, onPhoto, personBeside } from "../../../../app/ui/keypoint_canvas/queue.js";

const entry = (id, keypoint = null) => ({ id, keypoint });
const part = { order: [entry(3), entry(4), entry(5)], isFirst: false, isLast: true };
const sure = { anchor: null, confirmed: true };

test("the next and the one before are the queue's", () => {
  assert.deepEqual(neighbour(part, entry(4), 1, sure), { place: entry(5) });
  assert.deepEqual(neighbour(part, entry(4), -1, sure), { place: entry(3) });
});

test("an end is one only where Python said so", () => {
  assert.deepEqual(neighbour(part, entry(5), 1, sure), { end: true });
  assert.deepEqual(neighbour(part, entry(3), -1, sure), {});
});

test("two keypoints of one person are two items", () => {
  const queue = { order: [entry(3, 0), entry(3, 5)], isFirst: true, isLast: true };
  assert.deepEqual(neighbour(queue, entry(3, 0), 1, sure), { place: entry(3, 5) });
  assert.deepEqual(neighbour(queue, entry(3, 5), 1, sure), { end: true });
});

test("from outside the queue one goes on after the anchor, or back to it", () => {
  const asked = { anchor: entry(4), confirmed: true };
  assert.deepEqual(neighbour(part, entry(90), 1, asked), { place: entry(5) });
  assert.deepEqual(neighbour(part, entry(90), -1, asked), { place: entry(4) });
  assert.deepEqual(neighbour(part, entry(90), 1, { anchor: entry(5), confirmed: true }), { end: true });
  const more = { ...part, isLast: false };
  assert.deepEqual(neighbour(more, entry(90), 1, { anchor: entry(5), confirmed: true }), { ask: entry(5) });
  assert.deepEqual(neighbour(part, entry(90), 1, sure), { place: entry(3) }, "without an anchor all is ahead");
  assert.deepEqual(neighbour(part, entry(90), 1, { ...asked, confirmed: false }), {}, "it may be in the queue");
});

test("persons of a photo go round; a crowd is none of them", () => {
  const photo = { people: [{ id: 1 }, { id: 2, crowd: true }, { id: 3 }] };
  assert.deepEqual([personBeside(photo, 1, 1), personBeside(photo, 3, 1), personBeside(photo, 1, -1)], [3, 1, 3]);
  assert.equal(personBeside({ people: [{ id: 1 }] }, 1, 1), null);
  assert.deepEqual(onPhoto(photo, 2).map(({ id }) => id), [1, 2, 3]);
});

test("the strip begins with the item on screen; from outside with what follows the anchor", () => {
  const ids = (coming) => coming.map(({ entry: { id }, current }) => [id, current]);
  assert.deepEqual(ids(comingUp(part, entry(4), sure)), [[4, true], [5, false]]);
  assert.deepEqual(ids(comingUp(part, entry(90), { anchor: entry(3) })), [[4, false], [5, false]]);
});
