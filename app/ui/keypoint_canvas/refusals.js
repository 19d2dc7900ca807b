// Keypoints somebody else decided meanwhile, until the annotator has chosen: kept over a reload, as
// the person they are about may not be loaded. Pure functions on a list of
// {dataset, labelSet, item, stale: [{keypoint, x, y, v, revision, by, mine, steps, told}]}.

/** The list with what one acknowledgement refused; a later refusal of a keypoint takes the place. */
export function keep(refusals, { dataset, labelSet, item, stale }) {
  if (stale.length === 0) return refusals;
  const before = find(refusals, { dataset, labelSet, item });
  const again = new Set(stale.map(({ keypoint }) => keypoint));
  const still = (before?.stale ?? []).filter(({ keypoint }) => !again.has(keypoint));
  const others = refusals.filter((each) => each !== before);
  return [...others, { dataset, labelSet, item, stale: [...still, ...stale] }];
}

/** The list without a keypoint that has been chosen. */
export function drop(refusals, of, keypoint) {
  const before = find(refusals, of);
  return refusals
    .map((each) => (each === before
      ? { ...each, stale: each.stale.filter((one) => one.keypoint !== keypoint) } : each))
    .filter(({ stale }) => stale.length > 0);
}

/** What is to be chosen on one person. */
export function of(refusals, person) {
  return find(refusals, person)?.stale ?? [];
}

/**
 * The first person elsewhere who waits for a choice: {item, address, words}, with an address where
 * it is in another dataset or label set; null without one.
 */
export function elsewhere(refusals, { dataset, labelSet, item }) {
  const other = refusals.find((each) =>
    each.dataset !== dataset || each.labelSet !== labelSet || each.item !== item);
  if (!other) return null;
  const count = refusals.reduce((sum, { stale }) => sum + stale.length, 0)
    - of(refusals, { dataset, labelSet, item }).length;
  const what = count === 1 ? "1 decision" : `${count} decisions`;
  const near = other.dataset === dataset && other.labelSet === labelSet;
  const where = near ? `person ${other.item}` : `person ${other.item} of ${other.dataset}`;
  const by = other.stale[0].by || "somebody";
  const words = `${what} not saved, ${by} was first: ${where}`;
  return { item: other.item, address: near ? null : addressOf(other), words };
}

function addressOf({ dataset, labelSet, item }) {
  const own = labelSet === "main" ? {} : { labels: "own" };
  return `?${new URLSearchParams({ dataset, item, ...own })}`;
}

function find(refusals, { dataset, labelSet, item }) {
  return refusals.find((each) =>
    each.dataset === dataset && each.labelSet === labelSet && each.item === item);
}
