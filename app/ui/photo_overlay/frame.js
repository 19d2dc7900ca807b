// Which part of the photo is shown: [x, y, width, height] in image pixels, always of the photo's
// shape, so that nothing on the page changes its size. Pure functions.

import { labelMark, modelMark } from "./marks.js";

const CLOSEST_PX = 16; // image pixels across when zoomed in as far as it goes

/** The whole photo. */
export function whole(image) {
  return [0, 0, image.width, image.height];
}

/** A frame of a share of the photo's size round a place, inside the photo. */
function around(x, y, share, image) {
  const closest = Math.min(1, CLOSEST_PX / Math.min(image.width, image.height));
  const size = Math.min(Math.max(share, closest), 1);
  const [width, height] = [size * image.width, size * image.height];
  const inside = (middle, length, limit) => Math.min(Math.max(middle - length / 2, 0), limit - length);
  return [inside(x, width, image.width), inside(y, height, image.height), width, height];
}

/** The frame round a person: its box and every place of its keypoints, with a margin. */
export function frameOf(person, image) {
  const marks = person.keypoints.flatMap((k) => [labelMark(k, "given"), modelMark(k)]);
  const xs = marks.filter(Boolean).map((mark) => mark.x);
  const ys = marks.filter(Boolean).map((mark) => mark.y);
  if (person.box) {
    xs.push(person.box[0], person.box[0] + person.box[2]);
    ys.push(person.box[1], person.box[1] + person.box[3]);
  }
  if (!xs.length) return whole(image);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const share = 1.3 * Math.max((right - left) / image.width, (bottom - top) / image.height, 0.05);
  return around((left + right) / 2, (top + bottom) / 2, share, image);
}

/** Closer by `factor` (> 1), so that the place `at` = [x, y] stays where it is on the screen. */
export function zoomed([x, y, width, height], factor, at, image) {
  const next = around(0, 0, width / factor / image.width, image);
  const ratio = next[2] / width;
  const middle = (from, size, place) => place - (place - from - size / 2) * ratio;
  const share = next[2] / image.width;
  return around(middle(x, width, at[0]), middle(y, height, at[1]), share, image);
}

/** Moved by image pixels. */
export function panned([x, y, width, height], dx, dy, image) {
  return around(x + dx + width / 2, y + dy + height / 2, width / image.width, image);
}

/** Glyphs are smaller on a small photo, and smaller still on persons one does not look at. */
export function glyphScale(longer_side_px, chosen) {
  return Math.min(Math.max(longer_side_px / 700, 0.65), 1) * (chosen ? 1 : 0.7);
}
