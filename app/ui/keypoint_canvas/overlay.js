// Draws one person over the photo. Glyphs keep their size on screen: `unit` is the number of
// image pixels in one screen pixel.

import { glyph, svg } from "./glyph.js";
import { hasPlace, modelFlag, modelPlace, nameOf, NAMES_OF_FLAGS, shownPlace } from "./item.js";

function at({ x, y }, unit, attributes, children) {
  return svg("g", { transform: `translate(${x} ${y}) scale(${unit})`, ...attributes }, children);
}

/** The other people on the photo, {id, points} each, as elements. */
export function bystanders(others, skeleton, { unit }) {
  return others.flatMap((other) => otherPerson(other, skeleton, unit));
}

/** The person itself, as elements from back to front. */
export function overlay(state, { unit, names, model }) {
  const shown = state.points.map((_, k) => shownPlace(state, k));
  return [
    ...edges(state, shown),
    ...(model ? state.points.flatMap((_, k) => modelMark(state, k, unit)) : []),
    ...state.points.flatMap((_, k) => keypoint(state, k, shown[k], { unit, model })),
    ...(names ? state.points.flatMap((_, k) => label(state, k, shown[k], unit)) : []),
    ...ghost(state, unit),
  ];
}

function otherPerson(other, skeleton, unit) {
  const placed = other.points.map((point) => (point.v > 0 ? point : null));
  const lines = skeleton
    .filter(([a, b]) => placed[a] && placed[b])
    .map(([a, b]) => line(placed[a], placed[b], "edge"));
  const dots = placed
    .filter(Boolean)
    .map((point) => at(point, unit, {}, [svg("circle", { r: 2.5, class: "small" })]));
  if (lines.length + dots.length === 0) return [];
  const group = svg("g", { class: "other", "data-person": other.id }, [...lines, ...dots]);
  return [group];
}

function line(a, b, kind) {
  return svg("line", { class: kind, x1: a.x, y1: a.y, x2: b.x, y2: b.y });
}

function edges(state, shown) {
  return state.item.edges
    .filter(([a, b]) => state.points[a].v > 0 && state.points[b].v > 0)
    .map(([a, b]) => {
      const seen = state.points[a].v === 2 && state.points[b].v === 2;
      return line(shown[a], shown[b], seen ? "edge" : "edge half");
    });
}

/** The model's own place as a thin mark, joined to the label it speaks of when that is active. */
function modelMark(state, k, unit) {
  const place = modelPlace(state.item, k);
  const flag = modelFlag(state.item, k);
  const point = state.points[k];
  if (!place || flag === null || point.v === 0) return [];
  const mark = at(place, unit, { class: "model" }, [glyph(flag, { thin: true })]);
  return k === state.active ? [line(point, place, "leader"), mark] : [mark];
}

function keypoint(state, k, place, { unit, model }) {
  if (!place || state.ghost?.keypoint === k) return [];
  const point = state.points[k];
  const flag = modelFlag(state.item, k);
  const parts = [svg("circle", { class: "grip", r: 12 })];
  if (model && flag !== null && flag !== point.v) parts.push(svg("circle", { class: "halo", r: 9.5 }));
  if (k === state.active) parts.push(svg("circle", { class: "active", r: 12.5 }));
  if (Array.isArray(state.group) && state.group.includes(k)) {
    parts.push(svg("circle", { class: "in-group", r: 12.5 }));
  }
  parts.push(svg("g", { class: "under" }, [glyph(point.v)]), glyph(point.v));
  const said = `${nameOf(state.item, k)}: ${NAMES_OF_FLAGS[point.v]}`;
  return [at(place, unit, { class: "keypoint", "data-keypoint": k, role: "img", "aria-label": said }, parts)];
}

function label(state, k, place, unit) {
  if (!place) return [];
  const words = svg("text", { class: k === state.active ? "name current" : "name", x: 10, y: 4 });
  words.textContent = nameOf(state.item, k);
  return [at(place, unit, { class: "naming" }, [words])];
}

function ghost(state, unit) {
  if (!state.ghost || state.ghost.x === null) return [];
  const parts = [
    svg("circle", { class: "grip", r: 12 }), svg("circle", { class: "active", r: 12.5 }),
    glyph(state.ghost.v),
  ];
  const { keypoint: k } = state.ghost;
  return [at(state.ghost, unit, { class: "ghost", "data-keypoint": k }, parts)];
}

/** Whether a drag on this keypoint may move it: only a label with a place of its own. */
export function isMovable(state, keypoint) {
  return state.ghost?.keypoint === keypoint || (state.points[keypoint].v > 0 && hasPlace(state.points[keypoint]));
}
