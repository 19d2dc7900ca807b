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

// Only what a run says can be too low; a label has no score.
export function passes(keypoint, score, threshold) {
  const value = keypoint.predicted?.[score];
  return value === null || value === undefined || value >= threshold;
}

export function disagrees(keypoint, layer) {
  const flag = predictedFlag(keypoint.predicted);
  return flag !== null && flag !== keypoint[layer === "predicted" ? "current" : layer][2];
}

// [x, y, width, height] in image pixels of what the person fills, with a margin, inside the photo.
export function frameOf(person, image) {
  const points = person.keypoints.flatMap((k) => [mark(k, "given"), mark(k, "predicted")]);
  const xs = points.filter(Boolean).map((m) => m.x);
  const ys = points.filter(Boolean).map((m) => m.y);
  if (person.box) {
    xs.push(person.box[0], person.box[0] + person.box[2]);
    ys.push(person.box[1], person.box[1] + person.box[3]);
  }
  if (!xs.length) return [0, 0, image.width, image.height];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const margin = 0.15 * Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 20);
  const x = Math.max(0, left - margin);
  const y = Math.max(0, top - margin);
  const right = Math.min(image.width, Math.max(...xs) + margin);
  const bottom = Math.min(image.height, Math.max(...ys) + margin);
  return right > x && bottom > y ? [x, y, right - x, bottom - y] : [0, 0, image.width, image.height];
}
