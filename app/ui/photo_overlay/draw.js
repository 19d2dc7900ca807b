// Draws the photo and the keypoints over it. Places are image pixels; glyphs keep their size on
// the screen whatever the zoom. Every flag has a shape of its own, not only a colour.

import { svg } from "./elements.js";
import { frameOf, glyphScale, whole } from "./frame.js";
import { disagrees, marksOf } from "./marks.js";
import { passes, scoreColour } from "./scores.js";

const GLYPH_PX = 5; // radius on the screen
const SMALL = 0.75; // of a model's mark beside the label's
export const FLAG_WORDS = ["not labelled", "hidden", "visible"];
export const PLACE_ONLY = "place only, no flag";

/** The shapes of a flag round 0, 0: filled disc, ring with a dot, cross; diamond for no flag. */
export function glyph(flag) {
  const r = GLYPH_PX;
  if (flag === null) {
    const d = "M0,-5.5L5.5,0L0,5.5L-5.5,0Z";
    return [svg("path", { d, class: "outline" }), svg("path", { d, class: "place" })];
  }
  if (flag === 2) return [svg("circle", { r, class: "outline" }), svg("circle", { r, class: "v2" })];
  if (flag === 1) {
    const ring = { r, fill: "none" };
    return [
      svg("circle", { ...ring, class: "outline" }),
      svg("circle", { ...ring, class: "v1" }),
      svg("circle", { r: 1.6, class: "v1 dot" }),
    ];
  }
  const d = "M-4,-4L4,4M-4,4L4,-4";
  return [svg("path", { d, class: "outline" }), svg("path", { d, class: "v0" })];
}

/** A flag's glyph to stand in a line of text. */
export function glyphIcon(flag) {
  const title = svg("title");
  title.textContent = flag === null ? PLACE_ONLY : `${flag}: ${FLAG_WORDS[flag]}`;
  return svg("svg", { viewBox: "-7 -7 14 14", class: "icon" }, title, ...glyph(flag));
}

function placed({ x, y, flag }, kind, { halo = false, name = "", isSmall = false } = {}) {
  const children = glyph(flag);
  if (halo) children.unshift(svg("circle", { r: GLYPH_PX + 4, class: "halo" }));
  children.push(svg("circle", { r: GLYPH_PX + 5, class: "hit" }));
  if (name) {
    const text = svg("text", { x: GLYPH_PX + 4, y: 4, class: "name" });
    text.textContent = name;
    children.push(text);
  }
  const size = isSmall ? SMALL : 1;
  return svg("g", { class: `mark ${kind}`, "data-at": `${x} ${y}`, "data-size": size }, ...children);
}

/** How a keypoint is shown: its marks, and whether the model's is hidden or grey. */
function shownMarks(view, keypoint) {
  const { label, model } = marksOf(keypoint, view.layer, view.rule);
  const isBelow = Boolean(model) && !passes(keypoint.said, view.limits);
  return { label, model: isBelow && view.below === "hide" ? null : model, isBelow };
}

function drawKeypoint(view, person, index) {
  const keypoint = person.keypoints[index];
  const { label, model, isBelow } = shownMarks(view, keypoint);
  if (!label && !model) return [];
  const differs = disagrees(keypoint, view.layer, view.rule);
  const group = svg("g", { class: "keypoint", "data-k": index });
  if (label && model) {
    const line = { x1: label.x, y1: label.y, x2: model.x, y2: model.y };
    group.append(svg("line", { ...line, class: differs ? "link differs" : "link" }));
  }
  const name = keypoint.name;
  if (label) group.append(placed(label, "label", { halo: differs && !model, name }));
  if (model) {
    const kind = `model${isBelow ? " below" : ""}`;
    group.append(placed(model, kind, { halo: differs, name: label ? "" : name, isSmall: Boolean(label) }));
  }
  group.classList.toggle("scored", view.colour !== "flag");
  if (view.colour !== "flag") {
    group.style.setProperty("--colour", scoreColour(keypoint.said?.[view.colour]));
  }
  return [group];
}

