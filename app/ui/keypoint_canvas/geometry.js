// Where things are: pure functions between image pixels and the screen.
// A view is the rectangle of the image that is shown: {x, y, w, h}, image pixels.

const CLOSEST_PX = 24; // image pixels across when zoomed in as far as it goes
const FARTHEST = 3; // times the photo when zoomed out as far as it goes

/**
 * The view that shows all of `rect` with `margin` (a share of its size), in the stage's shape, and
 * no more beyond the photo's edges than it must.
 */
export function fit(rect, stage, photo, margin = 0) {
  const w = Math.max(rect.w * (1 + 2 * margin), CLOSEST_PX);
  const h = Math.max(rect.h * (1 + 2 * margin), CLOSEST_PX);
  const scale = Math.max(w / stage.w, h / stage.h); // image pixels per screen pixel
  const size = { w: scale * stage.w, h: scale * stage.h };
  const x = inside(rect.x + rect.w / 2 - size.w / 2, size.w, photo.w);
  const y = inside(rect.y + rect.h / 2 - size.h / 2, size.h, photo.h);
  return { x, y, ...size };
}

function inside(start, length, whole) {
  return length < whole ? Math.min(Math.max(start, 0), whole - length) : (whole - length) / 2;
}

/** The same centre and scale on a stage of another size. */
export function reshape(view, before, after) {
  const scale = view.w / before.w;
  const size = { w: scale * after.w, h: scale * after.h };
  return { x: view.x + (view.w - size.w) / 2, y: view.y + (view.h - size.h) / 2, ...size };
}

/** Zoom by `factor` (> 1 comes closer) so that the image point `at` stays where it is. */
export function zoom(view, factor, at, photo) {
  const widest = FARTHEST * Math.max(photo.w, (photo.h * view.w) / view.h);
  const w = Math.min(Math.max(view.w / factor, CLOSEST_PX), widest);
  const ratio = w / view.w;
  return {
    x: at.x - (at.x - view.x) * ratio,
    y: at.y - (at.y - view.y) * ratio,
    w,
    h: view.h * ratio,
  };
}

/** Move the view by screen pixels. */
export function pan(view, dx, dy, stage) {
  const scale = view.w / stage.w;
  return { ...view, x: view.x - dx * scale, y: view.y - dy * scale };
}

/** The view moved just so far that a point of the image is well inside; the view itself if it is. */
export function reveal(view, { x, y }, margin = 0.08) {
  const into = (start, length, value) => {
    const edge = length * margin;
    return Math.min(Math.max(start, value + edge - length), value - edge);
  };
  const moved = { ...view, x: into(view.x, view.w, x), y: into(view.y, view.h, y) };
  return moved.x === view.x && moved.y === view.y ? view : moved;
}

/** A point of the stage (screen pixels from its corner) in image pixels. */
export function toImage(point, view, stage) {
  return {
    x: view.x + (point.x / stage.w) * view.w,
    y: view.y + (point.y / stage.h) * view.h,
  };
}

/** A place inside the photo, to a hundredth of a pixel: more is not written to any file. */
export function placeIn(point, photo) {
  const hundredths = (value, limit) =>
    Math.round(Math.min(Math.max(value, 0), limit) * 100) / 100;
  return { x: hundredths(point.x, photo.w), y: hundredths(point.y, photo.h) };
}

/** The rectangle round a person: its box and its labelled keypoints; the photo without either. */
export function personRect(item, photo) {
  const corners = [];
  if (item.box) {
    const [x, y, w, h] = item.box;
    corners.push([x, y], [x + w, y + h]);
  }
  for (const [x, y, v] of item.current) if (v > 0) corners.push([x, y]);
  if (corners.length === 0) return { x: 0, y: 0, w: photo.w, h: photo.h };
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  return { x: left, y: top, w: Math.max(...xs) - left, h: Math.max(...ys) - top };
}
