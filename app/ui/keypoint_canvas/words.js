// What is said about keypoints, steps and progress: pure functions.

import { modelFlag, nameOf, NAMES_OF_FLAGS } from "./item.js";

const CLOCK = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const GROUPED = new Intl.NumberFormat("en-GB");

/** A count with its thousands apart. */
export function count(number) {
  return GROUPED.format(number);
}

/** The standing of a keypoint in one word. */
export function standing(state, k) {
  const point = state.points[k];
  if (k in state.stale) return "conflict";
  return point.reviewed ? "reviewed" : point.unsure ? "unsure" : "open";
}

/** The active keypoint for ears: "left wrist, hidden, model visible 0.91, not reviewed". */
export function aloud(state) {
  const k = state.active;
  const point = state.points[k];
  if (!point) return "This person has no keypoints";
  const flag = modelFlag(state.item, k);
  const model = flag === null ? "" : `model ${NAMES_OF_FLAGS[flag]} ${state.item.model.p[k][flag].toFixed(2)}`;
  const stood = { open: "not reviewed", conflict: "somebody else decided it meanwhile" };
  const now = standing(state, k);
  return [nameOf(state.item, k), NAMES_OF_FLAGS[point.v], model, stood[now] ?? now].filter(Boolean).join(", ");
}

/** What the model says of a keypoint. */
export function modelWords({ item }, k) {
  if (!item.model) return "No model has looked at this person.";
  const p = item.model.p[k];
  if (!p) return `${item.model.run}: not predicted`;
  return `${item.model.run}: ${p.map((share, v) => `${NAMES_OF_FLAGS[v]} ${share.toFixed(2)}`).join("  ")}`;
}

const KINDS = {
  set: "", accept: "accepted the model's", keep: "kept", unsure: "unsure", undo: "undone", redo: "redone",
};

/** The history of a keypoint, newest first: [{who, when, what, reason}]. `now` in milliseconds. */
export function historyOf(state, k, now) {
  const { item } = state;
  const sent = (item.history[k] ?? []).map((entry) => ({
    ...entry, who: entry.by === item.annotator ? "you" : entry.by, when: when(entry.at, now),
  }));
  const fresh = state.fresh
    .filter(({ keypoint, revision }) => keypoint === k && revision > item.revisions[k])
    .map((entry) => ({ ...entry, who: entry.by ?? "you", when: entry.when ?? "now" }));
  return [...sent, ...fresh].reverse().map(({ who, when: at, reason, ...entry }) => ({
    who, when: at, what: changeWords(entry), reason,
  }));
}

function changeWords({ kind, from, to, moved }) {
  const flags = from === to ? NAMES_OF_FLAGS[to] : `${NAMES_OF_FLAGS[from]} → ${NAMES_OF_FLAGS[to]}`;
  return [flags, moved && from > 0 && to > 0 ? "moved" : "", KINDS[kind] ?? kind].filter(Boolean).join(", ");
}

/** A time as the annotator's clock shows it, with the day where that is not today's. */
export function when(iso, now) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return "";
  const time = CLOCK.format(at);
  return at.toDateString() === new Date(now).toDateString() ? time : `${DAY.format(at)} ${time}`;
}

/** A label in words. */
export function labelWords({ x, y, v }) {
  return v > 0 ? `${NAMES_OF_FLAGS[v]} at ${x.toFixed(1)}, ${y.toFixed(1)}` : NAMES_OF_FLAGS[v];
}

/** Two lines: how far the queue is, and what was done today. */
export function progressWords({ total, reviewed, changed, today }) {
  const share = reviewed > 0 ? ` (${Math.round((100 * changed) / reviewed)} %)` : "";
  const many = (n, one) => `${count(n)} ${one}${n === 1 ? "" : "s"}`;
  return [
    `${count(reviewed)} / ${count(total)} reviewed · found ${count(changed)}${share}`,
    `today: ${many(today.keypoints, "keypoint")}, ${many(today.persons, "person")}`,
  ];
}
