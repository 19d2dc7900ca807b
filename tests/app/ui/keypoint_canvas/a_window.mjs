// A queue of persons as Python sends it, and a workbench that hears it, for tests.

import { Workbench } from "../../../../app/ui/keypoint_canvas/workbench.js";
import { anItem, PHOTO } from "./an_item.mjs";

const LENGTH = 400; // items of the queue

/** A window around an item: one behind, `ahead` after it; two persons to a photo. */
export function aWindow(at, { n = at, reset = 1, ahead = 2, keypoints = false, change = {}, items = {}, ...rest } = {}) {
  const from = Math.max(at - 1, 0);
  const to = Math.min(at + ahead, LENGTH - 1);
  const order = Array.from({ length: to - from + 1 }, (_, k) => entry(from + k, keypoints));
  const ids = new Set(order.map(({ id }) => id));
  const images = [...new Set(order.map(({ image }) => image))];
  const current = entry(at, keypoints);
  return {
    n, reset, annotator: "Ada", label_set: "main", dataset: "d",
    unit: keypoints ? "keypoints" : "people",
    current: { id: current.id, keypoint: current.keypoint },
    order, is_first: from === 0, is_last: to === LENGTH - 1,
    progress: { place: at + 1, total: LENGTH, reviewed: 0, changed: 0, today: { keypoints: 0, persons: 0 } },
    photos: Object.fromEntries(images.map((image) => [image, photo(image)])),
    items: [...ids].map((id) => anItem({ id, image: Math.floor(id / 2), ...items[id] })),
    prefetch: [],
    ...rest,
    ...change,
  };
}

function entry(index, keypoints) {
  const id = keypoints ? Math.floor(index / 2) : index;
  return { id, image: Math.floor(id / 2), keypoint: keypoints ? index % 2 : null, why: `the ${index}th` };
}

function photo(image) {
  const people = [2 * image, 2 * image + 1].map((id) => ({ id, crowd: false, points: [[1, 1, 2]] }));
  return { ...PHOTO, url: `img/${image}`, people };
}

/** An undo log as Python sends it. */
export function aLog(changes = {}) {
  return { n: 1, reset: 1, before: null, done: [], undone: [], more: false, ...changes };
}

/** A workbench with what it posted and how often it asked; steps are s1, s2 … */
export function aBench(...windows) {
  const heard = { posted: [], asked: 0, opened: [], pending: {}, refused: {}, chosen: [], now: 0 };
  let steps = 0;
  const bench = new Workbench({
    post: (item, step) => heard.posted.push({ item: item.id, ...step }),
    ask: () => (heard.asked += 1),
    opened: () => heard.opened.push(bench.current.id),
    pending: (id) => heard.pending[id] ?? [],
    refused: (id) => heard.refused[id] ?? [],
    chosen: (id, keypoint) => heard.chosen.push([id, keypoint]),
  }, { now: () => heard.now, id: () => `s${(steps += 1)}` });
  for (const each of windows) bench.takeWindow(each);
  return { bench, heard };
}

const KEYS = {
  "→": { do: "item", by: 1 }, "←": { do: "item", by: -1 }, n: { do: "person", by: 1 },
  z: { do: "undo" }, y: { do: "redo" }, Tab: { do: "step", by: 1 }, Space: { do: "keep" },
  Enter: { do: "accept" }, Esc: { do: "escape" }, g: { do: "groups" },
};

/** Type keys one after the other: digits, and what KEYS has. */
export function type(bench, keys) {
  for (const key of keys.split(" ")) {
    bench.obey(KEYS[key] ?? { do: "set", v: Number(key), stay: false });
  }
}

/** What was posted, as [item, keypoint, kind, v]. */
export function decided(heard) {
  return heard.posted.flatMap(({ item, edits }) => edits.map((e) => [item, e.keypoint, e.kind, e.v]));
}
