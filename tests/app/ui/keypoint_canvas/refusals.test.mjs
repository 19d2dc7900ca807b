import assert from "node:assert/strict";
import { test } from "node:test";

import { drop, elsewhere, keep, of } from "../../../../app/ui/keypoint_canvas/refusals.js";

const person = (item, dataset = "d") => ({ dataset, labelSet: "main", item });
const refusal = (keypoint, by = "Bo") => ({ keypoint, by, v: 1 });

test("a refusal is kept until it is chosen; a later one of the keypoint takes its place", () => {
  const first = keep([], { ...person(7), stale: [refusal(0), refusal(1)] });
  const again = keep(first, { ...person(7), stale: [refusal(1, "Cy")] });
  assert.deepEqual(of(again, person(7)), [refusal(0), refusal(1, "Cy")]);
  assert.deepEqual(of(drop(again, person(7), 1), person(7)), [refusal(0)]);
  assert.deepEqual(drop(drop(again, person(7), 1), person(7), 0), []);
});

test("who waits elsewhere is named, and can be gone to in the same dataset", () => {
  const one = keep([], { ...person(7), stale: [refusal(0)] });
  assert.equal(elsewhere(one, person(7)), null);
  assert.deepEqual(elsewhere(one, person(8)), {
    item: 7, address: null, words: "1 decision not saved, Bo was first: person 7",
  });
  const two = keep(one, { ...person(9, "e"), stale: [refusal(0), refusal(1, "")] });
  assert.deepEqual(elsewhere(two, person(7)), {
    item: 9, address: "?dataset=e&item=9", words: "2 decisions not saved, Bo was first: person 9 of e",
  });
  const blind = keep([], { ...person(7), labelSet: "Ada", stale: [refusal(0)] });
  assert.equal(elsewhere(blind, person(7)).address, "?dataset=d&item=7&labels=own");
});

test("an answer without a refusal changes nothing", () => {
  const list = keep([], { ...person(7), stale: [refusal(0)] });
  assert.equal(keep(list, { ...person(7), stale: [] }), list);
});
