import assert from "node:assert/strict";
import { test } from "node:test";

import { apply, openItem, settle } from "../../../../app/ui/keypoint_canvas/state.js";
import { aModel, anItem } from "./an_item.mjs";

/** Runs commands one after the other; gives the last state and every step that has edits. */
function run(item, ...commands) {
  let state = openItem(item);
  const steps = [];
  commands.forEach((command, n) => {
    const result = apply(state, command, `step${n}`);
    state = result.state;
    if (result.edits.length) steps.push({ undoes: result.undoes, edits: result.edits });
  });
  return { state, steps };
}

const flags = ({ points }) => points.map(({ v }) => v);
const edit = (keypoint, changes) => ({ keypoint, kind: "set", base_revision: 0, run: null, ...changes });

test("a flag is set with its place, and the next keypoint becomes active", () => {
  const { state, steps } = run(anItem(), { do: "set", v: 1, stay: false });
  assert.deepEqual(flags(state), [1, 1, 0]);
  assert.equal(state.active, 1);
  assert.deepEqual(steps, [{ undoes: null, edits: [edit(0, { v: 1, x: 20, y: 20 })] }]);
});

test("shift stays on the keypoint, and its next edit names the next revision", () => {
  const { state, steps } = run(anItem(), { do: "set", v: 1, stay: true }, { do: "set", v: 0, stay: true });
  assert.equal(state.active, 0);
  assert.deepEqual(steps.map(({ edits }) => edits[0].base_revision), [0, 1]);
});

test("an absent flag keeps the old place, so that it can come back", () => {
  const { state, steps } = run(anItem(), { do: "set", v: 0, stay: true }, { do: "set", v: 2, stay: true });
  assert.deepEqual(steps.map(({ edits: [{ v, x, y }] }) => [v, x, y]), [[0, 20, 20], [2, 20, 20]]);
  assert.equal(state.ghost, null);
});

test("a flag without a place waits as a ghost at the model's place until Enter", () => {
  const item = anItem({ model: aModel() });
  const waiting = run(item, { do: "pick", keypoint: 2 }, { do: "set", v: 2, stay: false });
  assert.deepEqual(waiting.state.ghost, { keypoint: 2, v: 2, kind: "set", x: 40, y: 22 });
  assert.deepEqual(waiting.steps, []);
  const { state, steps } = run(
    item, { do: "pick", keypoint: 2 }, { do: "set", v: 2, stay: false }, { do: "accept" },
  );
  assert.deepEqual(flags(state), [2, 1, 2]);
  assert.deepEqual(steps[0].edits, [edit(2, { v: 2, x: 40, y: 22, run: "tiny-1" })]);
});

test("another digit changes the ghost's flag; a step away drops it", () => {
  const item = anItem({ model: aModel() });
  const start = [{ do: "pick", keypoint: 2 }, { do: "set", v: 2, stay: false }];
  assert.equal(run(item, ...start, { do: "set", v: 1, stay: false }).state.ghost.v, 1);
  const away = run(item, ...start, { do: "step", by: 1 });
  assert.deepEqual([away.state.ghost, away.steps], [null, []]);
});

test("without a model the place is asked for, and a click gives it", () => {
  const { state, steps } = run(
    anItem(), { do: "pick", keypoint: 2 }, { do: "set", v: 1, stay: false },
    { do: "accept" }, { do: "place", x: 41.5, y: 22 },
  );
  assert.deepEqual(steps, [{ undoes: null, edits: [edit(2, { v: 1, x: 41.5, y: 22 })] }]);
  assert.deepEqual(flags(state), [2, 1, 1]);
});

test("Enter takes the model's flag but not its place where the label has one", () => {
  const { steps } = run(anItem({ model: aModel() }), { do: "accept" });
  const [{ edits: [accepted] }] = steps;
  assert.deepEqual(accepted, edit(0, { kind: "accept", v: 1, x: 20, y: 20, run: "tiny-1" }));
});

test("Enter without a model changes nothing and says so", () => {
  const { state, steps } = run(anItem(), { do: "accept" });
  assert.deepEqual([steps, state.note], [[], "No model has looked at this keypoint"]);
});

test("Space keeps the given label; after a change it goes back to it", () => {
  const { steps } = run(
    anItem(), { do: "keep" }, { do: "pick", keypoint: 0 }, { do: "set", v: 0, stay: true }, { do: "keep" },
  );
  assert.deepEqual(steps.map(({ edits: [{ kind, v }] }) => [kind, v]), [["keep", 2], ["set", 0], ["set", 2]]);
});

test("unsure leaves the label and the keypoint open", () => {
  const { state, steps } = run(anItem(), { do: "unsure" });
  assert.deepEqual(steps[0].edits, [edit(0, { kind: "unsure", v: 2, x: 20, y: 20 })]);
  assert.deepEqual([state.points[0].reviewed, state.points[0].unsure], [false, true]);
});

