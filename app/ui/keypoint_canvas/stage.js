// The photo with its overlay: view, zoom, pan, and what the pointer does.

import { fit, pan, personRect, placeIn, reshape, toImage, zoom } from "./geometry.js";
import { svg } from "./glyph.js";
import { isMovable, overlay } from "./overlay.js";

const CLICK_PX = 4; // a press that moves less is a click
const RETRIES_MS = [500, 1500, 4000];

export class Stage {
  /** `on` hears {do: ...} commands of the pointer; `host` is the focusable element. */
  constructor(host, on) {
    this.host = host;
    this.on = on;
    this.photo = svg("image", { class: "photo", preserveAspectRatio: "none" });
    this.layer = svg("g", { class: "overlay" });
    this.svg = svg("svg", { "aria-hidden": "true" }, [this.photo, this.layer]);
    this.words = document.createElement("p");
    this.words.className = "photo-words";
    host.append(this.svg, this.words);
    this.size = { w: 0, h: 0 };
    this.dragged = null;
    this.photo.addEventListener("error", () => this.retry());
    this.photo.addEventListener("load", () => (this.words.textContent = this.item.photo.note));
    host.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    host.addEventListener("pointerdown", (event) => this.press(event));
    host.addEventListener("auxclick", (event) => event.preventDefault());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
  }

  dispose() {
    this.observer.disconnect();
    clearTimeout(this.timer);
  }

  /** Show an item: its photo, zoomed to the person. */
  open(item) {
    this.item = item;
    this.view = null;
    this.whole = false;
    this.moved = false; // by hand: then a resize keeps the scale instead of fitting anew
    if (this.url !== item.photo.url) this.load(item.photo);
    this.words.textContent = item.photo.note;
    this.resize();
  }

  load(photo) {
    clearTimeout(this.timer);
    this.url = photo.url;
    this.tries = 0;
    for (const [name, value] of Object.entries({ width: photo.w, height: photo.h })) {
      this.photo.setAttribute(name, value);
    }
    this.photo.setAttribute("href", photo.url);
  }

  retry() {
    if (this.tries >= RETRIES_MS.length) {
      this.words.textContent = "The photo could not be loaded; its labels can still be changed.";
      return;
    }
    const url = this.url;
    this.timer = setTimeout(() => this.photo.setAttribute("href", url), RETRIES_MS[this.tries]);
    this.tries += 1;
    this.photo.removeAttribute("href");
  }

  resize() {
    const size = { w: this.host.clientWidth, h: this.host.clientHeight };
    if (!this.item || size.w === 0 || size.h === 0) return;
    if (this.moved) this.view = reshape(this.view, this.size, size);
    this.size = size;
    if (!this.moved) this.fit();
    this.draw();
  }

  fit() {
    const { w, h } = this.item.photo;
    const rect = this.whole ? { x: 0, y: 0, w, h } : personRect(this.item);
    this.view = fit(rect, this.size, this.item.photo, this.whole ? 0.02 : 0.18);
  }

  /** Z: the person, and once more the whole photo. */
  toggleFit() {
    this.whole = !this.whole && !this.moved;
    this.moved = false;
    this.fit();
    this.draw();
  }

  zoomBy(factor, point = { x: this.size.w / 2, y: this.size.h / 2 }) {
    this.moved = true;
    this.view = zoom(this.view, factor, toImage(point, this.view, this.size), this.item.photo);
    this.draw();
  }

  /** Draw the state last given, or a new one. */
  draw(state = this.state, options = this.options) {
    this.state = state;
    this.options = options;
    if (!state || !this.view || state.item !== this.item) return;
    const { x, y, w, h } = this.view;
    this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    const unit = w / this.size.w;
    this.layer.replaceChildren(...overlay(this.withDrag(state), { unit, ...options }));
  }

  withDrag(state) {
    if (!this.dragged?.place) return state;
    const { keypoint, place } = this.dragged;
    if (state.ghost?.keypoint === keypoint) return { ...state, ghost: { ...state.ghost, ...place } };
    const points = state.points.map((p, k) => (k === keypoint ? { ...p, ...place } : p));
    return { ...state, points };
  }

  pointOf(event) {
    const frame = this.host.getBoundingClientRect();
    return { x: event.clientX - frame.left - this.host.clientLeft, y: event.clientY - frame.top - this.host.clientTop };
  }

  placeOf(event) {
    return placeIn(toImage(this.pointOf(event), this.view, this.size), this.item.photo);
  }

  wheel(event) {
    if (!this.view || event.ctrlKey) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * 0.0015), this.pointOf(event));
  }

  press(event) {
    if (!this.view || event.button > 1) return;
    event.preventDefault();
    this.host.focus({ preventScroll: true });
    const grip = event.button === 0 && event.target.closest("[data-keypoint]");
    const keypoint = grip ? Number(grip.dataset.keypoint) : null;
    if (grip && this.state.ghost?.keypoint !== keypoint && !this.state.ghost) this.on({ do: "pick", keypoint });
    const press = {
      from: { x: event.clientX, y: event.clientY }, last: { x: event.clientX, y: event.clientY },
      moved: false, keypoint, person: event.target.closest("[data-person]")?.dataset.person,
      movable: grip && (!this.state.ghost || this.state.ghost.keypoint === keypoint) && isMovable(this.state, keypoint),
    };
    this.follow(event.pointerId, press);
  }

  follow(pointer, press) {
    this.host.setPointerCapture(pointer);
    const move = (event) => this.drag(event, press);
    const end = (event) => {
      this.host.removeEventListener("pointermove", move);
      this.host.removeEventListener("pointerup", end);
      this.host.removeEventListener("pointercancel", end);
      this.release(event, press);
    };
    this.host.addEventListener("pointermove", move);
    this.host.addEventListener("pointerup", end);
    this.host.addEventListener("pointercancel", end);
  }

  drag(event, press) {
    const far = Math.hypot(event.clientX - press.from.x, event.clientY - press.from.y);
    if (!press.moved && far < CLICK_PX) return;
    press.moved = true;
    if (press.movable) {
      this.dragged = { keypoint: press.keypoint, place: this.placeOf(event) };
    } else {
      const [dx, dy] = [event.clientX - press.last.x, event.clientY - press.last.y];
      this.moved = true;
      this.view = pan(this.view, dx, dy, this.size);
      press.last = { x: event.clientX, y: event.clientY };
    }
    this.draw();
  }

  release(event, press) {
    this.dragged = null;
    if (event.type === "pointercancel") return this.draw();
    const ghost = this.state.ghost;
    if (press.moved) {
      if (!press.movable) return undefined;
      return this.on(ghost ? { do: "place", ...this.placeOf(event) }
        : { do: "move", keypoint: press.keypoint, ...this.placeOf(event) });
    }
    if (ghost) return this.on({ do: "place", ...this.placeOf(event) });
    if (press.person && press.keypoint === null) return this.on({ do: "visit", id: Number(press.person) });
    return undefined;
  }
}
