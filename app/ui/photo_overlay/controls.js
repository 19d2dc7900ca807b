// The rows above the photo and the limits beside it. A change goes to `change(fields)`.

import { button, checkbox, choice, html, replace, slider, svg } from "./elements.js";
import { countShown, scaleGradient, SCORES, scoresOn } from "./scores.js";

function segments(name, label, options, value, onchoose) {
  const buttons = options.map(([each, words]) =>
    button(`${name} ${each}`, words, () => onchoose(each), { "aria-pressed": String(each === value) }));
  return html("span", { class: "segments", role: "group", "aria-label": label }, ...buttons);
}

/** The layers there are: labels where somebody is labelled, the model where it says something. */
export function layersOf(data) {
  const labelled = data.persons.some(({ keypoints }) => keypoints.some(({ given }) => given));
  const said = data.persons.some(({ keypoints }) => keypoints.some((each) => each.said));
  const layers = labelled || !said ? [["given", "given labels"]] : [];
  if (labelled && data.changed) layers.push(["current", "labels now"]);
  if (said) layers.push(["model", "model"]);
  if (said && labelled) layers.push(["both", "labels and model"]);
  return layers;
}

function heatControls(view, { chooseHeat, change }) {
  const { person } = view;
  const shown = view.data.persons.find(({ id }) => id === person);
  const can = view.data.model && shown?.box && shown.keypoints.some(({ said }) => said);
  if (!can) return [];
  const names = shown.keypoints.filter(({ said }) => said).map(({ name }) => [name, name]);
  const options = [["", "none"], ...names];
  const select = choice("heat", "Heat map of", options, view.heat ?? "", (name) => chooseHeat(name || null));
  const parts = [html("b", {}, "Heat map"), select];
  if (view.heat) {
    const set = (value) => change({ opacity: value }, { only: "marks" });
    parts.push(slider("opacity", "opacity", view.opacity, set, "of the heat map"));
  }
  return [html("div", { class: "head" }, ...parts)];
}

function zoomButtons(view, { zoom, showWhole, followPerson }) {
  const title = "Zoom: + and −, or the wheel with Ctrl held; drag or arrow keys to move";
  const follow = { "aria-pressed": String(view.follow) };
  return html("span", { class: "segments", role: "group", "aria-label": "Zoom", title },
    button("closer", "+", () => zoom(1.5), { "aria-label": "Closer" }),
    button("farther", "−", () => zoom(1 / 1.5), { "aria-label": "Farther" }),
    button("whole", "whole photo", showWhole),
    button("follow", "person", () => followPerson(!view.follow), follow));
}

/** What is drawn, in which colours, how near. */
export function drawControls(view, handlers) {
  const { change } = handlers;
  const scores = scoresOn(view.data.persons).map(([score, words]) => [score, words]);
  const colours = [["flag", "visibility"], ...scores];
  const set = (field) => (value) => change({ [field]: value });
  const layers = layersOf(view.data);
  const parts = [
    ...(layers.length > 1 ? [segments("layer", "What is drawn", layers, view.layer, set("layer"))] : []),
    checkbox("names", "names", view.names, set("names")),
    checkbox("skeleton", "skeleton", view.skeleton, set("skeleton")),
    zoomButtons(view, handlers),
  ];
  if (scores.length) {
    const select = choice("colour", "Colour by", colours, view.colour, set("colour"));
    parts.splice(-3, 0, html("label", {}, "colour by", select));
  }
  replace(view.controls, ...parts);
}

/** The scale of the score that gives the colours, with its ends. */
export function scaleLegend(view) {
  const found = SCORES.find(([score]) => score === view.colour);
  if (!found) return [];
  const bar = html("i", { class: "scale" });
  bar.style.background = scaleGradient();
  return [html("span", { title: found[2] }, `${found[1]} 0`, bar, "1")];
}

/** The sliders: from which score on a keypoint is shown, what counts as which flag; heat maps. */
export function drawLimits(view, handlers) {
  const { change } = handlers;
  const scores = scoresOn(view.data.persons);
  view.limitsPanel.hidden = scores.length === 0;
  if (scores.length === 0) return;
  const sliders = scores.map(([score, words, title]) =>
    slider(`limit ${score}`, words, view.limits[score] ?? 0, (value) => {
      const { [score]: _, ...others } = view.limits;
      change({ limits: value > 0 ? { ...others, [score]: value } : others }, { only: "marks" });
    }, `Shown from this ${words} on (${title})`));
  const below = segments("below", "Keypoints below a limit", [["hide", "hide"], ["grey", "grey out"]],
    view.below, (value) => change({ below: value }));
  const reset = button("reset", "reset", () => change({ limits: {} }), { class: "quiet" });
  reset.hidden = Object.keys(view.limits).length === 0;
  const head = html("div", { class: "head" }, html("b", {}, "Show from"), view.count, below, reset);
  replace(view.limitsPanel, head, html("div", { class: "sliders" }, ...sliders), ...flagRule(view, scores, change),
    ...heatControls(view, handlers));
}

function flagRule(view, scores, change) {
  if (!scores.some(([score]) => score === "p0")) return [];
  const { rule } = view;
  const set = (fields, only) => change({ rule: { ...view.rule, ...fields } }, only);
  const parts = [html("b", {}, "Flag"), segments("rule", "How the model's flag is decided",
    [["likeliest", "the likeliest"], ["by_hand", "by limits"]], rule.by_hand ? "by_hand" : "likeliest",
    (value) => set({ by_hand: value === "by_hand" }))];
  if (!rule.by_hand) return [html("div", { class: "head" }, ...parts)];
  const title = "First this limit: from this p0 on the keypoint counts as not labelled";
  const absent = slider("rule p0", "no label: p0 ≥", rule.p0, (p0) => set({ p0 }, { only: "flags" }), title);
  const seen = slider("rule p2", "visible: p2 ≥", rule.p2, (p2) => set({ p2 }, { only: "flags" }),
    "Of the others: visible from this p2 on, else hidden");
  return [html("div", { class: "head" }, ...parts), html("div", { class: "sliders" }, absent, seen)];
}

/** How many keypoints of the chosen person reach the limits. */
export function drawCount(view) {
  const person = view.data.persons.find(({ id }) => id === view.person);
  const { shown, all } = countShown(person, view.limits);
  view.count.textContent = all ? `${shown} of ${all} shown` : "";
}

/** The halo of a disagreement, to stand in a line of text. */
export function haloIcon() {
  const circle = svg("circle", { r: 5, class: "halo" });
  return svg("svg", { viewBox: "-7 -7 14 14", class: "icon" }, circle);
}
