// What the annotator decides on one person: pure functions from a state and a command to
// { state, edits, entry, goOn }. Nothing here draws or sends; `edits` is what Python must hear of,
// all of one step, `entry` what the undo log keeps of it, `goOn` whether the queue's next item is due.

import {
  editOf, hasPlace, held, modelFlag, modelPlace, NAMES_OF_FLAGS, write,
} from "./item.js";

const CHOOSE_FIRST = "Somebody else decided this keypoint: B keeps yours, T takes theirs";

const COMMANDS = {
  set: (state, { v, stay }, step) => setFlag(state, v, { stay, step }),
  accept: (state, _, step) => (state.ghost ? confirmGhost(state, step) : accept(state, step)),
  keep: (state, _, step) => keep(state, step),
  unsure: (state, _, step) => unsure(state, step),
  step: (state, { by }) => quiet(pick(state, wrap(state.active + by, state.points.length))),
  pick: (state, { keypoint }) => quiet(pick(state, keypoint)),
  place: (state, { x, y }, step) =>
    state.ghost ? confirmGhost({ ...state, ghost: { ...state.ghost, x, y } }, step) : quiet(state),
  move: (state, { keypoint, x, y }, step) => move(state, keypoint, { x, y }, step),
  nudge: (state, { dx, dy }, step) => nudge(state, dx, dy, step),
  groups: (state) => quiet({ ...state, group: "choosing", ghost: null, note: "Group: H head, L left, R right, A all" }),
  group: (state, { name }) => chooseGroup(state, name),
  escape: (state) => quiet({ ...state, ghost: null, group: null, note: "" }),
  choose: (state, { keypoint = state.active, mine }, step) => choose(state, keypoint, mine, step),
};

/** Apply one command; `step` {id, at} is the step it makes, should it change anything, and when. */
export function apply(state, command, step) {
  const run = COMMANDS[command.do];
  return run && state.points.length > 0 ? run(state, command, step) : quiet(state);
}

function quiet(state) {
  return { state, edits: [], entry: null, goOn: false };
}

function pick(state, keypoint) {
  return { ...state, active: keypoint, ghost: null, group: null, note: "" };
}

function wrap(k, size) {
  return (k + size) % size;
}

/** Record changes {keypoint, kind, after, reviewed, unsure} as one step. */
function decide(state, changes, step, { stay = false } = {}) {
  const edits = changes.map((change) => editOf(state, change));
  const next = { ...write(state, changes, step.id, step.at), ghost: null, group: null, note: "" };
  const entry = {
    step: step.id,
    item: state.item.id,
    changes: changes.map(({ keypoint }) => ({
      keypoint, before: held(state.points[keypoint]), after: held(next.points[keypoint]),
    })),
  };
  const decided = { state: next, edits, entry, goOn: false };
  return stay || state.group ? decided : advance(decided);
}

/** After the keypoint the queue asked about comes the queue's next item, else the person's next. */
function advance(decided) {
  const { state } = decided;
  if (state.asked !== null && state.asked === state.active) return { ...decided, goOn: true };
  if (state.active < state.points.length - 1) {
    return { ...decided, state: { ...state, active: state.active + 1 } };
  }
  const open = state.points.filter((point) => !point.reviewed).length;
  const note = open ? `Last keypoint; ${open} still open. → goes on` : "All reviewed. → goes on";
  return { ...decided, state: { ...state, note } };
}

function targets(state) {
  return Array.isArray(state.group) ? state.group : [state.active];
}

function skipped(result, missing) {
  if (missing === 0) return result;
  const note = `${missing} without a place left as ${missing === 1 ? "it is" : "they are"}`;
  return { ...result, state: { ...result.state, note } };
}

function blocked(state, keypoint) {
  return keypoint in state.stale;
}