function drawEdges(view, person, which) {
  const marks = person.keypoints.map((keypoint) => shownMarks(view, keypoint)[which]);
  return person.edges.flatMap(([a, b]) => {
    const [from, to] = [marks[a], marks[b]];
    if (!from || !to || from.absent || to.absent) return [];
    const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    const unseen = [from, to].some(({ flag }) => flag !== 2 && flag !== null);
    return [svg("line", { ...line, class: `edge ${which}${unseen ? " unseen" : ""}` })];
  });
}

function drawPerson(view, person, { choose, highlight }) {
  const kind = `person${person.id === view.person ? " chosen" : ""}`;
  const group = svg("g", { class: kind, "data-person": person.id });
  if (person.box && person.id !== "whole") {
    const [x, y, width, height] = person.box;
    group.append(svg("rect", { x, y, width, height, class: person.drawn ? "box drawn" : "box" }));
  }
  group.append(...drawEdges(view, person, "label"), ...drawEdges(view, person, "model"));
  group.append(...person.keypoints.flatMap((_, index) => drawKeypoint(view, person, index)));
  group.onclick = (event) => choose(person, event.target.closest(".keypoint"));
  group.onpointerover = (event) => highlight(event.target.closest(".keypoint"), person);
  group.onpointerout = () => highlight(null, person);
  return group;
}

/** The part of the photo to show: the person's, while that is wished for, or what was zoomed to. */
function frameNow(view) {
  const { image, persons } = view.data;
  const person = persons.find((each) => each.id === view.person);
  if (view.follow && person) return frameOf(person, image);
  return view.frame ?? whole(image);
}

/** Draw everything on the stage anew; the photo itself stays the same element. */
export function drawStage(view, handlers) {
  const { stage, data } = view;
  view.shownFrame = frameNow(view);
  const [, , width, height] = view.shownFrame;
  stage.setAttribute("viewBox", view.shownFrame.join(" "));
  stage.style.aspectRatio = `${width} / ${height}`;
  stage.style.maxWidth = `calc(72vh * ${width / height})`;
  if (view.picture?.dataset.address !== data.image.url) view.picture = drawPicture(view);
  comeNear(view);
  // The chosen person is drawn last, above the others.
  const inOrder = [...data.persons].sort((a, b) => (a.id === view.person) - (b.id === view.person));
  const heat = view.heatElement();
  stage.replaceChildren(
    view.picture,
    ...(heat ? [heat] : []),
    ...inOrder.map((each) => drawPerson(view, each, handlers)),
    ...view.draft.elements(),
  );
  stage.classList.toggle("names", view.names);
  stage.classList.toggle("bare", !view.skeleton);
  scaleGlyphs(view);
}

function drawPicture(view) {
  const { image } = view.data;
  const size = { width: image.width, height: image.height, preserveAspectRatio: "none" };
  const picture = svg("image", { ...size, href: image.url, "data-address": image.url });
  let retried = false;
  picture.addEventListener("error", () => {
    if (retried) view.loseThePhoto();
    else picture.setAttribute("href", `${image.url}&again`);
    retried = true;
  });
  return picture;
}

/** Once zoomed in, more of the photo's own pixels, as soon as they have come. */
function comeNear(view) {
  const { picture, shownFrame } = view;
  const { near, width } = view.data.image;
  if (!near || shownFrame[2] > width / 2 || picture.dataset.near) return;
  picture.dataset.near = "asked";
  const larger = new Image();
  larger.src = near;
  larger.decode().then(() => picture.setAttribute("href", near), () => {});
}

/** Bring every glyph to its size on the screen. */
export function scaleGlyphs(view) {
  const { width, height } = view.stage.getBoundingClientRect();
  if (!width || !view.shownFrame) return;
  const unit = view.shownFrame[2] / width; // image pixels in one screen pixel
  for (const person of view.stage.querySelectorAll(".person")) {
    const size = glyphScale(Math.max(width, height), person.classList.contains("chosen"));
    for (const mark of person.querySelectorAll(".mark")) {
      const scale = size * mark.dataset.size;
      mark.style.setProperty("--size", scale);
      mark.setAttribute("transform", `translate(${mark.dataset.at}) scale(${unit * scale})`);
    }
  }
}