test("a group decision is one step, and what has no place is left and counted", () => {
  const { state, steps } = run(
    anItem(), { do: "groups" }, { do: "group", name: "all" }, { do: "set", v: 1, stay: false },
  );
  assert.equal(steps.length, 1);
  assert.deepEqual(steps[0].edits.map(({ keypoint }) => keypoint), [0, 1]);
  assert.deepEqual([state.group, state.note], [null, "1 without a place left as it is"]);
});

test("undo takes back a whole step and names it; redo restores it", () => {
  const { state, steps } = run(
    anItem(), { do: "groups" }, { do: "group", name: "all" }, { do: "set", v: 0, stay: false },
    { do: "undo" }, { do: "redo" }, { do: "undo" },
  );
  assert.deepEqual(flags(state), [2, 1, 0]);
  assert.deepEqual(state.points.map(({ reviewed }) => reviewed), [false, false, false]);
  assert.deepEqual(
    steps.slice(1).map(({ undoes, edits }) => [undoes, ...edits.map((e) => [e.kind, e.v, e.base_revision])]),
    [
      ["step2", ["undo", 2, 1], ["undo", 1, 1], ["undo", 0, 1]],
      ["step2", ["redo", 0, 2], ["redo", 0, 2], ["redo", 0, 2]],
      ["step2", ["undo", 2, 3], ["undo", 1, 3], ["undo", 0, 3]],
    ],
  );
});

test("a new decision forgets what could be redone", () => {
  const { state } = run(anItem(), { do: "set", v: 1 }, { do: "undo" }, { do: "set", v: 0 }, { do: "redo" });
  assert.deepEqual([flags(state), state.note], [[0, 1, 0], "Nothing to redo"]);
});

test("moving a keypoint keeps its flag and the active keypoint", () => {
  const { state, steps } = run(anItem(), { do: "move", keypoint: 1, x: 33, y: 25 });
  assert.deepEqual(steps[0].edits, [edit(1, { v: 1, x: 33, y: 25 })]);
  assert.equal(state.active, 1);
});

test("a nudge moves by pixels, never out of the photo, never an absent keypoint", () => {
  const { steps } = run(anItem(), { do: "nudge", dx: -25, dy: 1 });
  assert.deepEqual(steps[0].edits, [edit(0, { v: 2, x: 0, y: 21 })]);
  assert.deepEqual(run(anItem(), { do: "pick", keypoint: 2 }, { do: "nudge", dx: 1, dy: 0 }).steps, []);
});

test("the first open keypoint is active when a person is opened", () => {
  assert.equal(openItem(anItem({ reviewed: [true, false, false] })).active, 1);
});

test("the end of a person says how many keypoints are still open", () => {
  const { state } = run(anItem(), { do: "pick", keypoint: 2 }, { do: "set", v: 0 });
  assert.deepEqual([state.active, state.note], [2, "Last keypoint; 2 still open"]);
});

test("a person without keypoints takes no command", () => {
  const empty = anItem({ names: [], given: [], current: [], revisions: [], reviewed: [] });
  assert.deepEqual(run(empty, { do: "set", v: 2 }, { do: "keep" }).steps, []);
});

const MINE = { x: 20, y: 20, v: 0 };
const THEIRS = { keypoint: 0, x: 5, y: 6, v: 1, revision: 4, by: "Bo", mine: MINE };

function refused() {
  const { state } = run(anItem(), { do: "set", v: 0 });
  return settle(state, { revisions: [4, 0, 0], stale: [THEIRS] }, new Set([0]));
}

test("a refused edit shows both values and takes no other decision first", () => {
  const state = refused();
  assert.equal(state.active, 0);
  assert.deepEqual([state.stale[0].v, state.stale[0].mine.v, state.stale[0].by], [1, 0, "Bo"]);
  assert.deepEqual(state.done, []);
  assert.deepEqual(apply(state, { do: "set", v: 2 }, "s").edits, []);
});

test("taking theirs writes nothing; keeping mine is decided against their revision", () => {
  const taken = apply(refused(), { do: "choose", keypoint: 0, mine: false }, "s");
  assert.deepEqual([taken.edits, taken.state.points[0].v, taken.state.stale], [[], 1, {}]);
  const mine = apply(refused(), { do: "choose", keypoint: 0, mine: true }, "s");
  assert.deepEqual(mine.edits, [edit(0, { v: 0, x: 20, y: 20, base_revision: 4 })]);
});

test("an acknowledgement moves on only the revisions of what was saved", () => {
  const { state } = run(anItem(), { do: "set", v: 1 });
  const settled = settle(state, { revisions: [3, 9, 9], stale: [] }, new Set([0]));
  assert.deepEqual(settled.points.map(({ revision }) => revision), [3, 0, 0]);
});
