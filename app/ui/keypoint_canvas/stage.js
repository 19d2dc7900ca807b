// The photo with its overlay: view, zoom, pan, and what the pointer does.

import { fit, pan, personRect, placeIn, reshape, reveal, toImage, zoom } from "./geometry.js";
import { svg } from "./glyph.js";
import { shownPlace } from "./item.js";
import { bystanders, isMovable, overlay } from "./overlay.js";
import { PhotoLayer } from "./photo_layer.js";

const CLICK_PX = 4; // a press that moves less is a click

export class Stage {
  /** `on` hears {do: ...} commands of the pointer; `host` is the focusable element. */
  constructor(host, on) {
    this.host = host;
    this.on = (command) => on({ ...command, pointed: true });
    this.picture = new PhotoLayer();
    this.crowd = svg("g");
    this.person = svg("g");
    this.layer = svg("g", { class: "overlay" }, [this.crowd, this.person]);
    this.svg = svg("svg", { "aria-hidden": "true" }, [this.picture.image, this.layer]);
    host.append(this.svg, this.picture.words);
    this.size = { w: 0, h: 0 };
    this.closer = 1; // how much closer than the fitted person somebody zoomed by hand
    this.dragged = null;
    this.drawn = {};
    host.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    host.addEventListener("pointerdown", (event) => this.press(event));
    host.addEventListener("auxclick", (event) => event.preventDefault());
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(host);
  }

  dispose() {
    this.observer.disconnect();
    this.picture.dispose();
  }

  /** Show a person on its photo: zoomed to it, as close as somebody chose before. */
  open(item, photo) {
    const same = this.item?.id === item.id && this.photo?.url === photo.url;
    Object.assign(this, { item, photo, revealed: null });
    this.picture.show(photo);
    if (same && this.view) return;
    Object.assign(this, { view: null, whole: false, moved: false });
    this.resize();
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
    this.revealed = null;
    const { w, h } = this.photo;
    const person = fit(personRect(this.item, this.photo), this.size, this.photo, 0.18);
    const centre = { x: person.x + person.w / 2, y: person.y + person.h / 2 };
    this.view = this.whole ? fit({ x: 0, y: 0, w, h }, this.size, this.photo, 0.02)
      : this.closer === 1 ? person : zoom(person, this.closer, centre, this.photo);
  }

  /** Z: the person, and once more the whole photo. */
  toggleFit() {
    this.whole = !this.whole && !this.moved && this.closer === 1;
    Object.assign(this, { moved: false, closer: 1 });
    this.fit();
    this.draw();
  }

  zoomBy(factor, point = { x: this.size.w / 2, y: this.size.h / 2 }) {
    if (!this.view) return;
    this.view = zoom(this.view, factor, toImage(point, this.view, this.size), this.photo);
    this.moved = true;
    this.closer = fit(personRect(this.item, this.photo), this.size, this.photo, 0.18).w / this.view.w;
    this.draw();
  }

  /** Draw the state last given, or a new one. */
  draw(state = this.state, others = this.others, options = this.options) {
    Object.assign(this, { state, others, options });
    if (!state || !this.view || state.item.id !== this.item.id) return;
    this.bringIntoView(state);
    const { x, y, w, h } = this.view;
    const unit = w / this.size.w;
    const seen = this.withDrag(state);
    // A key repaints what it changed: the photo may be full of people.
    if (this.isNew("view", [x, y, w, h])) this.svg.setAttribute("viewBox", `${x} ${y} ${w} ${h}`);
    if (this.isNew("crowd", [unit, ...others.flatMap(({ id, points }) => [id, points])])) {
      this.crowd.replaceChildren(...bystanders(others, state.item.edges, { unit }));
    }
    if (this.isNew("person", [unit, seen, options.names, options.model])) {
      this.person.replaceChildren(...overlay(seen, { unit, ...options }));
    }
  }

  /** Whether what something is drawn from differs from the last time. */
  isNew(part, from) {
    const last = this.drawn[part];
    this.drawn[part] = from;
    return !last || last.length !== from.length || from.some((each, n) => each !== last[n]);
  }

  /** A keypoint that becomes active is seen; it may be panned away from later. */
  bringIntoView(state) {
    if (this.revealed === state.active) return;
    this.revealed = state.active;
    const place = state.points.length > 0 && shownPlace(state, state.active);
    if (place) this.view = reveal(this.view, placeIn(place, this.photo), 0.03);
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
    return placeIn(toImage(this.pointOf(event), this.view, this.size), this.photo);
  }

  wheel(event) {
    if (!this.view || event.ctrlKey) return;
    event.preventDefault();
    this.zoomBy(Math.exp(-event.deltaY * 0.0015), this.pointOf(event));
  }

  press(event) {
    if (!this.view || !this.state || event.button > 1 || event.target.closest("button")) return;
    event.preventDefault();
    this.host.focus({ preventScroll: true });
    const grip = event.button === 0 && event.target.closest("[data-keypoint]");
    const keypoint = grip ? Number(grip.dataset.keypoint) : null;
    if (grip && this.state.ghost?.keypoint !== keypoint && !this.state.ghost) this.on({ do: "pick", keypoint });
    const press = {
      from: { x: event.clientX, y: event.clientY }, last: { x: event.clientX, y: event.clientY },
      moved: false, keypoint, person: event.target.closest("[data-person]")?.dataset.person,
      item: this.item.id,
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
    if (press.item !== this.item.id || (!press.moved && far < CLICK_PX)) return;
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
    // A press begun on one person decides nothing on another.
    if (event.type === "pointercancel" || press.item !== this.item.id) return this.draw();
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
