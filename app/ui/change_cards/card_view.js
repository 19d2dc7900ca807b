// What of a photo a card shows, and where the marks are. Pure functions; all lengths are image
// pixels unless a name says otherwise. A label is [x, y, flag], a rectangle {x, y, w, h}.

export const ASPECT = 4 / 3; // of a card's picture, width to height
const SMALLEST = 96; // the height of what is shown, at least
const OF_PERSON = 1 / 3; // the height of what is shown, of the person's longer side
const OF_PHOTO = 1 / 6; // the same of the photo, where nothing says how large the person is
const ROOM = 1.8; // of what is shown to a move inside it
const RIM = 1 / 25; // of what is shown, free round every glyph
const GLYPH_PX = 7; // from a glyph's middle to its rim, on the screen
const HEAD_PX = 6; // of an arrow, on the screen

/** Where a label was and is: a place, or null for one that is absent. */
export function placesOf({ before, after }) {
  const place = ([x, y, flag]) => (flag > 0 ? { x, y } : null);
  return { before: place(before), after: place(after) };
}

/** Whether a label is elsewhere now; one that is new or taken away is no move. */
export function isMoved(card) {
  const { before, after } = placesOf(card);
  return Boolean(before && after) && (before.x !== after.x || before.y !== after.y);
}

/** Where the glyphs stand: one that is absent stands where the label was, or is now. */
export function marksOf(card) {
  const { before, after } = placesOf(card);
  const now = { ...(after ?? before), flag: card.after[2] };
  return isMoved(card) ? [{ ...before, flag: card.before[2], was: true }, now] : [now];
}

/** The part of the photo round the keypoint: about a third of the person, in a card's shape. */
export function viewOf(card) {
  const places = Object.values(placesOf(card)).filter(Boolean);
  const [xs, ys] = [places.map((place) => place.x), places.map((place) => place.y)];
  const { photo, person } = card;
  const scale = person
    ? Math.max(person[2], person[3]) * OF_PERSON
    : Math.max(photo.w, photo.h) * OF_PHOTO;
  const across = (Math.max(...xs) - Math.min(...xs)) * ROOM;
  const h = Math.max(SMALLEST, scale, across / ASPECT, (Math.max(...ys) - Math.min(...ys)) * ROOM);
  const w = h * ASPECT;
  return { x: along(xs, w, photo.w), y: along(ys, h, photo.h), w, h };
}

/**
 * Where a view of this length begins so that it has the places in its middle, yet as little as
 * can be of what is beyond the photo. A hidden keypoint may itself lie beyond it.
 */
function along(places, length, whole) {
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const margin = length * RIM; // so that no glyph is cut
  const from = Math.min(0, low - margin);
  const to = Math.max(whole, high + margin);
  if (length >= to - from) return (from + to - length) / 2;
  return Math.min(Math.max((low + high - length) / 2, from), to - length);
}

/** Image pixels in one pixel of a picture this wide. */
export function unitOf(view, width_px) {
  return view.w / width_px;
}

/** An arrow between two glyphs, rim to rim, as {line, head}; null where they are too near. */
export function arrowOf(from, to, unit) {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy);
  const [rim, head] = [GLYPH_PX * unit, HEAD_PX * unit];
  if (length < 2 * rim + head) return null;
  const at = (along_by, aside = 0) => ({
    x: from.x + (dx * along_by - dy * aside) / length,
    y: from.y + (dy * along_by + dx * aside) / length,
  });
  const tip = at(length - rim);
  const back = length - rim - head;
  return { line: [at(rim), at(back)], head: [tip, at(back, head / 2), at(back, -head / 2)] };
}
