import assert from "node:assert/strict";
import { test } from "node:test";

import { MOST_COMMANDS, waitWords } from "../../../../app/ui/keypoint_canvas/type_ahead.js";
import { aBench, aWindow, decided, type } from "./a_window.mjs";

test("keys go on over the end of what is loaded, each to the person it was typed for", () => {
  const { bench, heard } = aBench(aWindow(0));
  type(bench, "0 → 1 → 2 → 0 1 → 1");
  assert.deepEqual([bench.current.id, bench.waiting.commands.length], [2, 4]);
  assert.deepEqual(decided(heard), [[0, 0, "set", 0], [1, 0, "set", 1], [2, 0, "set", 2]]);
  bench.takeWindow(aWindow(2));
  assert.deepEqual([bench.current.id, bench.waiting], [4, null]);
  assert.deepEqual(decided(heard).slice(3), [[3, 0, "set", 0], [3, 1, "set", 1], [4, 0, "set", 1]]);
});

test("what is typed ahead may wait again, in order", () => {
  const { bench, heard } = aBench(aWindow(0, { ahead: 1 }));
  type(bench, "→ → 0 → 1 → 2");
  bench.takeWindow(aWindow(1, { ahead: 1 }));
  assert.deepEqual(decided(heard), [[2, 0, "set", 0]]);
  bench.takeWindow(aWindow(2, { ahead: 1 }));
  bench.takeWindow(aWindow(3, { ahead: 1 }));
  assert.deepEqual(decided(heard), [[2, 0, "set", 0], [3, 0, "set", 1], [4, 0, "set", 2]]);
  assert.equal(bench.waiting, null);
});

test("a window that was asked for before the last move neither moves nor ends the wait", () => {
  const { bench } = aBench(aWindow(0));
  type(bench, "→ → → 1");
  bench.takeWindow(aWindow(1, { ahead: 1 }));
  assert.deepEqual([bench.current.id, bench.waiting.commands.length], [2, 1]);
});

test("a message asks for the place that is waited for", () => {
  const { bench, heard } = aBench(aWindow(4));
  const asked = heard.asked;
  bench.obey({ do: "visit", id: 20 });
  assert.deepEqual(bench.where().at, { dataset: "d", item: 20, keypoint: null, reset: 1, handed_out: false });
  assert.equal(heard.asked, asked + 1);
  type(bench, "1");
  bench.takeWindow(aWindow(20));
  assert.deepEqual([bench.current.id, decided(heard)], [20, [[20, 0, "set", 1]]]);
});

test("only going on is handed out, and no longer when work has begun", () => {
  const { bench } = aBench(aWindow(4));
  const handedOut = () => bench.where().at.handed_out;
  assert.equal(handedOut(), false);
  type(bench, "→");
  assert.equal(handedOut(), true);
  type(bench, "1");
  assert.equal(handedOut(), false);
  type(bench, "→ ←");
  assert.equal(handedOut(), false);
});

test("at both ends of the queue one is told, and stays", () => {
  const { bench } = aBench(aWindow(0));
  type(bench, "←");
  assert.deepEqual([bench.current.id, bench.state.note], [0, "The first item"]);
  bench.takeWindow(aWindow(399, { reset: 2, n: 2 }));
  type(bench, "→");
  assert.deepEqual([bench.current.id, bench.state.note], [399, "The last item"]);
});

test("what was typed ahead for an item that is not there is dropped, and said", () => {
  const { bench, heard } = aBench(aWindow(0));
  type(bench, "→ → → 1 1");
  bench.takeWindow(aWindow(2, { change: { order: aWindow(2).order.slice(0, 2), is_last: true } }));
  assert.deepEqual([bench.current.id, bench.waiting, decided(heard)], [2, null, []]);
  assert.equal(bench.state.note, "The last item; what was typed ahead is dropped");
});

test("another view drops what was typed ahead for the one before", () => {
  const { bench, heard } = aBench(aWindow(0));
  type(bench, "→ → → 1");
  bench.takeWindow(aWindow(12, { reset: 2 }));
  assert.deepEqual([bench.current.id, bench.waiting, decided(heard)], [12, null, []]);
});

