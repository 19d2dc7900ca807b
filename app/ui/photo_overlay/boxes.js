// Boxes drawn by hand: from a drag or typed numbers to [x, y, width, height] in image pixels, and
// the list of them that the browser owns. Pure functions.

const SMALLEST_PX = 8; // a shorter side is a slip of the hand
export const MOST_BOXES = 20;
export const NO_BOXES = { seq: 0, whole: true, list: [] };

const tenth = (value) => Math.round(value * 10) / 10;

/** The box between two corners, cut at the photo's rim; null where it is too small. */
export function boxBetween([ax, ay], [bx, by], image) {
  const inside = (value, limit) => Math.min(Math.max(value, 0), limit);
  const [left, right] = [inside(Math.min(ax, bx), image.width), inside(Math.max(ax, bx), image.width)];
  const [top, bottom] = [inside(Math.min(ay, by), image.height), inside(Math.max(ay, by), image.height)];
  const smallest = [Math.min(SMALLEST_PX, image.width), Math.min(SMALLEST_PX, image.height)];
  if (right - left < smallest[0] || bottom - top < smallest[1]) return null;
  return [tenth(left), tenth(top), tenth(right - left), tenth(bottom - top)];
}

/** A box as typed, {box} or {problem} in words. */
export function typedBox(numbers, image) {
  if (!numbers.every(Number.isFinite)) return { problem: "Give four numbers: x, y, width, height." };
  const [x, y, width, height] = numbers;
  if (width <= 0 || height <= 0) return { problem: "Width and height must be above 0." };
  const box = boxBetween([x, y], [x + width, y + height], image);
  if (box) return { box };
  return { problem: `Less than ${SMALLEST_PX} pixels of this box are on the photo.` };
}

/** One box more, with an id of its own. */
export function withBox(boxes, box) {
  const numbers = boxes.list.map(({ id }) => Number(id.slice(1)));
  const id = `b${Math.max(0, ...numbers) + 1}`;
  return { ...boxes, seq: boxes.seq + 1, list: [...boxes.list, { id, box }] };
}

/** Without one person: a box, or the whole picture. */
export function without(boxes, id) {
  const list = boxes.list.filter((each) => each.id !== id);
  return { seq: boxes.seq + 1, whole: boxes.whole && id !== "whole", list };
}

/** What to hold after Python's word: its own boxes unless ours are newer. */
export function newest(ours, theirs) {
  return ours.seq > theirs.seq ? ours : theirs;
}

/** Boxes as this tab kept them before a reload; null where the text is not ours. */
export function recalled(text) {
  try {
    const kept = JSON.parse(text);
    const right = Number.isInteger(kept?.seq) && Array.isArray(kept.list)
      && kept.list.every(({ id, box }) => /^b\d+$/.test(id) && box?.length === 4);
    return right ? { seq: kept.seq, whole: Boolean(kept.whole), list: kept.list } : null;
  } catch {
    return null;
  }
}
