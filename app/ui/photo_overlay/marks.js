// What of a keypoint is drawn where. Pure functions, tested by node; __init__.py puts this text in
// front of overlay.js, since a component is one inline module.

export function predictedFlag(prediction) {
  const p = prediction?.p;
  return p ? p.indexOf(Math.max(...p)) : null;
}

// Where and how one keypoint is drawn in a layer; null where it has no place there.
export function mark(keypoint, layer) {
  const { predicted } = keypoint;
  if (layer === "predicted") {
    if (!predicted) return null;
    const flag = predictedFlag(predicted);
    return { x: predicted.x, y: predicted.y, flag: flag ?? 2, absent: flag === 0 };
  }
  const [x, y, flag] = keypoint[layer];
  if (flag > 0) return { x, y, flag, absent: false };
  return predicted ? { x: predicted.x, y: predicted.y, flag, absent: true } : null;
}

// Only what a model says can be too low; a label has no score.
export function passes(keypoint, { layer, score, threshold }) {
  const value = keypoint.predicted?.[score];
  return layer !== "predicted" || value === null || value === undefined || value >= threshold;
}

export function disagrees(keypoint, layer) {
  const flag = predictedFlag(keypoint.predicted);
  return flag !== null && flag !== keypoint[layer === "predicted" ? "current" : layer][2];
}

// [x, y, width, height] in image pixels around the person with a margin, of the photo's shape, so
// that zooming does not change the size of anything on the page.
export function frameOf(person, image) {
  const whole = [0, 0, image.width, image.height];
  const marks = person.keypoints.flatMap((k) => [mark(k, "given"), mark(k, "predicted")]);
  const xs = marks.filter(Boolean).map((m) => m.x);
  const ys = marks.filter(Boolean).map((m) => m.y);
  if (person.box) {
    xs.push(person.box[0], person.box[0] + person.box[2]);
    ys.push(person.box[1], person.box[1] + person.box[3]);
  }
  if (!xs.length) return whole;
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const share = 1.3 * Math.max((right - left) / image.width, (bottom - top) / image.height, 0.05);
  if (share >= 1) return whole;
  const [width, height] = [share * image.width, share * image.height];
  const inside = (middle, size, limit) => Math.min(Math.max(middle - size / 2, 0), limit - size);
  const x = inside((left + right) / 2, width, image.width);
  return [x, inside((top + bottom) / 2, height, image.height), width, height];
}

// Glyphs are smaller on a small photo, and smaller still on persons one does not look at.
export function glyphScale(width_px, chosen) {
  return Math.min(Math.max(width_px / 700, 0.65), 1) * (chosen ? 1 : 0.7);
}
