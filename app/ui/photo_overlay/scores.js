// The scores a model may give: their words, their colours, and limits on them. Pure functions.
// Every score is in 0..1; what is higher is said in its words. They are different quantities.

export const SCORES = [
  ["p0", "p0 not labelled", "probability that the keypoint is not labelled"],
  ["p1", "p1 hidden", "probability that the keypoint is there, yet hidden"],
  ["p2", "p2 visible", "probability that the keypoint can be seen"],
  ["presence", "presence", "probability that the keypoint is there, hidden or visible"],
  ["visible", "visible", "probability that the keypoint can be seen"],
  ["heat", "heat score", "height of the heat map's peak: higher, surer of the place"],
  ["similarity", "similarity", "expected similarity with the true place: higher, nearer"],
  ["map", "map score", "value of the visibility map at the keypoint: higher, likelier to be seen"],
];

// Every tenth of viridis: equal steps of a score look equally large, also to the colour-blind.
const VIRIDIS = [
  "440154", "482475", "414487", "355f8d", "2a788e", "21918c",
  "22a884", "44bf70", "7ad151", "bddf26", "fde725",
].map((hex) => [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)));

/** The colour of a score; grey where there is none. */
export function scoreColour(value) {
  if (typeof value !== "number" || Number.isNaN(value)) return "#999999";
  const place = Math.min(Math.max(value, 0), 1) * (VIRIDIS.length - 1);
  const below = Math.min(Math.floor(place), VIRIDIS.length - 2);
  const [from, to] = [VIRIDIS[below], VIRIDIS[below + 1]];
  const mixed = from.map((each, i) => Math.round(each + (to[i] - each) * (place - below)));
  return `rgb(${mixed.join(" ")})`;
}

/** The scale as a CSS gradient, from 0 on the left to 1 on the right. */
export function scaleGradient() {
  return `linear-gradient(to right, ${VIRIDIS.map((rgb) => `rgb(${rgb.join(" ")})`).join(", ")})`;
}

/**
 * The scores that anything said on this photo carries, in the order of SCORES. Where `visible` is
 * p2 under another name, as with a model of three flags, it is left out.
 */
export function scoresOn(persons) {
  const said = persons.flatMap(({ keypoints }) => keypoints.map((each) => each.said)).filter(Boolean);
  const found = new Set(said.flatMap((each) => Object.keys(each)));
  if (said.every(({ visible, p2 }) => visible === p2)) found.delete("visible");
  return SCORES.filter(([score]) => found.has(score));
}

/** The scores a table has columns for: presence and visible only where no p0, p1, p2 say more. */
export function tableScores(scores) {
  const all = scores.some(([score]) => score === "p0");
  return all ? scores.filter(([score]) => score !== "presence" && score !== "visible") : scores;
}

/** Whether what is said reaches every limit; a score that is not given is not too low. */
export function passes(said, limits) {
  return Object.entries(limits).every(([score, limit]) => !(said?.[score] < limit));
}

/** How many of a person's predicted keypoints reach every limit: {shown, all}. */
export function countShown(person, limits) {
  const said = (person?.keypoints ?? []).map((keypoint) => keypoint.said).filter(Boolean);
  return { shown: said.filter((each) => passes(each, limits)).length, all: said.length };
}
