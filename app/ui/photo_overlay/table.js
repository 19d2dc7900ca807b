// The column beside the photo: who is on it, and the numbers of the one looked at.

import { FLAG_WORDS, PLACE_ONLY, glyphIcon } from "./draw.js";
import { button, html, replace } from "./elements.js";
import { disagrees, isPlaceOnly, saidFlag } from "./marks.js";
import { passes, scoresOn, tableScores } from "./scores.js";

const SHORT = { similarity: "simil.", presence: "pres.", visible: "vis." };

/** A button per person, and one to draw another; drawn ones can be deleted. */
export function drawChips(view, { choose, remove, setDrawing }) {
  const chips = view.data.persons.map((person) => {
    const pressed = String(person.id === view.person);
    const about = { class: "chip", "aria-pressed": pressed, title: person.about };
    const chip = button(`person ${person.id}`, person.title, () => choose(person), about);
    if (!person.drawn) return chip;
    const words = `Delete ${person.title}`;
    const away = button(`delete ${person.id}`, "×", () => remove(person), {
      class: "away", title: words, "aria-label": words,
    });
    return html("span", { class: "pair" }, chip, away);
  });
  const pressed = { "aria-pressed": String(view.drawing) };
  const words = view.drawing ? "Done drawing" : "Draw a box";
  const draw = button("draw", words, () => setDrawing(!view.drawing), pressed);
  replace(view.chips, ...chips);
  replace(view.adding, ...(view.data.model ? [draw] : []));
}

const number = (value) => (value === null || value === undefined ? "–" : value.toFixed(2));

function cell(...children) {
  return html("td", {}, ...children);
}

function drawRow(view, keypoint, index, columns, handlers) {
  const { given, current, said } = keypoint;
  const cells = [html("th", { scope: "row" }, keypoint.name)];
  if (columns.given) cells.push(cell(glyphIcon(given[2])));
  if (columns.current) cells.push(cell(glyphIcon(current[2])));
  if (columns.flag) {
    const flag = saidFlag(said, view.rule);
    cells.push(cell(flag === null ? "–" : glyphIcon(flag)));
  }
  cells.push(...columns.scores.map(([score]) => cell(number(said?.[score]))));
  const row = html("tr", { "data-k": index }, ...cells);
  row.onpointerenter = () => handlers.highlightRow(row);
  row.onpointerleave = () => handlers.highlightRow(null);
  row.onclick = () => handlers.chooseKeypoint(index);
  return row;
}

function columnsOf(view, person) {
  const labelled = Boolean(person.keypoints[0].given);
  const scores = scoresOn([person]);
  return {
    given: labelled,
    current: labelled && view.data.changed,
    flag: scores.some(([score]) => score === "p0"),
    scores: tableScores(scores),
  };
}

function headsOf(columns) {
  const heads = [["keypoint", ""]];
  if (columns.given) heads.push(["given", "flag in the imported file"]);
  if (columns.current) heads.push(["now", "flag after everybody's changes"]);
  if (columns.flag) heads.push(["model", "the flag the model gives"]);
  heads.push(...columns.scores.map(([score, words, title]) => [SHORT[score] ?? score, `${words}: ${title}`]));
  return heads.map(([words, title]) => html("th", { scope: "col", title }, words));
}

function poseScores(person) {
  return Object.entries(person.pose).map(([name, value]) => `${name.replaceAll("_", " ")} ${number(value)}`).join(" · ");
}

function captionOf(view, person) {
  if (view.data.said_by && !person.keypoints.some(({ said }) => said)) return "No prediction of this person.";
  const scores = poseScores(person);
  return scores ? `Score of the whole pose: ${scores}` : "";
}

/** The numbers of the chosen person, one row per keypoint in the skeleton's order. */
export function drawTable(view, handlers) {
  const person = view.data.persons.find((each) => each.id === view.person);
  if (!person?.keypoints.length) {
    const words = person ? person.silence : view.data.nobody;
    view.table.replaceChildren(html("caption", {}, words));
    return;
  }
  const columns = columnsOf(view, person);
  const rows = person.keypoints.map((each, k) => drawRow(view, each, k, columns, handlers));
  const caption = captionOf(view, person);
  view.table.replaceChildren(
    ...(caption ? [html("caption", {}, caption)] : []),
    html("thead", {}, html("tr", {}, ...headsOf(columns))),
    html("tbody", {}, ...rows),
  );
}

/** Which rows stand out: the model disagrees, or is below a limit. */
export function markRows(view) {
  const person = view.data.persons.find((each) => each.id === view.person);
  for (const row of view.table.querySelectorAll("tbody tr")) {
    const keypoint = person.keypoints[row.dataset.k];
    row.classList.toggle("differs", disagrees(keypoint, view.layer, view.rule));
    row.classList.toggle("below", Boolean(keypoint.said) && !passes(keypoint.said, view.limits));
  }
}

/** What the marks mean, below the photo. */
export function drawLegend(view, icons) {
  const entry = (icon, words) => html("span", {}, icon, words);
  const parts = FLAG_WORDS.map((words, flag) => entry(glyphIcon(flag), `${flag} = ${words}`)).reverse();
  const keypoints = view.data.persons.flatMap((person) => person.keypoints);
  if (keypoints.some(isPlaceOnly)) {
    if (!keypoints.some(({ given, said }) => given || said?.p0 !== undefined)) parts.length = 0;
    parts.push(entry(glyphIcon(null), PLACE_ONLY));
  }
  if (view.layer === "both") parts.push(html("span", {}, "large: label, small with dark rim: model"));
  const compared = view.data.persons.some((person) =>
    person.keypoints.some(({ given, said }) => given && said?.p0 !== undefined));
  if (compared) parts.push(entry(icons.halo(), "model disagrees with the label"));
  view.legend.classList.toggle("scored", view.colour !== "flag");
  view.legend.replaceChildren(...parts);
}
