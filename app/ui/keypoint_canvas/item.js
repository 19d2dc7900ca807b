// One person as the editor has it open: pure functions. A state is {item, points, …}; `item` is what
// Python sent, `points` the labels as they are now, with what is not on disk yet.

export const NAMES_OF_FLAGS = ["not labelled", "hidden", "visible"];

/** A fresh state of an item as Python sent it. */
export function openItem(item) {
  const points = item.current.map(([x, y, v], k) => ({
    x, y, v,
    revision: item.revisions[k],
    reviewed: item.reviewed[k],
    unsure: item.unsure[k],
    step: item.steps[k], // whose verdict holds; null: the untouched label
  }));
  return {
    item,
    points,
    active: firstOpen(points),
    asked: null, // the keypoint this item of the queue is about; null: the whole person
    ghost: null, // {keypoint, v, x, y, kind}: a flag that waits for its place; x null: click asked
    group: null, // "choosing", or the keypoints the next decision is for
    back: null, // the keypoint that was active before there was something to choose
    stale: {}, // keypoint -> what somebody else decided meanwhile
    fresh: [], // what was decided since the item was sent, for its history; newest last
    note: "",
  };
}

/** The state on screen as another item of the queue, or as a person that was asked for. */
export function turnTo(state, keypoint) {
  return {
    ...state, asked: keypoint, active: keypoint ?? state.active, ghost: null, group: null,
    back: null, note: "",
  };
}

/** What holds on a keypoint, as the undo log keeps it. */
export function held({ x, y, v, reviewed, unsure, step }) {
  return { x, y, v, reviewed, unsure, step };
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

/** Where a keypoint is shown: its label, for an absent one the model's place, else null. */
export function shownPlace(state, keypoint) {
  const point = state.points[keypoint];
  return point.v > 0 ? point : modelPlace(state.item, keypoint);
}

/** The name of a keypoint in words. */
export function nameOf(item, keypoint) {
  return item.names[keypoint].replaceAll("_", " ");
}

/** A state with changes {keypoint, kind, after, reviewed, unsure, holds} written by one step. */
export function write(state, changes, step, at) {
  const points = [...state.points];
  const stale = { ...state.stale };
  const fresh = [...state.fresh];
  for (const { keypoint, kind, after, reviewed = true, unsure = false, holds = step } of changes) {
    const { x, y, v } = after;
    const old = points[keypoint];
    const revision = old.revision + 1;
    points[keypoint] = { x, y, v, reviewed, unsure, revision, step: holds };
    delete stale[keypoint];
    const moved = x !== old.x || y !== old.y;
    fresh.push({ keypoint, revision, step, at, kind, from: old.v, to: v, moved, reason: "" });
  }
  return { ...state, points, stale, fresh };
}

/** What Python must hear of a change. */
export function editOf(state, { keypoint, kind, after }) {
  const { model } = state.item;
  return {
    keypoint, kind,
    base_revision: state.points[keypoint].revision,
    v: after.v, x: after.x, y: after.y,
    run: model?.run ?? null,
    run_said: model?.p[keypoint] ?? null,
  };
}

/**
 * A fresh state with edits that are still on their way: after a reload, or when the person was
 * loaded anew before the answer came. An edit that does not stand on what was sent is left out.
 */
export function replay(state, steps, at) {
  const replayed = steps.reduce((now, { step, edits }) => {
    const changes = edits
      .filter((edit) => edit.base_revision === now.points[edit.keypoint]?.revision)
      .map(({ keypoint, kind, x, y, v }) => {
        const unsure = kind === "unsure";
        return { keypoint, kind, after: { x, y, v }, reviewed: !unsure, unsure };
      });
    return write(now, changes, step, at);
  }, state);
  return { ...replayed, active: firstOpen(replayed.points) };
}

function firstOpen(points) {
  return Math.max(points.findIndex((point) => !point.reviewed), 0);
}