function setFlag(state, v, { stay, step }) {
  if (state.ghost && v > 0) {
    return quiet(asking(state, { ...state.ghost, v, kind: "set", stay }));
  }
  if (Array.isArray(state.group)) return setGroup(state, v, step);
  const keypoint = state.active;
  if (blocked(state, keypoint)) return quiet({ ...state, note: CHOOSE_FIRST });
  const point = state.points[keypoint];
  if (v > 0 && !hasPlace(point)) return askPlace(state, keypoint, v, { kind: "set", stay });
  const after = { x: point.x, y: point.y, v };
  return decide(state, [{ keypoint, kind: "set", after }], step, { stay });
}

function setGroup(state, v, step) {
  const changes = [];
  for (const keypoint of state.group) {
    const point = state.points[keypoint];
    const place = hasPlace(point) ? point : modelPlace(state.item, keypoint);
    if (blocked(state, keypoint) || (v > 0 && !place)) continue;
    changes.push({ keypoint, kind: "set", after: { x: (place ?? point).x, y: (place ?? point).y, v } });
  }
  return groupStep(state, changes, step);
}

function groupStep(state, changes, step) {
  const missing = targets(state).length - changes.length;
  if (changes.length > 0) return skipped(decide(state, changes, step), missing);
  return skipped(quiet({ ...state, group: null }), missing);
}

function askPlace(state, keypoint, v, { kind, stay }) {
  const place = modelPlace(state.item, keypoint);
  const ghost = { keypoint, v, kind, stay, x: place?.x ?? null, y: place?.y ?? null };
  return quiet(asking(state, ghost));
}

/** The state with a place to be confirmed, and what confirms it. */
function asking(state, ghost) {
  const whose = ghost.nudged ? "this" : "the model's";
  const how = ghost.x === null ? "click where it is" : `Enter takes ${whose} place, a click another`;
  return { ...state, ghost, note: `${NAMES_OF_FLAGS[ghost.v]}: ${how}` };
}

function confirmGhost(state, step) {
  const { keypoint, v, x, y, kind, stay } = state.ghost;
  if (x === null) return quiet(state);
  return decide(state, [{ keypoint, kind, after: { x, y, v } }], step, { stay });
}

function accept(state, step) {
  const changes = [];
  for (const keypoint of targets(state)) {
    const v = modelFlag(state.item, keypoint);
    const point = state.points[keypoint];
    const place = hasPlace(point) ? point : modelPlace(state.item, keypoint);
    if (v === null || blocked(state, keypoint) || (v > 0 && !place)) continue;
    const { x, y } = v > 0 ? place : point;
    changes.push({ keypoint, kind: "accept", after: { x, y, v } });
  }
  if (Array.isArray(state.group)) return groupStep(state, changes, step);
  if (changes.length > 0) return decide(state, changes, step);
  const note = blocked(state, state.active) ? CHOOSE_FIRST : "No model has looked at this keypoint";
  return quiet({ ...state, note });
}

function keep(state, step) {
  const changes = targets(state)
    .filter((keypoint) => !blocked(state, keypoint))
    .map((keypoint) => {
      const [x, y, v] = state.item.given[keypoint];
      const now = state.points[keypoint];
      // A verdict "keep" changes nothing; going back to the given label is a change.
      const kind = now.v === v && now.x === x && now.y === y ? "keep" : "set";
      return { keypoint, kind, after: { x, y, v } };
    });
  return changes.length ? decide(state, changes, step) : quiet({ ...state, note: CHOOSE_FIRST });
}

function unsure(state, step) {
  const changes = targets(state)
    .filter((keypoint) => !blocked(state, keypoint))
    .map((keypoint) => {
      const { x, y, v } = state.points[keypoint];
      return { keypoint, kind: "unsure", after: { x, y, v }, reviewed: false, unsure: true };
    });
  return changes.length ? decide(state, changes, step) : quiet({ ...state, note: CHOOSE_FIRST });
}

function move(state, keypoint, { x, y }, step) {
  if (blocked(state, keypoint)) return quiet({ ...state, note: CHOOSE_FIRST });
  const picked = { ...state, active: keypoint, group: null };
  const after = { x, y, v: state.points[keypoint].v };
  return decide(picked, [{ keypoint, kind: "set", after }], step, { stay: true });
}

