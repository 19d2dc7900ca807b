// The right column: one row per keypoint, what the model says of the active one, the key sheet.

import { KEY_SHEET } from "./keys.js";
import { glyph, svg } from "./glyph.js";
import { modelFlag, NAMES_OF_FLAGS } from "./state.js";

/** A new HTML element: words are always text, never markup. */
export function html(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function icon(flag) {
  return svg("svg", { class: "icon", viewBox: "-8 -8 16 16", "aria-hidden": "true" }, [glyph(flag)]);
}

/** The rows of all keypoints. */
export function rows(state) {
  return state.points.map((point, k) => row(state, point, k));
}

function row(state, point, k) {
  const given = state.item.given[k][2];
  const name = state.item.names[k].replaceAll("_", " ");
  const said = `${name}: given ${NAMES_OF_FLAGS[given]}, now ${NAMES_OF_FLAGS[point.v]}, ` +
    (k in state.stale ? "conflict" : point.reviewed ? "reviewed" : point.unsure ? "unsure" : "open");
  const grouped = Array.isArray(state.group) && state.group.includes(k);
  const disagrees = (modelFlag(state.item, k) ?? point.v) !== point.v;
  const kinds = ["row", grouped && "grouped", disagrees && "disagrees", k in state.stale && "stale"];
  return html("div", {
    class: kinds.filter(Boolean).join(" "), role: "option", id: `row-${k}`, "data-row": k,
    "aria-selected": String(k === state.active), "aria-label": said,
  }, [
    html("span", { class: "tick" }, [tick(state, point, k)]),
    html("span", { class: "word", title: name }, [name]),
    icon(given),
    html("span", { class: "arrow" }, [given === point.v ? "" : "→"]),
    given === point.v ? html("span", { class: "icon" }) : icon(point.v),
    bar(state.item.model?.p[k]),
  ]);
}

function tick(state, point, k) {
  if (k in state.stale) return "!";
  if (point.unsure) return "?";
  return point.reviewed ? "✓" : "";
}

function bar(p) {
  if (!p) return html("span", { class: "bar none", title: "not predicted" }, ["–"]);
  const words = p.map((share, v) => `${NAMES_OF_FLAGS[v]} ${share.toFixed(2)}`).join(", ");
  const shares = p.map((share, v) => {
    const part = html("i", { class: `p${v}` });
    part.style.width = `${100 * share}%`;
    return part;
  });
  return html("span", { class: "bar", title: words }, shares);
}

/** The active keypoint in words, and the choice where somebody else decided it meanwhile. */
export function detail(state) {
  const k = state.active;
  const point = state.points[k];
  if (!point) return [html("p", {}, ["This person has no keypoints."])];
  const given = NAMES_OF_FLAGS[state.item.given[k][2]];
  const name = state.item.names[k].replaceAll("_", " ");
  const parts = [
    html("strong", {}, [name]),
    html("p", {}, [`given ${given}, now ${NAMES_OF_FLAGS[point.v]}`]),
    html("p", { class: "said" }, [modelWords(state, k)]),
  ];
  return k in state.stale ? [...parts, choice(state, k)] : parts;
}

function modelWords(state, k) {
  const { model } = state.item;
  if (!model) return "No model has looked at this person.";
  const p = model.p[k];
  if (!p) return `${model.run}: not predicted`;
  return `${model.run}: ${p.map((share, v) => `${NAMES_OF_FLAGS[v]} ${share.toFixed(2)}`).join("  ")}`;
}

function choice(state, k) {
  const theirs = state.stale[k];
  const where = ({ x, y, v }) =>
    v > 0 ? `${NAMES_OF_FLAGS[v]} at ${x.toFixed(1)}, ${y.toFixed(1)}` : NAMES_OF_FLAGS[v];
  const button = (mine, words) =>
    html("button", { type: "button", "data-choose": k, "data-mine": String(mine) }, [words]);
  return html("div", { class: "conflict", role: "alert" }, [
    html("p", {}, [`${theirs.by || "Somebody"} decided this keypoint meanwhile. Nothing was overwritten.`]),
    button(true, `Keep mine: ${where(theirs.mine)}`),
    button(false, `Take theirs: ${where(theirs)}`),
  ]);
}

/** The key sheet shown on `?`. */
export function keySheet() {
  const lines = KEY_SHEET.flatMap(([keys, words]) => [
    html("dt", {}, [keys]), html("dd", {}, [words]),
  ]);
  return [html("h3", {}, ["Keys"]), html("dl", {}, lines)];
}
