// What the annotator has decided on one person: pure functions from state and command to
// { state, edits, undoes }. Nothing here draws or sends; `edits` is what Python must hear of, all of
// one step, and `undoes` the step they take back or restore.

export const NAMES_OF_FLAGS = ["not labelled", "hidden", "visible"];

/** A fresh state of an item as Python sent it. */
export function openItem(item) {
  const points = item.current.map(([x, y, v], k) => ({
    x, y, v,
    revision: item.revisions[k],
    reviewed: item.reviewed[k],
    unsure: false,
  }));
  const open = points.findIndex((point) => !point.reviewed);
  return {
    item,
    points,
    active: Math.max(open, 0),
    ghost: null, // {keypoint, v, x, y, kind}: a flag that waits for its place; x null: click asked
    group: null, // "choosing", or the keypoints the next decision is for
    stale: {}, // keypoint -> what somebody else decided meanwhile
    done: [], // steps that can be undone, newest last
    undone: [],
    note: "",
  };
}

/** The flag the model finds most likely, or null. */
export function modelFlag(item, keypoint) {
  const p = item.model?.p[keypoint];
  return p ? p.indexOf(Math.max(...p)) : null;
}

/** Whether a label holds a place: a labelled keypoint, or one whose old place was kept. */
export function hasPlace({ x, y, v }) {
  return v > 0 || x !== 0 || y !== 0;
}

/** Where the model saw the keypoint, or null. */
export function modelPlace(item, keypoint) {
  const xy = item.model?.xy[keypoint];
  return xy ? { x: xy[0], y: xy[1] } : null;
}

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
  undo: (state) => undo(state),
  redo: (state) => redo(state),
  choose: (state, { keypoint, mine }, step) => choose(state, keypoint, mine, step),
};

/** Apply one command; `step` names the step it makes, should it change anything. */
export function apply(state, command, step) {
  const run = COMMANDS[command.do];
  return run && state.points.length > 0 ? run(state, command, step) : quiet(state);
}

function quiet(state) {
  return { state, edits: [], undoes: null };
}

function pick(state, keypoint) {
  return { ...state, active: keypoint, ghost: null, group: null, note: "" };
}

function wrap(k, size) {
  return (k + size) % size;
}

function advance(state) {
  if (state.active < state.points.length - 1) return { ...state, active: state.active + 1 };
  const open = state.points.filter((point) => !point.reviewed).length;
  return { ...state, note: open ? `Last keypoint; ${open} still open` : "All reviewed: → next" };
}

/** Record changes {keypoint, kind, after, reviewed, unsure} as one step. */
function decide(state, changes, step, { stay = false } = {}) {
  const edits = changes.map((change) => editOf(state, change));
  const entry = {
    step,
    changes: changes.map(({ keypoint }) => ({ keypoint, before: state.points[keypoint] })),
  };
  const next = write(state, changes);
  entry.changes = entry.changes.map((c) => ({ ...c, after: next.points[c.keypoint] }));
  const decided = {
    ...next, done: [...state.done, entry], undone: [], ghost: null, group: null, note: "",
  };
  return { state: stay || state.group ? decided : advance(decided), edits, undoes: null };
}

function editOf(state, { keypoint, kind, after }) {
  return {
    keypoint, kind,
    base_revision: state.points[keypoint].revision,
    v: after.v, x: after.x, y: after.y,
    run: state.item.model?.run ?? null,
  };
}

