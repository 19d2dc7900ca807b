// Where one is in the queue: pure functions. A place is {id, keypoint}; a part of the queue
// {order: [{id, keypoint, …}], isFirst, isLast} has more beyond its ends unless it says not.

/** Whether two places are the same item. */
export function samePlace(a, b) {
  return a?.id === b?.id && (a?.keypoint ?? null) === (b?.keypoint ?? null);
}

/** Index of a place in the part, or -1. */
export function indexOf(part, place) {
  return part.order.findIndex((entry) => samePlace(entry, place));
}

/**
 * What lies `by` (1 or -1) beyond a place: {place}, {end: true}, or {} where it is not known yet.
 * `anchor` is the last place of the queue one was at: from a person asked for, the queue goes on
 * there. `confirmed`: Python has said where the place is, so that one outside the queue is known so.
 * {ask: anchor} where what follows the anchor must be asked for.
 */
export function neighbour(part, place, by, { anchor, confirmed }) {
  const here = indexOf(part, place);
  if (here >= 0) return entryAt(part, here + by);
  if (!confirmed) return {};
  if (!anchor) return entryAt(part, by > 0 ? 0 : -1);
  if (by < 0) return { place: anchor };
  const left = indexOf(part, anchor);
  const found = left < 0 ? {} : entryAt(part, left + 1);
  return found.place || found.end ? found : { ask: anchor };
}

function entryAt(part, index) {
  const entry = part.order[index];
  if (entry) return { place: { id: entry.id, keypoint: entry.keypoint } };
  return (index < 0 ? part.isFirst : part.isLast) ? { end: true } : {};
}

/** The person `by` further on a photo, round and round; null where there is no other. */
export function personBeside(photo, id, by) {
  const ids = onPhoto(photo, id).map((person) => person.id);
  if (ids.length < 2) return null;
  return ids[(ids.indexOf(id) + by + ids.length) % ids.length];
}

/** Who on a photo can be gone to; crowds only where one is there already. */
export function onPhoto(photo, id) {
  return photo.people.filter((person) => !person.crowd || person.id === id);
}

/** The entry on screen and up to `count` after it, for the strip: [{entry, current}]. */
export function comingUp(part, place, { anchor }, count = 5) {
  const here = indexOf(part, place);
  const from = here >= 0 ? here : indexOf(part, anchor) + 1;
  return part.order.slice(from, from + count + (here >= 0 ? 1 : 0))
    .map((entry) => ({ entry, current: samePlace(entry, place) }));
}