test("a server begun anew, which only knows where one was before, puts nobody back there", () => {
  const { bench, heard } = aBench(aWindow(4));
  type(bench, "→ 0 → → 1");
  const asked = heard.asked;
  bench.takeWindow(aWindow(4, { n: 20, reset: 2 }));
  assert.deepEqual([bench.current.id, bench.waiting.commands.length], [6, 1]);
  assert.deepEqual([bench.where().at.item, bench.where().at.reset, heard.asked > asked], [6, 2, true]);
  bench.takeWindow(aWindow(6, { n: 21, reset: 2, items: { 6: { model: null } } }));
  assert.deepEqual(decided(heard), [[5, 0, "set", 0], [7, 0, "set", 1]]);
  assert.equal(bench.people.get(6).item.model, null, "as it is in the view now");
  bench.takeWindow(aWindow(6, { n: 22, reset: 3 }));
  assert.equal(bench.current.id, 7);
  bench.takeWindow(aWindow(12, { n: 23, reset: 4 }));
  assert.equal(bench.current.id, 12);
});

test("who is typing when something else is opened does not decide there before looking up", () => {
  const { bench, heard } = aBench(aWindow(4));
  heard.now = 5000;
  type(bench, "0");
  bench.takeWindow(aWindow(12, { reset: 2 }));
  heard.now = 5100;
  type(bench, "1");
  assert.deepEqual(decided(heard), [[4, 0, "set", 0]]);
  heard.now = 5700;
  type(bench, "1");
  assert.deepEqual(decided(heard), [[4, 0, "set", 0], [12, 0, "set", 1]]);
});

test("Escape stays, and drops what was typed ahead", () => {
  const { bench, heard } = aBench(aWindow(0));
  type(bench, "→ → → 1 Esc 2");
  assert.deepEqual([bench.current.id, decided(heard)], [2, [[2, 0, "set", 2]]]);
});

test("what the pointer does is about what is seen, and not kept", () => {
  const { bench } = aBench(aWindow(0));
  type(bench, "→ → →");
  for (const command of [{ do: "pick", keypoint: 1 }, { do: "place", x: 1, y: 1 }, { do: "visit", id: 0 }]) {
    bench.obey({ ...command, pointed: true });
  }
  assert.deepEqual(bench.waiting.commands, []);
});

test("a group is chosen ahead, too", () => {
  const { bench, heard } = aBench(aWindow(0));
  type(bench, "→ → → g");
  assert.equal(bench.isChoosingGroup(), true);
  bench.obey({ do: "group", name: "left" });
  type(bench, "0");
  bench.takeWindow(aWindow(2));
  assert.deepEqual(decided(heard), [[3, 1, "set", 0]]);
});

test("200 keys are kept, and how many were not is said", () => {
  const { bench } = aBench(aWindow(0));
  type(bench, "→ → →");
  for (let n = 0; n < MOST_COMMANDS + 3; n += 1) type(bench, "1");
  assert.equal(bench.waiting.commands.length, MOST_COMMANDS);
  assert.equal(waitWords(bench.waiting, false), "loading … 200 keys typed ahead, 3 not kept: 200 are the most");
});

test("an item somebody else was quicker on is left for the next one, unless work has begun", () => {
  const { bench, heard } = aBench(aWindow(4));
  type(bench, "→");
  bench.takeWindow(aWindow(6));
  assert.equal(bench.current.id, 6);
  assert.match(bench.state.note, /Somebody else is on the one before/);
  type(bench, "1");
  assert.deepEqual(decided(heard), [], "meant for the item before");
  heard.now = 1000;
  type(bench, "1");
  assert.deepEqual(decided(heard), [[6, 0, "set", 1]]);
  type(bench, "→ 0");
  bench.takeWindow(aWindow(8, { n: 20 }));
  assert.deepEqual([bench.current.id, bench.where().at.handed_out], [7, false]);
});
