import assert from "node:assert/strict";
import { test } from "node:test";

import { emptyLog, next, passed, record, refuse, take, wanted } from "../../../../app/ui/keypoint_canvas/undo_log.js";
import { anEntry } from "./an_item.mjs";

const told = (changes = {}) => ({ before: null, done: [], undone: [], more: false, ...changes });
const steps = (entries) => entries.map(({ step }) => step);
const entries = (...names) => names.map((name) => anEntry(name));

test("steps made before are behind those made here meanwhile, none twice", () => {
  const here = record(record(emptyLog(), anEntry("c")), anEntry("d"));
  const log = take(here, told({ done: entries("a", "b", "c"), undone: entries("x") }));
  assert.deepEqual([steps(log.done), steps(log.undone), log.known], [["a", "b", "c", "d"], [], true]);
});

test("what was undone before can be redone while nothing was decided here", () => {
  const log = take(emptyLog(), told({ done: entries("a"), undone: entries("c", "b") }));
  assert.deepEqual([steps(log.undone), next(log, "redo").step], [["c", "b"], "b"]);
  assert.deepEqual(record(log, anEntry("d")).undone, []);
});

test("a step undone here is not among those done, though Python has not heard of it", () => {
  const undone = passed(record(emptyLog(), anEntry("a")), "undo", anEntry("a").changes);
  const log = take(undone, told({ done: entries("a") }));
  assert.deepEqual([steps(log.done), steps(log.undone)], [[], ["a"]]);
});

test("a step of which nothing could be taken back is dropped", () => {
  const log = record(emptyLog(), anEntry("a"));
  assert.deepEqual(passed(log, "undo", []), { ...log, done: [], undone: [] });
});

test("only what was taken back can be restored", () => {
  const both = { ...anEntry("a"), changes: [...anEntry("a").changes, ...anEntry("a", { keypoint: 1 }).changes] };
  const log = passed(record(emptyLog(), both), "undo", both.changes.slice(1));
  assert.deepEqual(log.undone[0].changes.map(({ keypoint }) => keypoint), [1]);
});

test("older ones are wanted while fewer than ten are left", () => {
  const ten = take(emptyLog(), told({ done: entries(..."abcdefghij"), more: true }));
  assert.equal(wanted(ten), null);
  const nine = passed(ten, "undo", next(ten, "undo").changes);
  assert.equal(wanted(nine), "a");
  const answered = take(nine, told({ before: "a", done: entries("y", "z"), more: true }));
  assert.deepEqual([steps(answered.done).slice(0, 3), steps(answered.undone)], [["y", "z", "a"], ["j"]]);
  assert.equal(wanted({ ...answered, done: [] }), "y");
  assert.equal(wanted({ ...answered, done: [], more: false }), null);
});

test("a refusal leaves the log on that keypoint of that person alone", () => {
  const both = { ...anEntry("a"), changes: [...anEntry("a").changes, ...anEntry("a", { keypoint: 1 }).changes] };
  const log = [both, anEntry("a2", { item: 8 }), anEntry("b")].reduce(record, emptyLog());
  const left = refuse(log, 7, [{ keypoint: 0, steps: ["a", "b"] }]);
  assert.deepEqual(left.done.map(({ step, changes }) => [step, changes.map(({ keypoint }) => keypoint)]), [
    ["a", [1]], ["a2", [0]],
  ]);
});
