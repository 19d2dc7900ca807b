import assert from "node:assert/strict";
import { test } from "node:test";

import { apply, settle } from "../../../../app/ui/keypoint_canvas/decisions.js";
import { openItem, turnTo } from "../../../../app/ui/keypoint_canvas/item.js";
import { aModel, anItem } from "./an_item.mjs";

const AT = "2026-11-21T17:00:00.000Z";

/** Runs commands one after the other; gives the last state and every step that has edits. */
function run(item, ...commands) {
  return runOn(openItem(item), ...commands);
}

function runOn(opened, ...commands) {
  let state = opened;
  const steps = [];
  commands.forEach((command, n) => {
    const result = apply(state, command, { id: `step${n}`, at: AT });
    state = result.state;
    if (result.edits.length) steps.push({ edits: result.edits, entry: result.entry, goOn: result.goOn });
  });
  return { state, steps };
}

const flags = ({ points }) => points.map(({ v }) => v);
const edit = (keypoint, changes) => ({ keypoint, kind: "set", base_revision: 0, run: null, run_said: null, ...changes });

test("a flag is set with its place, and the next keypoint becomes active", () => {
  const { state, steps } = run(anItem(), { do: "set", v: 1, stay: false });
  assert.deepEqual(flags(state), [1, 1, 0]);
  assert.equal(state.active, 1);
  assert.deepEqual(steps.map(({ edits }) => edits), [[edit(0, { v: 1, x: 20, y: 20 })]]);
  assert.deepEqual(steps[0].entry, {
    step: "step0", item: 7,
    changes: [{
      keypoint: 0,
      before: { x: 20, y: 20, v: 2, reviewed: false, unsure: false, step: null },
      after: { x: 20, y: 20, v: 1, reviewed: true, unsure: false, step: "step0" },
    }],
  });
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
  assert.deepEqual(waiting.state.ghost, { keypoint: 2, v: 2, kind: "set", stay: false, x: 40, y: 22 });
  assert.deepEqual(waiting.steps, []);
  const { state, steps } = run(
    item, { do: "pick", keypoint: 2 }, { do: "set", v: 2, stay: false }, { do: "accept" },
  );
  assert.deepEqual(flags(state), [2, 1, 2]);
  assert.deepEqual(steps[0].edits, [edit(2, { v: 2, x: 40, y: 22, run: "tiny-1", run_said: [0.2, 0.6, 0.2] })]);
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
  assert.deepEqual(steps.map(({ edits }) => edits), [[edit(2, { v: 1, x: 41.5, y: 22 })]]);
  assert.deepEqual(flags(state), [2, 1, 1]);
});

