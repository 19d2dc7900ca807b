// Random keys against a server that answers late: what is decided must be what the same keys decide
// where it answers after each.

import assert from "node:assert/strict";
import { test } from "node:test";

import { aBench, aLog, aWindow, decided, type } from "./a_window.mjs";

const KEYS = ["0", "1", "2", "0", "Space", "→", "→", "→", "←", "Tab", "n", "z", "z", "y"];

const START = 200; // far from both ends, where what is typed ahead is dropped

/** Numbers in [0, 1) that are the same in every run. */
function random(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What Python keeps of a session: where the editor is, and the last place of the queue it was at. */
class Server {
  constructor(bench, keypoints) {
    const { id: item, keypoint } = aWindow(START, { keypoints }).current;
    Object.assign(this, { bench, keypoints, n: 1000, at: { item, keypoint }, anchor: START });
  }

  answer() {
    const { at } = this.bench.where();
    if (at.item === this.at.item && at.keypoint === this.at.keypoint) return;
    this.at = at;
    const inQueue = !this.keypoints || at.keypoint === 0 || at.keypoint === 1;
    if (inQueue) this.anchor = this.keypoints ? 2 * at.item + at.keypoint : at.item;
    const there = aWindow(this.anchor, { n: (this.n += 1), keypoints: this.keypoints });
    const person = aWindow(this.keypoints ? 2 * at.item : at.item, { keypoints: this.keypoints });
    this.bench.takeWindow({
      ...there, current: { id: at.item, keypoint: at.keypoint },
      photos: { ...there.photos, ...person.photos }, items: [...there.items, ...person.items, ...this.beside(at.item)],
    });
  }

  /** Everybody on the photo is sent, too. */
  beside(id) {
    const other = id % 2 === 0 ? id + 1 : id - 1;
    return aWindow(this.keypoints ? 2 * other : other, { keypoints: this.keypoints }).items.filter((item) => item.id === other);
  }
}

/** A bench at the first item, and its server. */
function begin(keypoints, ahead) {
  const { bench, heard } = aBench();
  const server = new Server(bench, keypoints);
  const first = aWindow(START, { keypoints, ahead });
  bench.takeWindow({ ...first, items: [...first.items, ...server.beside(first.current.id)] });
  return { bench, heard, server };
}

function play(seed, keypoints) {
  const dice = random(seed);
  const keys = Array.from({ length: 150 }, () => KEYS[Math.floor(dice() * KEYS.length)]);
  const prompt = begin(keypoints, 2);
  prompt.bench.takeLog(aLog());
  for (const key of keys) {
    type(prompt.bench, key);
    for (let n = 0; n < 4; n += 1) prompt.server.answer();
  }
  const late = begin(keypoints, 1);
  const speed = dice();
  for (const key of keys) {
    type(late.bench, key);
    if (dice() < speed) late.server.answer();
    if (dice() < 0.05) late.bench.takeLog(aLog());
  }
  late.bench.takeLog(aLog());
  for (let n = 0; n < 400; n += 1) late.server.answer();
  return { prompt, late };
}

for (const keypoints of [false, true]) {
  test(`a late server changes nothing of what is decided, in a queue of ${keypoints ? "keypoints" : "people"}`, () => {
    for (let seed = 1; seed <= 150; seed += 1) {
      const { prompt, late } = play(seed, keypoints);
      assert.equal(late.bench.waiting, null, `seed ${seed}`);
      assert.deepEqual(decided(late.heard), decided(prompt.heard), `seed ${seed}`);
      assert.deepEqual(late.bench.current, prompt.bench.current, `seed ${seed}`);
    }
  });
}
