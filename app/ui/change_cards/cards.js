// One card for every changed label: the photo round the keypoint, the label before and after, who
// and when; the whole card is a link to the person. Text reaches the page through textContent.

import { arrowOf, ASPECT, isMoved, marksOf, unitOf, viewOf } from "./card_view.js";
import { glyph, svg } from "./glyph.js";

const WIDTH_PX = 200; // of a picture, about: glyphs are sized for it
const shown = new WeakMap(); // parentElement -> the cards on it, as JSON

export default function mount({ parentElement, data }) {
  const cards = JSON.stringify(data.cards);
  if (shown.get(parentElement) === cards) return;
  shown.set(parentElement, cards);
  let root = parentElement.querySelector(".cards");
  if (!root) {
    root = element("div", "cards");
    const style = Object.assign(document.createElement("link"), {
      rel: "stylesheet", href: new URL("cards.css", import.meta.url).href,
    });
    parentElement.append(style, root);
  }
  root.replaceChildren(...data.cards.map(cardOf));
}

function element(tag, name, ...children) {
  const made = document.createElement(tag);
  made.className = name;
  made.append(...children);
  return made;
}

function cardOf(card) {
  const link = element("a", "card", picture(card), caption(card));
  link.href = card.href;
  link.title = [`${card.file}, annotation ${card.id}`, card.note].filter(Boolean).join("\n");
  return link;
}

function picture(card) {
  const view = viewOf(card);
  const unit = unitOf(view, WIDTH_PX);
  const photo = svg("image", {
    href: card.photo.url, width: card.photo.w, height: card.photo.h, preserveAspectRatio: "none",
  });
  const marks = marksOf(card);
  const arrow = marks.length === 2 ? arrowOf(marks[0], marks[1], unit) : null;
  const parts = [photo, ...(arrow ? arrowParts(arrow, unit) : []), ...marks.map((m) => mark(m, unit))];
  const box = `${view.x} ${view.y} ${view.w} ${view.h}`;
  return svg("svg", { class: "picture", viewBox: box, "aria-hidden": "true",
    style: `aspect-ratio: ${ASPECT}` }, parts);
}

function mark({ x, y, flag, was }, unit) {
  const parts = [svg("g", { class: "under" }, [glyph(flag)]), glyph(flag)];
  const transform = `translate(${x} ${y}) scale(${unit})`;
  return svg("g", { class: was ? "mark was" : "mark", transform }, parts);
}

function arrowParts({ line: [from, to], head }, unit) {
  const ends = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
  const points = head.map(({ x, y }) => `${x},${y}`).join(" ");
  return ["arrow rim", "arrow"].flatMap((name) => {
    const width = unit * (name === "arrow" ? 1.8 : 4);
    const look = { class: name, "stroke-width": width };
    return [svg("line", { ...look, ...ends }), svg("polygon", { ...look, points })];
  });
}

function caption(card) {
  const parts = [
    element("b", "name", card.keypoint.replaceAll("_", " ")),
    element("span", "change", ...changeOf(card)),
    element("span", "who", `${card.who}, ${when(card.at)}`),
  ];
  if (card.reason) parts.push(element("span", "reason", card.reason));
  if (card.note) parts.push(element("span", "note", card.note));
  return element("span", "caption", ...parts);
}

function changeOf(card) {
  const [from, to] = card.words;
  if (isMoved(card) && from === to) return [icon(card.before[2]), `${from}, moved`];
  const moved = isMoved(card) ? ", moved" : "";
  return [icon(card.before[2]), from, " → ", icon(card.after[2]), `${to}${moved}`];
}

function icon(flag) {
  return svg("svg", { class: "icon", viewBox: "-8 -8 16 16", "aria-hidden": "true" }, [glyph(flag)]);
}

function when(at) {
  const look = { dateStyle: "medium", timeStyle: "short" };
  return new Intl.DateTimeFormat([], look).format(new Date(at));
}
