// What of a keypoint is drawn where, and what flag the model gives it. Pure functions.
// A keypoint is {name, given, current, said}: labels as [x, y, flag], null for a person without
// labels; `said` is what the model says, {x, y, and every score it gives}, null for nothing.

/** How a model's probabilities become a flag; by_hand: by the two limits, else the likeliest. */
export const LIKELIEST = { by_hand: false, p0: 0.5, p2: 0.5 };

/** The flag the model gives a keypoint; null where it gives no probabilities. */
export function saidFlag(said, rule = LIKELIEST) {
  if (said?.p0 === undefined) return null;
  if (rule.by_hand) {
    if (said.p0 >= rule.p0) return 0;
    return said.p2 >= rule.p2 ? 2 : 1;
  }
  const p = [said.p0, said.p1, said.p2];
  return p.indexOf(Math.max(...p));
}

/** Which label a layer shows or is compared with. */
export function labelOf(keypoint, layer) {
  return layer === "given" ? keypoint.given : keypoint.current;
}

/** Where and how a keypoint's label is drawn; null where it has no place. */
export function labelMark(keypoint, layer) {
  const label = labelOf(keypoint, layer);
  if (!label) return null;
  const [x, y, flag] = label;
  if (flag > 0) return { x, y, flag, absent: false };
  const { said } = keypoint;
  return said ? { x: said.x, y: said.y, flag, absent: true } : null;
}

/** Where and how the model's keypoint is drawn; null where it says nothing. A flag may be null. */
export function modelMark({ said }, rule) {
  if (!said) return null;
  const flag = saidFlag(said, rule);
  return { x: said.x, y: said.y, flag, absent: flag === 0 };
}

/** What a layer draws of a keypoint: {label, model}, each a mark or null. */
export function marksOf(keypoint, layer, rule) {
  const label = layer === "model" ? null : labelMark(keypoint, layer);
  // Somebody without labels is shown as the model sees them, in every layer.
  const byModel = layer === "model" || layer === "both" || !keypoint.given;
  const model = byModel ? modelMark(keypoint, rule) : null;
  // Absent in the label and drawn where the model has it: one mark at that place is enough.
  return { label: label?.absent && model ? null : label, model };
}

/** Whether somebody's place is told without a flag. */
export function isPlaceOnly(keypoint) {
  return Boolean(keypoint.said) && saidFlag(keypoint.said) === null;
}

/** Whether the model's flag is another one than the label's. */
export function disagrees(keypoint, layer, rule) {
  const flag = saidFlag(keypoint.said, rule);
  const label = labelOf(keypoint, layer);
  return flag !== null && Boolean(label) && flag !== label[2];
}
