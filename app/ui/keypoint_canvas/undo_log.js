// The annotator's own steps, across persons, reloads and sessions: pure functions.
// An entry is {step, item, changes: [{keypoint, before, after}]}, both sides as `held` gives them;
// one made here also has the place of the queue it was made at.

const ENOUGH = 10; // with fewer left, older ones are asked for

/** A log of which nothing is known yet. */
export function emptyLog() {
  return {
    known: false, // whether Python has told of the steps made before
    done: [], // oldest first: the next to undo last
    undone: [], // the next to redo last
    oldest: null, // step id of the oldest Python told of
    more: false, // whether there are older ones
    decided: false, // whether anything was decided here: then nothing from before can be redone
  };
}

/** With one more step done; what was undone before it can no longer be redone. */
export function record(log, entry) {
  return { ...log, done: [...log.done, entry], undone: [], decided: true };
}

/** What Python tells {before, done, undone, more}, behind what was done here meanwhile. */
export function take(log, told) {
  const known = new Set([...log.done, ...log.undone].map(({ step }) => step));
  const others = (entries) => entries.filter(({ step }) => !known.has(step));
  const done = [...others(told.done), ...log.done];
  const { more } = told;
  const oldest = (told.done[0] ?? told.undone[0])?.step ?? log.oldest;
  if (told.before !== null) return { ...log, done, oldest, more };
  const undone = log.decided ? log.undone : [...others(told.undone), ...log.undone];
  return { ...log, known: true, done, undone, oldest, more };
}

/** The step older ones than which are wanted, or null. */
export function wanted(log) {
  return log.known && log.more && log.done.length < ENOUGH ? log.oldest : null;
}

/** The entry `kind` ("undo" or "redo") is about, or null. */
export function next(log, kind) {
  return (kind === "undo" ? log.done : log.undone).at(-1) ?? null;
}

/** The log after its next entry was undone or redone for the `changes` that could be. */
export function passed(log, kind, changes) {
  const [from, to] = kind === "undo" ? ["done", "undone"] : ["undone", "done"];
  const entry = { ...next(log, kind), changes };
  const there = changes.length > 0 ? [...log[to], entry] : log[to];
  return { ...log, [from]: log[from].slice(0, -1), [to]: there };
}

/** The log without what was refused: {keypoint, steps} of one item, or what those steps took back. */
export function refuse(log, item, refusals) {
  const gone = new Set(refusals.flatMap(({ keypoint, steps }) => steps.map((s) => `${keypoint} ${s}`)));
  const standing = (entries) => entries
    .map((entry) => (entry.item !== item ? entry : {
      ...entry,
      changes: entry.changes.filter(({ keypoint }) => !gone.has(`${keypoint} ${entry.step}`)),
    }))
    .filter(({ changes }) => changes.length > 0);
  return { ...log, done: standing(log.done), undone: standing(log.undone) };
}
