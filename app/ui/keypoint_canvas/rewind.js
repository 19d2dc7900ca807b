// Undo and redo of one entry of the log on the person it is about: pure functions.

import { editOf, nameOf, NAMES_OF_FLAGS, write } from "./item.js";

/**
 * Take an entry back ("undo") or restore it ("redo"). A keypoint is touched only where the entry's
 * own decision holds (where what it changed holds, for redo): nobody's later one is lost.
 * Gives {state, edits, changes}: the changes of the entry that were rewound.
 */
export function rewind(state, entry, kind, step) {
  const [away, to] = kind === "undo" ? ["after", "before"] : ["before", "after"];
  const holds = ({ keypoint, ...change }) => {
    const expected = kind === "undo" ? entry.step : change[away].step;
    return state.points[keypoint]?.step === expected && !(keypoint in state.stale);
  };
  const changes = entry.changes.filter(holds);
  const left = entry.changes.filter((change) => !holds(change));
  const written = changes.map((change) => {
    const { reviewed, unsure, step: before } = change[to];
    const own = kind === "undo" ? before : entry.step;
    return { keypoint: change.keypoint, kind, after: change[to], reviewed, unsure, holds: own };
  });
  const edits = written.map((change) => editOf(state, change));
  const first = (changes[0] ?? left[0])?.keypoint ?? state.active;
  const rewound = write(state, written, step.id, step.at);
  const note = [said(state, changes, kind), leftWords(state, left)].filter(Boolean).join(". ");
  return { state: { ...rewound, active: first, ghost: null, group: null, note }, edits, changes };
}

function said(state, changes, kind) {
  if (changes.length === 0) return "";
  const done = kind === "undo" ? "Undone" : "Redone";
  if (changes.length > 1) return `${done}: ${changes.length} keypoints`;
  const [{ keypoint, before, after }] = changes;
  const [from, to] = kind === "undo" ? [after, before] : [before, after];
  const name = nameOf(state.item, keypoint);
  if (from.v !== to.v) return `${done}: ${name} ${NAMES_OF_FLAGS[from.v]} → ${NAMES_OF_FLAGS[to.v]}`;
  if (from.x !== to.x || from.y !== to.y) return `${done}: ${name} moved`;
  return `${done}: ${name} ${from.reviewed ? "reviewed" : "open"} → ${to.reviewed ? "reviewed" : "open"}`;
}

function leftWords(state, left) {
  if (left.length === 0) return "";
  const names = left.length > 3 ? `${left.length} keypoints`
    : left.map(({ keypoint }) => nameOf(state.item, keypoint)).join(", ");
  const who = new Set(left.map(({ keypoint }) => lastBy(state, keypoint)));
  return `Left as it is: ${names}, decided since by ${[...who].join(" and ")}`;
}

function lastBy({ item, stale, fresh }, keypoint) {
  if (keypoint in stale) return stale[keypoint].by || "somebody";
  const last = fresh.findLast((each) => each.keypoint === keypoint);
  if (last) return last.by ?? "you";
  const by = item.history[keypoint]?.at(-1)?.by;
  return !by ? "somebody" : by === item.annotator ? "you, elsewhere" : by;
}
