// Shows one photo with the keypoints of its persons. Everything that only changes what is looked at
// (person, layer, colours, limits, zoom, which heat map) happens here, without asking the server.
// Asked is only for what a model must compute: a box drawn by hand, the heat maps of a person.

import { MOST_BOXES, withBox, without } from "./boxes.js";
import { drawControls, drawCount, drawLimits, haloIcon, layersOf, scaleLegend } from "./controls.js";
import { drawStage, scaleGlyphs } from "./draw.js";
import { html, svg } from "./elements.js";
import { panned, zoomed } from "./frame.js";
import { HeatMaps } from "./heat.js";
import { KeptBoxes } from "./kept_boxes.js";
import { LIKELIEST } from "./marks.js";
import { Draft, listen } from "./pointing.js";
import { drawChips, drawLegend, drawTable, markRows } from "./table.js";

const overlays = new WeakMap(); // parentElement -> Overlay
// How one looks at photos. A new overlay, as on another page, goes on with it.
const look = {
  layer: "given", colour: "flag", names: false, skeleton: true, follow: false,
  limits: {}, below: "hide", rule: LIKELIEST, opacity: 0.6,
};

export default function mount(component) {
  const { parentElement } = component;
  if (!overlays.has(parentElement)) overlays.set(parentElement, new Overlay(parentElement));
  const overlay = overlays.get(parentElement);
  overlay.component = component;
  overlay.take(component.data);
}

class Overlay {
  constructor(parent) {
    Object.assign(this, look, { data: null, person: null, frame: null, heat: null, drawing: false });
    this.maps = new Map(); // "photo/person/model" -> HeatMaps
    this.kept = new KeptBoxes((message) => this.component.setStateValue("boxes", message));
    this.draft = new Draft((box) => this.addBox(box));
    this.handlers = {
      change: (fields, how) => this.change(fields, how),
      choose: (person, keypoint) => this.choose(person, keypoint),
      remove: (person) => this.setBoxes(without(this.kept.boxes, person.id)),
      highlight: (node, person) => this.highlight(node, person),
      highlightRow: (row) => this.highlight(row, this.chosen),
      chooseKeypoint: (index) => this.chooseKeypoint(index),
      chooseHeat: (name) => this.chooseHeat(name),
      setDrawing: (drawing) => this.setDrawing(drawing),
      zoom: (factor, at) => this.zoom(factor, at),
      showWhole: () => this.change({ frame: null, follow: false }),
      followPerson: (follow) => this.change({ follow, frame: null }),
    };
    this.build(parent);
  }

