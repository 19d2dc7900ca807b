import assert from "node:assert/strict";
import { test } from "node:test";

import { anItem } from "./an_item.mjs";
import { aBench, aLog, aWindow, decided, type } from "./a_window.mjs";

const flags = (bench, id) => bench.people.get(id).points.map(({ v }) => v);

test("in a queue of persons the last keypoint stays and says how many are open", () => {
  const { bench } = aBench(aWindow(3));
  type(bench, "1 0 0");
  assert.deepEqual([bench.current, bench.state.active], [{ id: 3, keypoint: null }, 2]);
  assert.equal(bench.state.note, "All reviewed. → goes on");
});

test("in a queue of keypoints the asked one is active, and deciding it goes to the next", () => {
  const { bench, heard } = aBench(aWindow(4, { keypoints: true }));
  assert.deepEqual([bench.current, bench.state.active], [{ id: 2, keypoint: 0 }, 0]);
  type(bench, "0 Space");
  assert.deepEqual(decided(heard), [[2, 0, "set", 0], [2, 1, "keep", 1]]);
  assert.deepEqual(bench.current, { id: 3, keypoint: 0 });
  assert.equal(bench.where().at.handed_out, true);
});

test("deciding on and on goes over the end of what is loaded", () => {
  const { bench, heard } = aBench(aWindow(0, { keypoints: true, ahead: 1 }));
  type(bench, "0 0 0 0");
  assert.deepEqual(decided(heard), [[0, 0, "set", 0], [0, 1, "set", 0]]);
  bench.takeWindow(aWindow(1, { keypoints: true, ahead: 3 }));
  assert.deepEqual(decided(heard).slice(2), [[1, 0, "set", 0], [1, 1, "set", 0]]);
  assert.deepEqual(bench.current, { id: 2, keypoint: 0 });
});

test("a flag typed after the queue's last keypoint does not change that one again", () => {
  const { bench, heard } = aBench(aWindow(399, { keypoints: true }));
  type(bench, "0 2 1");
  assert.deepEqual(decided(heard), [[199, 1, "set", 0]]);
  assert.match(bench.state.note, /The last item: it is decided/);
  bench.obey({ do: "set", v: 2, stay: true });
  assert.deepEqual(decided(heard), [[199, 1, "set", 0], [199, 1, "set", 2]]);
});

test("from a person asked for, the queue goes on where it was left", () => {
  const { bench } = aBench(aWindow(4));
  bench.obey({ do: "visit", id: 20 });
  const anchored = aWindow(4, { n: 9, items: {} });
  const there = aWindow(20);
  bench.takeWindow({
    ...anchored, current: { id: 20, keypoint: null },
    photos: { ...anchored.photos, ...there.photos }, items: [...anchored.items, ...there.items],
  });
  assert.equal(bench.current.id, 20);
  type(bench, "→");
  assert.equal(bench.current.id, 5);
});

test("N goes round the persons of the photo, as they are here", () => {
  const { bench } = aBench(aWindow(4));
  type(bench, "0 n");
  assert.equal(bench.current.id, 5);
  assert.deepEqual(bench.people.others(5)[0].points[0].v, 0);
  type(bench, "n");
  assert.equal(bench.current.id, 4);
});

test("data for the person on screen is not read as labels again", () => {
  const { bench } = aBench(aWindow(4));
  type(bench, "0");
  bench.takeWindow(aWindow(4, { n: 9 }));
  assert.deepEqual(flags(bench, 4), [0, 1, 0]);
});

test("an old answer sent once more takes nothing back on persons left", () => {
  const { bench } = aBench(aWindow(4));
  type(bench, "0 →");
  bench.settle({ item: 4, revisions: [1, 0, 0], stale: [], saved: new Set([0]) });
  bench.takeWindow(aWindow(5, { n: 9 }));
  assert.deepEqual(flags(bench, 4), [0, 1, 0]);
  bench.takeWindow(aWindow(5, { n: 10, items: { 4: { revisions: [2, 0, 0] } } }));
  assert.deepEqual(flags(bench, 4), [2, 1, 0], "somebody else decided it since");
});

test("a person loaded anew shows what is still on its way", () => {
  const { bench, heard } = aBench();
  const edit = { keypoint: 0, kind: "set", base_revision: 0, v: 0, x: 20, y: 20 };
  heard.pending[4] = [{ step: "kept", edits: [edit] }];
  bench.takeWindow(aWindow(4));
  assert.deepEqual(flags(bench, 4), [0, 1, 0]);
  assert.deepEqual([bench.state.points[0].step, bench.state.points[0].revision], ["kept", 1]);
});

test("a refusal of a person that was not loaded is there to be chosen when it is", () => {
  const { bench, heard } = aBench();
  const mine = { x: 20, y: 20, v: 0 };
  heard.refused[4] = [{ keypoint: 1, x: 5, y: 6, v: 2, revision: 3, by: "Bo", mine, steps: ["old"] }];
  bench.takeWindow(aWindow(4));
  assert.deepEqual([bench.state.active, bench.state.stale[1].by], [1, "Bo"]);
  bench.obey({ do: "choose", mine: true });
  assert.deepEqual([decided(heard), heard.chosen], [[[4, 1, "set", 0]], [[4, 1]]]);
  assert.equal(heard.posted[0].edits[0].base_revision, 3);
});

