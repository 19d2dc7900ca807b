// Edits that are not yet known to be on disk. Pure functions; whole snapshots, never deltas:
// an edit is in every message until it is acknowledged, so a lost or merged one loses nothing.

export const MOST_SNAPSHOTS = 200; // of one message; the others follow after the answer

/** An empty outbox of one editor; `client` tells its acknowledgements from older ones. */
export function emptyOutbox(client) {
  return { client, seq: 0, pending: [], savedAt: null, error: null };
}

/** Add the edits of one step on one person; `of` is {dataset, version, labelSet, annotator, item}. */
export function post(outbox, of, { step, undoes, edits }) {
  const added = edits.map((edit) => ({ ...of, step, undoes, sent: null, edit }));
  return { ...outbox, pending: [...outbox.pending, ...added] };
}

/** The outbox after sending, and the message: one snapshot per step, oldest first. */
export function send(outbox) {
  const seq = outbox.seq + 1;
  const snapshots = new Map();
  const pending = outbox.pending.map((entry) => {
    const { dataset, version = null, labelSet, annotator, item, step, undoes, edit } = entry;
    if (!snapshots.has(step)) {
      if (snapshots.size >= MOST_SNAPSHOTS) return entry;
      snapshots.set(step, {
        dataset, version, label_set: labelSet, annotator, item, seq, step, undoes, edits: [],
      });
    }
    snapshots.get(step).edits.push(edit);
    return { ...entry, sent: entry.sent ?? seq };
  });
  return {
    outbox: { ...outbox, seq, pending },
    message: { client: outbox.client, seq, snapshots: [...snapshots.values()] },
  };
}

/**
 * Take in an acknowledgement {client, seq, error, items: [{dataset, label_set, item, revisions, stale}]}.
 * `now` is the time shown as saved. Gives the outbox and, per person, what to settle: {dataset,
 * labelSet, item, revisions, stale, saved}, where `stale` holds only refusals of edits still
 * pending here and `saved` the keypoints all of whose edits are on disk. Null where the
 * acknowledgement is none of ours.
 */
export function acknowledge(outbox, ack, now) {
  if (!ack || ack.client !== outbox.client) return null;
  const settled = ack.items.map((answer) => settleItem(outbox, ack.seq, answer));
  const refused = new Set(settled.flatMap((one) => one.stale.map(({ keypoint }) => place(one, keypoint))));
  const answered = new Set(settled.map((one) => place(one)));
  // Later edits of a refused keypoint were made against a value that never came to be.
  const pending = outbox.pending.filter((e) =>
    !refused.has(place(e, e.edit.keypoint)) && !(isSent(e, ack.seq) && answered.has(place(e))));
  const news = pending.length < outbox.pending.length && !ack.error;
  return {
    outbox: { ...outbox, pending, error: ack.error ?? null, savedAt: news ? now : outbox.savedAt },
    settled,
  };
}

function settleItem(outbox, seq, { dataset, label_set: labelSet, item, revisions, stale }) {
  const mine = outbox.pending.filter((e) => place(e) === place({ dataset, labelSet, item }));
  const handled = mine.filter((e) => isSent(e, seq));
  const steps = new Set(handled.map(({ step }) => step));
  const waiting = new Set(mine.filter((e) => !isSent(e, seq)).map(({ edit }) => edit.keypoint));
  const saved = handled.map(({ edit }) => edit.keypoint).filter((k) => !waiting.has(k));
  const refusals = new Map(stale.filter(({ step }) => steps.has(step)).map((each) => [each.keypoint, each]));
  return {
    dataset, labelSet, item, revisions, saved: new Set(saved),
    stale: [...refusals.values()].map((refusal) => ({ ...refusal, ...lost(mine, refusal.keypoint) })),
  };
}

/** What a refusal takes along: the value last asked for, and every step that wanted the keypoint. */
function lost(mine, keypoint) {
  const entries = mine.filter(({ edit }) => edit.keypoint === keypoint);
  const { x, y, v } = entries.at(-1).edit;
  const steps = entries.flatMap(({ step, undoes }) => (undoes === null ? [step] : [step, undoes]));
  return { mine: { x, y, v }, steps: [...new Set(steps)] };
}

function isSent({ sent }, seq) {
  return sent !== null && sent <= seq;
}

/** The steps of a person that are not acknowledged, oldest first: [{step, edits}]. */
export function pendingSteps(outbox, person) {
  const steps = new Map();
  for (const e of outbox.pending) {
    if (place(e) !== place(person)) continue;
    const known = steps.get(e.step) ?? { step: e.step, edits: [] };
    known.edits.push(e.edit);
    steps.set(e.step, known);
  }
  return [...steps.values()];
}

/** How many steps wait that were never sent. */
export function hasUnsent(outbox) {
  return outbox.pending.some(({ sent }) => sent === null);
}

/** One person's labels in one label set, or one keypoint of them, to compare. */
function place({ dataset, labelSet, item }, keypoint = null) {
  return JSON.stringify([dataset, labelSet, item, keypoint]);
}