function nudge(state, dx, dy, step) {
  const { w, h } = state.item.photo;
  const within = (value, limit) => Math.min(Math.max(value, 0), limit);
  if (state.ghost && state.ghost.x !== null) {
    const { x, y } = state.ghost;
    const place = { x: within(x + dx, w), y: within(y + dy, h) };
    return quiet(asking(state, { ...state.ghost, ...place, nudged: true }));
  }
  const point = state.points[state.active];
  if (point.v === 0) return quiet({ ...state, note: "Not labelled: there is no place to nudge" });
  return move(state, state.active, { x: within(point.x + dx, w), y: within(point.y + dy, h) }, step);
}

function chooseGroup(state, name) {
  const group = state.item.groups[name] ?? [];
  if (group.length === 0) return quiet({ ...state, group: null, note: `No keypoint is in: ${name}` });
  return quiet({ ...state, group, note: `${name} (${group.length}): 0, 1, 2, Enter, Space or X` });
}

/** Settle a stale keypoint: mine is decided anew against their revision, or theirs is taken. */
function choose(state, keypoint, mine, step) {
  const theirs = state.stale[keypoint];
  if (!theirs) return quiet({ ...state, note: "Nobody else decided this keypoint meanwhile" });
  const { [keypoint]: _, ...stale } = state.stale;
  const points = [...state.points];
  const { x, y, v, revision } = theirs;
  // Which step theirs was is not told: none of ours, so that undo leaves it alone.
  points[keypoint] = { x, y, v, revision, reviewed: true, unsure: false, step: `by ${theirs.by}` };
  const taken = { ...state, points, stale, active: keypoint, ghost: null, group: null, note: "" };
  const chosen = mine
    ? decide(taken, [{ keypoint, kind: "set", after: theirs.mine }], step, { stay: true })
    : quiet(taken);
  const [other] = Object.keys(stale);
  const active = other === undefined ? (state.back ?? keypoint) : Number(other);
  const back = other === undefined ? null : state.back;
  return { ...chosen, state: { ...chosen.state, active, back } };
}

/** What somebody else decided meanwhile, for the history: when is not told, only when one heard. */
function theirEntry({ keypoint, revision, v, by, told }) {
  const [who, step] = [by || "somebody", `by ${by}`];
  return { keypoint, revision, step, by: who, when: told, kind: "set", from: v, to: v, moved: false, reason: "" };
}

/**
 * Take in what Python says: the revision of keypoints whose edits are all on disk, and refusals.
 * The other revisions stay as they were seen: one that moved on is somebody else's decision.
 */
export function settle(state, { revisions, stale, saved }) {
  const points = state.points.map((point, k) =>
    saved.has(k) ? { ...point, revision: revisions[k] } : point,
  );
  if (stale.length === 0) return { ...state, points };
  const merged = { ...state.stale };
  for (const { keypoint, ...theirs } of stale) merged[keypoint] = theirs; // {x, y, v, revision, by, mine}
  const refused = new Set(stale.flatMap(({ keypoint, steps }) => steps.map((step) => `${keypoint} ${step}`)));
  const told = new Set(stale.map(({ keypoint, revision }) => `${keypoint} ${revision}`));
  const kept = state.fresh.filter(({ keypoint, step, revision, by }) =>
    !refused.has(`${keypoint} ${step}`) && !(by && told.has(`${keypoint} ${revision}`)));
  const choosing = blocked(state, state.active); // one after the other
  return {
    ...state, points, stale: merged, ghost: null, group: null,
    active: choosing ? state.active : stale[0].keypoint, back: choosing ? state.back : state.active,
    fresh: [...kept, ...stale.map(theirEntry)],
    note: "Not saved: somebody else decided this keypoint meanwhile. B keeps yours, T takes theirs",
  };
}