test("undo comes back to the person it is about, takes it back and says so", () => {
  const { bench, heard } = aBench(aWindow(4));
  type(bench, "0 → 1 z z");
  assert.deepEqual(bench.current, { id: 4, keypoint: null });
  assert.equal(bench.state.note, "Undone: nose not labelled → visible");
  assert.deepEqual(heard.posted.map(({ item, undoes, edits }) => [item, undoes, edits[0].kind, edits[0].v]), [
    [4, null, "set", 0], [5, null, "set", 1], [5, "s2", "undo", 2], [4, "s1", "undo", 2],
  ]);
  assert.equal(bench.where().at.handed_out, false);
});

test("redo follows, until something new is decided", () => {
  const { bench } = aBench(aWindow(4));
  bench.takeLog(aLog());
  type(bench, "0 → 1 z z y");
  assert.deepEqual([bench.current.id, flags(bench, 4), bench.log.undone.length], [4, [0, 1, 0], 1]);
  type(bench, "0");
  assert.deepEqual(bench.log.undone, []);
  type(bench, "y");
  assert.equal(bench.state.note, "Nothing to redo");
});

test("undo of a person that is not loaded waits for it, and so do the keys after", () => {
  const { bench, heard } = aBench(aWindow(4));
  const before = { x: 20, y: 20, v: 2, reviewed: false, unsure: false, step: null };
  const after = { ...before, v: 1, reviewed: true, step: "old" };
  bench.takeLog(aLog({ done: [{ step: "old", item: 20, changes: [{ keypoint: 0, before, after }] }] }));
  type(bench, "z 0");
  assert.equal(bench.where().at.item, 20);
  const decidedItem = anItem({ current: [[20, 20, 1], [30, 20, 1], [0, 0, 0]], revisions: [1, 0, 0], steps: ["old", null, null] });
  bench.takeWindow(aWindow(20, { items: { 20: { ...decidedItem, id: 20, image: 10 } } }));
  assert.deepEqual(decided(heard), [[20, 0, "undo", 2], [20, 0, "set", 0]]);
  assert.equal(heard.posted[0].edits[0].base_revision, 1);
});

test("undo before the log is known waits for it", () => {
  const { bench, heard } = aBench(aWindow(4));
  type(bench, "z");
  assert.deepEqual(bench.waiting.goal, { log: true });
  bench.takeLog(aLog());
  assert.deepEqual([bench.waiting, bench.state.note, decided(heard)], [null, "Nothing to undo", []]);
});

test("undo in a queue of keypoints comes back to the item, so that it can be decided again", () => {
  const { bench, heard } = aBench(aWindow(4, { keypoints: true }));
  type(bench, "0 z 1");
  assert.deepEqual(decided(heard), [[2, 0, "set", 0], [2, 0, "undo", 2], [2, 0, "set", 1]]);
  assert.deepEqual(bench.current, { id: 2, keypoint: 1 });
});

test("older steps are asked for while few are left, and put in front", () => {
  const entry = (step) => ({ step, item: 4, changes: [{ keypoint: 0, before: held(null), after: held(step) }] });
  const held = (step) => ({ x: 20, y: 20, v: 2, reviewed: false, unsure: false, step });
  const { bench } = aBench(aWindow(4));
  bench.takeLog(aLog({ done: [entry("b"), entry("c")], more: true }));
  assert.equal(bench.where().older, "b");
  bench.takeLog(aLog({ n: 2, before: "b", done: [entry("a")], more: false }));
  assert.deepEqual(bench.log.done.map(({ step }) => step), ["a", "b", "c"]);
  assert.deepEqual([bench.where().older, bench.where().haveUndo], [null, 2]);
});

test("a refused decision leaves the log, and nothing of it is undone", () => {
  const { bench, heard } = aBench(aWindow(4));
  bench.takeLog(aLog());
  type(bench, "0");
  const theirs = { keypoint: 0, x: 5, y: 6, v: 1, revision: 4, by: "Bo", mine: { x: 20, y: 20, v: 0 }, steps: ["s1"] };
  bench.settle({ item: 4, revisions: [4, 0, 0], stale: [theirs], saved: new Set() });
  type(bench, "z");
  assert.deepEqual([bench.state.note, heard.posted.length], ["Nothing to undo", 1]);
});

test("a log of another view is not taken", () => {
  const { bench } = aBench(aWindow(4, { reset: 5 }), aWindow(4, { reset: 8, n: 8, dataset: "e" }));
  bench.takeLog(aLog({ reset: 5 }));
  assert.deepEqual([bench.log.known, bench.where().haveUndo], [false, null]);
});

test("another dataset forgets persons, log and what is waited for", () => {
  const { bench } = aBench(aWindow(4));
  bench.takeLog(aLog());
  type(bench, "0");
  bench.takeWindow(aWindow(4, { n: 9, reset: 2, dataset: "e" }));
  assert.deepEqual([flags(bench, 4), bench.log.done, bench.where().haveUndo], [[2, 1, 0], [], null]);
});

test("a newer version of the dataset's file is another view", () => {
  const { bench } = aBench(aWindow(4, { version: 1 }));
  type(bench, "0 →");
  bench.takeWindow(aWindow(5, { n: 9, reset: 2, version: 2 }));
  assert.deepEqual([flags(bench, 4), bench.log.done], [[2, 1, 0], []]);
});

test("persons loaded long ago are forgotten, those near are kept", () => {
  const { bench } = aBench(aWindow(0));
  for (let at = 1; at < 30; at += 1) bench.takeWindow(aWindow(at, { reset: at, n: at }));
  assert.equal(bench.people.states.size, 32);
  const near = new Set([29]);
  for (let id = 100; id < 300; id += 1) bench.people.set(id, bench.people.get(29));
  bench.people.prune(near);
  assert.deepEqual([bench.people.states.size, bench.people.has(29), bench.people.has(0)], [151, true, false]);
});
