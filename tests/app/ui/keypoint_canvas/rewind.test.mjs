import assert from "node:assert/strict";
import { test } from "node:test";

import { apply } from "../../../../app/ui/keypoint_canvas/decisions.js";
import { openItem } from "../../../../app/ui/keypoint_canvas/item.js";
import { rewind } from "../../../../app/ui/keypoint_canvas/rewind.js";
import { anEntry, anItem } from "./an_item.mjs";

const AT = "2026-11-21T17:00:00.000Z";

/** Type commands on a fresh item; gives the state and the entries of the log. */
function decide(...commands) {
  let state = openItem(anItem());
  const entries = commands.map((command, n) => {
    const result = apply(state, command, { id: `s${n}`, at: AT });
    state = result.state;
    return result.entry;
  }).filter(Boolean);
  return { state, entries };
}

const undo = (state, entry, step = "u") => rewind(state, entry, "undo", { id: step, at: AT });
const redo = (state, entry, step = "r") => rewind(state, entry, "redo", { id: step, at: AT });
const groupToAbsent = [{ do: "groups" }, { do: "group", name: "all" }, { do: "set", v: 0 }];

test("a whole step is taken back and restored, each against the revision before", () => {
  const { state, entries: [entry] } = decide(...groupToAbsent);
  const undone = undo(state, entry);
  assert.deepEqual(undone.state.points.map(({ v, reviewed, step }) => [v, reviewed, step]), [
    [2, false, null], [1, false, null], [0, false, null],
  ]);
  assert.deepEqual(undone.edits.map((e) => [e.kind, e.v, e.base_revision]), [["undo", 2, 1], ["undo", 1, 1], ["undo", 0, 1]]);
  const redone = redo(undone.state, entry);
  assert.deepEqual(redone.edits.map((e) => [e.kind, e.v, e.base_revision]), [["redo", 0, 2], ["redo", 0, 2], ["redo", 0, 2]]);
  assert.deepEqual(redone.state.points.map(({ step }) => step), ["s2", "s2", "s2"]);
  assert.equal(redone.state.note, "Redone: 3 keypoints");
});

test("after an undo the step before holds, and can be taken back in its turn", () => {
  const { state, entries: [first, second] } = decide({ do: "set", v: 1, stay: true }, { do: "set", v: 0, stay: true });
  const once = undo(state, second);
  assert.equal(once.state.points[0].step, "s0");
  const twice = undo(once.state, first, "u2");
  assert.deepEqual([twice.state.points[0].v, twice.state.note], [2, "Undone: nose hidden → visible"]);
});

test("what somebody decided since is left, and who it was is said", () => {
  const bo = { by: "Bo", at: AT, kind: "set", from: 1, to: 0, moved: false, reason: "" };
  const state = openItem(anItem({ steps: ["of Bo", null, null], history: [[bo], [], []] }));
  const result = undo(state, anEntry("mine"));
  assert.deepEqual([result.edits, result.changes], [[], []]);
  assert.equal(result.state.note, "Left as it is: nose, decided since by Bo");
});

test("of a group, what still holds is taken back and the rest is left", () => {
  const { state, entries: [entry] } = decide(...groupToAbsent);
  const points = state.points.map((point, k) => (k === 1 ? { ...point, step: "of Bo" } : point));
  const result = undo({ ...state, points }, entry);
  assert.deepEqual(result.changes.map(({ keypoint }) => keypoint), [0, 2]);
  assert.match(result.state.note, /^Undone: 2 keypoints. Left as it is: left eye, decided since by/);
});

test("a redo is left where what it changed no longer holds", () => {
  const { state, entries: [entry] } = decide({ do: "set", v: 1, stay: true });
  const undone = undo(state, entry).state;
  const points = undone.points.map((point, k) => (k === 0 ? { ...point, step: "of Bo" } : point));
  assert.deepEqual(redo({ ...undone, points }, entry).edits, []);
});

test("a keypoint in conflict is left", () => {
  const { state, entries: [entry] } = decide({ do: "set", v: 1, stay: true });
  const stale = { 0: { x: 1, y: 1, v: 0, revision: 3, by: "Bo", mine: { x: 20, y: 20, v: 1 } } };
  assert.deepEqual(undo({ ...state, stale }, entry).edits, []);
});

test("the first keypoint changed is active, and a move is told as one", () => {
  const { state, entries: [entry] } = decide({ do: "move", keypoint: 1, x: 40, y: 40 }, { do: "pick", keypoint: 2 });
  const result = undo(state, entry);
  assert.deepEqual([result.state.active, result.state.note], [1, "Undone: left eye moved"]);
});
