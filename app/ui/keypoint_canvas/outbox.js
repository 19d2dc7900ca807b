// Edits that are not yet known to be on disk. Pure functions; whole snapshots, never deltas:
// an edit is in every snapshot until it is acknowledged, so a lost or merged message loses nothing.

/** An empty outbox of one editor; `client` tells its acknowledgements from older ones. */
export function emptyOutbox(client) {
  return { client, seq: 0, pending: [], savedAt: null, error: null };
}

/** Add the edits of one step on one item; they travel with the next snapshots. */
export function post(outbox, dataset, item, { step, undoes, edits }) {
  const added = edits.map((edit) => ({ dataset, item, step, undoes, sent: null, edit }));
  return { ...outbox, pending: [...outbox.pending, ...added] };
}

/** The outbox after sending, and the message: one snapshot per step, oldest first. */
export function send(outbox, have) {
  const seq = outbox.seq + 1;
  const pending = outbox.pending.map((entry) => ({ ...entry, sent: entry.sent ?? seq }));
  const snapshots = new Map();
  for (const { dataset, item, step, undoes, edit } of pending) {
    const snapshot = snapshots.get(step) ?? { dataset, item, seq, step, undoes, edits: [] };
    snapshot.edits.push(edit);
    snapshots.set(step, snapshot);
  }
  return {
    outbox: { ...outbox, seq, pending },
    message: { client: outbox.client, seq, have, snapshots: [...snapshots.values()] },
  };
}

/**
 * Take in an acknowledgement {client, seq, error, items: [{dataset, item, revisions, stale}]}.
 * `now` is the time shown as saved. Gives the outbox and, per item, what to settle: {dataset, item, revisions, stale, saved}, where
 * `stale` holds only refusals of edits still pending here and `saved` the keypoints all of whose
 * edits are on disk. Null where the acknowledgement is none of ours.
 */
export function acknowledge(outbox, ack, now) {
  if (!ack || ack.client !== outbox.client) return null;
  const settled = ack.items.map((answer) => settleItem(outbox, ack.seq, answer));
  const refused = new Set(settled.flatMap(({ dataset, item, stale }) =>
    stale.map(({ keypoint }) => place(dataset, item, keypoint))));
  const answered = new Set(ack.items.map(({ dataset, item }) => place(dataset, item)));
  // Later edits of a refused keypoint were made against a value that never came to be.
  const pending = outbox.pending.filter((e) =>
    !refused.has(place(e.dataset, e.item, e.edit.keypoint)) &&
    !(isSent(e, ack.seq) && answered.has(place(e.dataset, e.item))));
  const news = pending.length < outbox.pending.length && !ack.error;
  return {
    outbox: { ...outbox, pending, error: ack.error ?? null, savedAt: news ? now : outbox.savedAt },
    settled,
  };
}

function settleItem(outbox, seq, { dataset, item, revisions, stale }) {
  const mine = outbox.pending.filter((e) => e.dataset === dataset && e.item === item);
  const handled = mine.filter((entry) => isSent(entry, seq));
  const steps = new Set(handled.map(({ step }) => step));
  const waiting = new Set(mine.filter((e) => !isSent(e, seq)).map(({ edit }) => edit.keypoint));
  const mineOf = (keypoint) => mine.findLast(({ edit }) => edit.keypoint === keypoint).edit;
  const saved = handled.map(({ edit }) => edit.keypoint).filter((k) => !waiting.has(k));
  return {
    dataset, item, revisions, saved: new Set(saved),
    stale: stale.filter(({ step }) => steps.has(step)).map((refusal) => {
      const { x, y, v } = mineOf(refusal.keypoint);
      return { ...refusal, mine: { x, y, v } };
    }),
  };
}

function isSent({ sent }, seq) {
  return sent !== null && sent <= seq;
}

/** Whether an item has edits that are not acknowledged. */
export function isPending(outbox, dataset, item) {
  return outbox.pending.some((e) => e.dataset === dataset && e.item === item);
}

function place(...parts) {
  return JSON.stringify(parts);
}