function write(state, changes) {
  const points = [...state.points];
  const stale = { ...state.stale };
  for (const { keypoint, after, reviewed = true, unsure = false } of changes) {
    const { x, y, v } = after;
    points[keypoint] = { x, y, v, reviewed, unsure, revision: points[keypoint].revision + 1 };
    delete stale[keypoint];
  }
  return { ...state, points, stale };
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

const CHOOSE_FIRST = "Somebody else decided this keypoint: choose a value first";

function setFlag(state, v, { stay, step }) {
  if (state.ghost && v > 0) {
    return quiet({ ...state, ghost: { ...state.ghost, v, kind: "set" } });
  }
  if (Array.isArray(state.group)) return setGroup(state, v, step);
  const keypoint = state.active;
  if (blocked(state, keypoint)) return quiet({ ...state, note: CHOOSE_FIRST });
  const point = state.points[keypoint];
  if (v > 0 && !hasPlace(point)) return askPlace(state, keypoint, v, "set");
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

function askPlace(state, keypoint, v, kind) {
  const place = modelPlace(state.item, keypoint);
  const ghost = { keypoint, v, kind, x: place?.x ?? null, y: place?.y ?? null };
  const word = NAMES_OF_FLAGS[v];
  const note = place
    ? `${word}: Enter takes the model's place, a click another`
    : `${word}: click where it is`;
  return quiet({ ...state, ghost, note });
}

function confirmGhost(state, step) {
  const { keypoint, v, x, y, kind } = state.ghost;
  if (x === null) return quiet(state);
  return decide(state, [{ keypoint, kind, after: { x, y, v } }], step);
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
    return quiet({ ...state, ghost: { ...state.ghost, x: within(x + dx, w), y: within(y + dy, h) } });
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

function undo(state) {
  const entry = state.done.at(-1);
  if (!entry) return quiet({ ...state, note: "Nothing to undo on this person" });
  const result = rewind(state, entry, "before", "undo");
  result.state.done = state.done.slice(0, -1);
  result.state.undone = [...state.undone, entry];
  return result;
}

function redo(state) {
  const entry = state.undone.at(-1);
  if (!entry) return quiet({ ...state, note: "Nothing to redo" });
  const result = rewind(state, entry, "after", "redo");
  result.state.done = [...state.done, entry];
  result.state.undone = state.undone.slice(0, -1);
  return result;
}

function rewind(state, entry, side, kind) {
  const changes = entry.changes
    .filter(({ keypoint }) => !blocked(state, keypoint))
    .map((change) => {
      const { reviewed, unsure: doubt } = change[side];
      return { keypoint: change.keypoint, kind, after: change[side], reviewed, unsure: doubt };
    });
  const edits = changes.map((change) => editOf(state, change));
  const active = entry.changes[0].keypoint;
  const rewound = { ...write(state, changes), active, ghost: null, group: null, note: "" };
  return { state: rewound, edits, undoes: entry.step };
}

/** Settle a stale keypoint: mine is decided anew against their revision, or theirs is taken. */
function choose(state, keypoint, mine, step) {
  const theirs = state.stale[keypoint];
  if (!theirs) return quiet(state);
  const { [keypoint]: _, ...stale } = state.stale;
  const points = [...state.points];
  const { x, y, v, revision } = theirs;
  points[keypoint] = { x, y, v, revision, reviewed: true, unsure: false };
  const taken = { ...state, points, stale, active: keypoint, note: "" };
  if (!mine) return quiet(taken);
  return decide(taken, [{ keypoint, kind: "set", after: theirs.mine }], step, { stay: true });
}

/**
 * Take in what Python says: the revision of keypoints whose edits are all on disk, and refusals.
 * The other revisions stay as they were seen: one that moved on is somebody else's decision.
 */
export function settle(state, { revisions, stale }, savedKeypoints) {
  const points = state.points.map((point, k) =>
    savedKeypoints.has(k) ? { ...point, revision: revisions[k] } : point,
  );
  if (stale.length === 0) return { ...state, points };
  const merged = { ...state.stale };
  for (const { keypoint, ...theirs } of stale) merged[keypoint] = theirs; // {x, y, v, revision, by, mine}
  const standing = (entries) =>
    entries
      .map((entry) => ({
        ...entry, changes: entry.changes.filter(({ keypoint }) => !(keypoint in merged)),
      }))
      .filter(({ changes }) => changes.length > 0);
  return {
    ...state, points, stale: merged, active: stale[0].keypoint, ghost: null, group: null,
    note: "Not saved: somebody else decided this keypoint meanwhile. Choose a value.",
    done: standing(state.done), undone: standing(state.undone),
  };
}