test("Enter takes the model's flag but not its place where the label has one", () => {
  const { steps } = run(anItem({ model: aModel() }), { do: "accept" });
  const [{ edits: [accepted] }] = steps;
  assert.deepEqual(accepted, edit(0, { kind: "accept", v: 1, x: 20, y: 20, run: "tiny-1", run_said: [0.1, 0.7, 0.2] }));
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

test("moving a keypoint keeps its flag and the active keypoint", () => {
  const { state, steps } = run(anItem(), { do: "move", keypoint: 1, x: 33, y: 25 });
  assert.deepEqual(steps[0].edits, [edit(1, { v: 1, x: 33, y: 25 })]);
  assert.equal(state.active, 1);
});

test("what is said of a place to confirm follows its flag and its nudges", () => {
  const ask = [{ do: "pick", keypoint: 2 }, { do: "set", v: 1 }];
  const said = (...commands) => run(anItem({ model: aModel() }), ...ask, ...commands).state.note;
  assert.equal(said(), "hidden: Enter takes the model's place, a click another");
  assert.equal(said({ do: "set", v: 2 }), "visible: Enter takes the model's place, a click another");
  assert.equal(said({ do: "nudge", dx: 1, dy: 0 }), "hidden: Enter takes this place, a click another");
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
  assert.deepEqual([state.active, state.note], [2, "Last keypoint; 2 still open. → goes on"]);
});

test("a person without keypoints takes no command", () => {
  const empty = anItem({ names: [], given: [], current: [], revisions: [], reviewed: [], unsure: [], steps: [] });
  assert.deepEqual(run(empty, { do: "set", v: 2 }, { do: "keep" }).steps, []);
});

const STEP = { id: "s", at: AT };
const MINE = { x: 20, y: 20, v: 0 };
const THEIRS = { keypoint: 0, x: 5, y: 6, v: 1, revision: 4, by: "Bo", mine: MINE, steps: ["step0"] };

function refused() {
  const { state } = run(anItem(), { do: "set", v: 0 });
  return settle(state, { revisions: [4, 0, 0], stale: [THEIRS], saved: new Set([0]) });
}

test("a refused edit shows both values and takes no other decision first", () => {
  const state = refused();
  assert.equal(state.active, 0);
  assert.deepEqual([state.stale[0].v, state.stale[0].mine.v, state.stale[0].by], [1, 0, "Bo"]);
  assert.deepEqual(state.fresh.map(({ by, to, revision }) => [by, to, revision]), [["Bo", 1, 4]]);
  for (const command of [{ do: "set", v: 2 }, { do: "accept" }, { do: "keep" }, { do: "unsure" }]) {
    assert.deepEqual(apply(state, command, STEP).edits, []);
  }
});

test("a refusal told twice is one in the history", () => {
  const again = settle(refused(), { revisions: [4, 0, 0], stale: [THEIRS], saved: new Set() });
  assert.equal(again.fresh.length, 1);
});

test("taking theirs writes nothing; keeping mine is decided against their revision", () => {
  const taken = apply(refused(), { do: "choose", keypoint: 0, mine: false }, STEP);
  assert.deepEqual([taken.edits, taken.state.points[0].v, taken.state.stale], [[], 1, {}]);
  const mine = apply(refused(), { do: "choose", keypoint: 0, mine: true }, STEP);
  assert.deepEqual(mine.edits, [edit(0, { v: 0, x: 20, y: 20, base_revision: 4 })]);
});

test("an acknowledgement moves on only the revisions of what was saved", () => {
  const { state } = run(anItem(), { do: "set", v: 1 });
  const settled = settle(state, { revisions: [3, 9, 9], stale: [], saved: new Set([0]) });
  assert.deepEqual(settled.points.map(({ revision }) => revision), [3, 0, 0]);
});

test("the keys choose for the active keypoint, and say so where there is nothing to choose", () => {
  const taken = apply(refused(), { do: "choose", mine: false }, STEP);
  assert.deepEqual([taken.state.points[0].v, taken.state.stale], [1, {}]);
  const nothing = apply(openItem(anItem()), { do: "choose", mine: true }, STEP);
  assert.deepEqual([nothing.edits, nothing.state.note], [[], "Nobody else decided this keypoint meanwhile"]);
});

test("the keypoint the queue asks about is left for the queue's next item", () => {
  const asked = turnTo(openItem(anItem()), 1);
  const { state, steps } = runOn(asked, { do: "set", v: 2, stay: false });
  assert.deepEqual([state.active, steps[0].goOn], [1, true]);
});

test("with Shift one stays on it, and another keypoint goes on to the person's next", () => {
  const asked = turnTo(openItem(anItem()), 1);
  assert.equal(runOn(asked, { do: "set", v: 2, stay: true }).steps[0].goOn, false);
  const other = runOn(asked, { do: "pick", keypoint: 0 }, { do: "keep" });
  assert.deepEqual([other.state.active, other.steps[0].goOn], [1, false]);
});

test("what is decided here is in the history at once, with its revision", () => {
  const { state } = run(anItem(), { do: "set", v: 1, stay: true }, { do: "unsure" });
  assert.deepEqual(state.fresh, [
    { keypoint: 0, revision: 1, step: "step0", at: AT, kind: "set", from: 2, to: 1, moved: false, reason: "" },
    { keypoint: 0, revision: 2, step: "step1", at: AT, kind: "unsure", from: 1, to: 1, moved: false, reason: "" },
  ]);
});

test("several refusals are chosen one after the other, and then one is back where one was", () => {
  const first = run(anItem(), { do: "set", v: 0 }, { do: "set", v: 2 }).state;
  const second = { ...THEIRS, keypoint: 1, mine: { x: 30, y: 20, v: 2 }, steps: ["step1"] };
  const one = settle(first, { revisions: [4, 0, 0], stale: [THEIRS], saved: new Set() });
  const both = settle(one, { revisions: [4, 4, 0], stale: [second], saved: new Set() });
  assert.deepEqual([both.active, Object.keys(both.stale)], [0, ["0", "1"]]);
  const next = apply(both, { do: "choose", mine: true }, STEP).state;
  assert.deepEqual([next.active, Object.keys(next.stale)], [1, ["1"]]);
  const done = apply(next, { do: "choose", mine: false }, STEP).state;
  assert.deepEqual([done.active, done.back, done.stale], [2, null, {}]);
});