  build(parent) {
    this.stage = svg("svg", { class: "stage", role: "img", tabindex: "0", "data-name": "stage" });
    for (const name of ["controls", "chips", "adding", "legend", "note", "limitsPanel"]) {
      this[name] = html("div", { class: name });
    }
    this.note.setAttribute("role", "status");
    this.count = html("span", { class: "count", role: "status" });
    this.table = html("table");
    const people = html("div", { class: "people" }, this.chips, this.adding);
    const side = html("div", { class: "side" }, people, this.limitsPanel,
      html("div", { class: "scroll" }, this.table));
    this.draft.form.hidden = true;
    const photo = html("div", { class: "photo" }, this.stage, this.legend, this.note);
    this.root = html("div", { class: "overlay" }, this.controls, this.draft.form,
      html("div", { class: "columns" }, photo, side));
    const style = html("link", { rel: "stylesheet", href: new URL("overlay.css", import.meta.url).href });
    this.root.style.visibility = "hidden"; // until it is styled, or cannot be
    for (const outcome of ["load", "error"]) {
      style.addEventListener(outcome, () => {
        this.root.style.visibility = "";
        scaleGlyphs(this);
      });
    }
    parent.append(style, this.root);
    // Streamlit takes bare c and r anywhere on the page for itself.
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && this.drawing) this.setDrawing(false);
      event.stopPropagation();
    });
    listen(this, {
      pan: (dx, dy) => this.pan(dx, dy),
      zoom: (factor, at) => this.zoom(factor, at),
      redraw: () => this.drawMarks(),
    });
    new ResizeObserver(() => scaleGlyphs(this)).observe(this.stage);
  }

  // ---- what Python says

  take(data) {
    const before = this.data;
    this.data = data;
    const isNewPhoto = data.photo !== before?.photo;
    this.kept.take(data.photo, data.boxes);
    if (isNewPhoto) Object.assign(this, { frame: null, drawing: false });
    this.keepPerson(before, isNewPhoto);
    this.keepLayer(before);
    if (this.isLost) Object.assign(this, { picture: null, isLost: false }); // try once more
    if (data.heat?.url) this.maps.set(this.heatKey(data.heat.person), this.newMaps(data.heat));
    this.stage.setAttribute("aria-label", data.image.alt);
    this.draft.open(data.image);
    this.draw();
    if (this.heat) this.askForHeat();
  }

  /** A person just drawn is the one to look at; one that is gone cannot be. */
  keepPerson(before, isNewPhoto) {
    const ids = this.data.persons.map(({ id }) => id);
    const known = new Set(before?.persons.map(({ id }) => id) ?? []);
    const drawn = isNewPhoto ? [] : this.data.persons.filter((each) => each.drawn && !known.has(each.id));
    if (drawn.length) this.person = drawn.at(-1).id;
    else if (isNewPhoto || !ids.includes(this.person)) this.person = ids[0] ?? null;
  }

  /** Predictions that were just asked for are what one wants to see. */
  keepLayer(before) {
    const layers = layersOf(this.data).map(([layer]) => layer);
    const isOther = this.data.said_by !== (before?.said_by ?? null);
    if (isOther) this.layer = this.data.said_by === null ? "given" : "model";
    if (!layers.includes(this.layer)) this.layer = layers[0];
  }

  // ---- what is looked at

  get chosen() {
    return this.data.persons.find(({ id }) => id === this.person);
  }

  /** Change what is looked at; a slider says what `only` it can change, and stays as it is. */
  change(fields, { only } = {}) {
    Object.assign(this, fields);
    for (const name of Object.keys(look)) look[name] = this[name];
    if (only === "flags") drawTable(this, this.handlers);
    if (only) this.drawMarks();
    else this.draw();
  }

  choose(person, keypoint) {
    if (this.drawing) return;
    const isOther = person.id !== this.person;
    this.change({ person: person.id });
    if (keypoint && this.heat) this.chooseKeypoint(Number(keypoint.dataset.k));
    else if (isOther && this.heat) this.askForHeat();
  }

  pan(dx, dy) {
    this.frame = panned(this.shownFrame, dx, dy, this.data.image);
    this.follow = false;
  }

  zoom(factor, at) {
    const [x, y, width, height] = this.shownFrame;
    const middle = at ?? [x + width / 2, y + height / 2];
    this.change({ frame: zoomed(this.shownFrame, factor, middle, this.data.image), follow: false });
  }

  highlight(node, person) {
    this.root.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
    if (!node || !person) return;
    node.classList.add("lit");
    if (person.id !== this.person) return;
    const { k } = node.dataset;
    const twins = `[data-person="${CSS.escape(person.id)}"] [data-k="${k}"], tr[data-k="${k}"]`;
    this.root.querySelectorAll(twins).forEach((twin) => twin.classList.add("lit"));
  }

  // ---- boxes

  setDrawing(drawing) {
    this.change({ drawing });
    if (drawing) this.draft.fields[0].focus({ preventScroll: true });
  }

  addBox(box) {
    const full = this.kept.boxes.list.length >= MOST_BOXES;
    if (full) this.draft.problem.textContent = `At most ${MOST_BOXES} boxes are drawn on a photo.`;
    else this.setBoxes(withBox(this.kept.boxes, box));
  }

  setBoxes(boxes) {
    this.kept.change(boxes);
    this.draw();
  }

  // ---- heat maps

  heatKey(person) {
    const box = this.data.persons.find(({ id }) => id === person)?.box;
    return JSON.stringify([this.data.photo, person, box, this.data.model]);
  }

  newMaps(told) {
    const maps = this.maps.get(this.heatKey(told.person)) ?? new HeatMaps(told);
    maps.loaded.then(() => this.drawMarks(), () => {});
    return maps;
  }

  chooseKeypoint(index) {
    const keypoint = this.chosen?.keypoints[index];
    if (this.heat && keypoint?.said) this.chooseHeat(keypoint.name);
  }

  chooseHeat(name) {
    this.asked = null; // what failed may be asked for again
    this.change({ heat: name });
    if (name) this.askForHeat();
  }

  askForHeat() {
    const { data, person } = this;
    if (!this.chosen?.box || !data.model || this.maps.has(this.heatKey(person))) return;
    const asked = this.heatKey(person);
    if (this.asked === asked) return;
    this.asked = asked;
    this.component.setTriggerValue("heat", { photo: data.photo, person });
    this.drawNote();
  }

  heatElement() {
    const maps = this.heat && this.maps.get(this.heatKey(this.person));
    const place = maps ? maps.told.names.indexOf(this.heat) : -1;
    if (place < 0 || !maps.picture.complete) return null;
    const element = maps.element(place);
    element.style.opacity = this.opacity;
    return element;
  }

  // ---- drawing

  loseThePhoto() {
    this.isLost = true;
    this.drawNote();
  }

  draw() {
    this.draft.form.hidden = !this.drawing;
    this.root.classList.toggle("drawing", this.drawing);
    this.root.classList.toggle("compared", this.layer === "both");
    drawControls(this, this.handlers);
    drawChips(this, this.handlers);
    drawLimits(this, this.handlers);
    drawLegend(this, { halo: haloIcon });
    this.legend.prepend(...scaleLegend(this));
    drawTable(this, this.handlers);
    this.drawMarks();
  }

  drawMarks() {
    drawStage(this, this.handlers);
    markRows(this);
    drawCount(this);
    this.drawNote();
  }

  drawNote() {
    const { image, heat } = this.data;
    const lines = [image.note];
    if (this.isLost) lines.push("The photo could not be loaded. Reload the page.");
    if (this.kept.isPending) lines.push("Asking the model about the box …");
    const isAsked = this.heat && !this.maps.has(this.heatKey(this.person));
    if (isAsked && heat?.person === this.person && heat.problem) lines.push(heat.problem);
    else if (isAsked && this.chosen?.box) lines.push("Asking the model for its heat maps …");
    const peak = this.peakWords();
    if (peak) lines.push(peak);
    const words = lines.filter(Boolean).join(" ");
    if (this.note.textContent !== words) this.note.textContent = words;
  }

  peakWords() {
    const maps = this.heat && this.maps.get(this.heatKey(this.person));
    const place = maps ? maps.told.names.indexOf(this.heat) : -1;
    if (place < 0) return "";
    return `Heat map of ${this.heat}: its highest value is ${maps.told.peaks[place].toFixed(2)}.`;
  }
}
