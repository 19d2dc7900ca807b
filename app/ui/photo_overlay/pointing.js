// What the pointer and the keys do on the stage: a box is dragged, or the photo is moved and
// zoomed. Places are handed on in image pixels.

import { boxBetween, typedBox } from "./boxes.js";
import { button, html, svg } from "./elements.js";

const SLIP_PX = 4; // a shorter way on the screen is a click
const KEY_STEP = 0.1; // of what is shown, per arrow key

/** A box being drawn: the rectangle under the pointer, and the fields to type one. */
export class Draft {
  constructor(onBox) {
    this.onBox = onBox;
    this.corners = null;
    this.fields = ["x", "y", "width", "height"].map((name) =>
      html("input", { type: "number", step: "any", "aria-label": name, placeholder: name, "data-name": `box ${name}` }));
    this.problem = html("span", { class: "problem", role: "alert" });
    const add = button("box add", "Add this box", () => this.type());
    this.form = html("div", { class: "draft" },
      html("span", {}, "Drag over a person on the photo, or type the box in pixels:"),
      ...this.fields, add, this.problem);
    for (const field of this.fields) {
      field.onkeydown = (event) => {
        if (event.key === "Enter") this.type();
      };
    }
  }

  /** Start with the photo as its frame. */
  open(image) {
    this.image = image;
    this.corners = null;
    this.problem.textContent = "";
  }

  type() {
    const numbers = this.fields.map((field) => (field.value === "" ? NaN : Number(field.value)));
    const { box, problem } = typedBox(numbers, this.image);
    this.problem.textContent = problem ?? "";
    if (!box) return;
    for (const field of this.fields) field.value = "";
    this.onBox(box);
  }

  drag(from, to) {
    this.corners = [from, to];
  }

  drop() {
    const box = this.corners && boxBetween(...this.corners, this.image);
    this.corners = null;
    this.problem.textContent = box ? "" : "This box is too small. Drag from one corner to the other.";
    if (box) this.onBox(box);
  }

  elements() {
    const box = this.corners && boxBetween(...this.corners, this.image);
    if (!box) return [];
    const [x, y, width, height] = box;
    return [svg("rect", { x, y, width, height, class: "box draft" })];
  }
}

/** A place on the screen in image pixels. */
export function placeOf(view, event) {
  const { left, top, width, height } = view.stage.getBoundingClientRect();
  const [x, y, w, h] = view.shownFrame;
  return [x + ((event.clientX - left) / width) * w, y + ((event.clientY - top) / height) * h];
}

/** Hear the pointer on the stage; `on` is {pan, zoom, redraw}. */
export function listen(view, on) {
  const { stage } = view;
  let start = null; // {screen: [x, y], image: [x, y], moved}
  stage.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    start = { screen: [event.clientX, event.clientY], image: placeOf(view, event), moved: false };
  });
  stage.addEventListener("pointermove", (event) => {
    if (!start) return;
    const way = [event.clientX - start.screen[0], event.clientY - start.screen[1]];
    if (!start.moved && Math.hypot(...way) < SLIP_PX) return;
    // Captured only now: a captured click would never reach the keypoint under it.
    if (!start.moved) stage.setPointerCapture(event.pointerId);
    start.moved = true;
    const [x, y] = placeOf(view, event);
    if (view.drawing) view.draft.drag(start.image, [x, y]);
    else on.pan(start.image[0] - x, start.image[1] - y);
    on.redraw();
  });
  const end = (finished) => {
    const dragged = start?.moved;
    start = null;
    if (!dragged || !view.drawing) return;
    if (finished) view.draft.drop();
    else view.draft.corners = null;
    on.redraw();
  };
  stage.addEventListener("pointerup", () => end(true));
  stage.addEventListener("pointercancel", () => end(false));
  stage.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page is scrolled
    event.preventDefault();
    on.zoom(event.deltaY < 0 ? 1.2 : 1 / 1.2, placeOf(view, event));
  }, { passive: false });
  stage.addEventListener("keydown", (event) => key(view, event, on));
}

function key(view, event, on) {
  const [, , width, height] = view.shownFrame;
  const steps = {
    ArrowLeft: () => on.pan(-KEY_STEP * width, 0),
    ArrowRight: () => on.pan(KEY_STEP * width, 0),
    ArrowUp: () => on.pan(0, -KEY_STEP * height),
    ArrowDown: () => on.pan(0, KEY_STEP * height),
    "+": () => on.zoom(1.5),
    "-": () => on.zoom(1 / 1.5),
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !steps[event.key]) return;
  event.preventDefault();
  steps[event.key]();
  on.redraw();
}
