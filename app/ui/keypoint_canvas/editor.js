// The keypoint editor. What it knows lives in the workbench: a key paints first, then a snapshot of
// everything not yet on disk goes to Python, which answers with acknowledgements. `data` for a
// person that is on screen is never read as labels again, so that a late answer cannot undo
// fresh strokes.

import { Details } from "./details.js";
import { setWords } from "./elements.js";
import { buildFrame, peopleButtons } from "./frame.js";
import { commandOf, keyOf, REPEATING } from "./keys.js";
import { decodeAhead } from "./photo_layer.js";
import { elsewhere } from "./refusals.js";
import { Rows } from "./rows.js";
import { randomId, Sender } from "./sender.js";
import { Stage } from "./stage.js";
import { Strip } from "./strip.js";
import { waitWords } from "./type_ahead.js";
import { aloud, progressWords } from "./words.js";
import { Workbench } from "./workbench.js";

const IDLE_MS = 2000; // after that the progress is counted anew

// A list of the sidebar is done with once something was chosen; a slider is moved key by key.
const TYPING = "input:not([role=combobox]), textarea, select, [contenteditable], [role=slider]";
const editors = new WeakMap(); // parentElement -> Editor

export default function mount(component) {
  const { parentElement } = component;
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = new Editor(parentElement);
    editors.set(parentElement, editor);
  }
  editor.component = component;
  editor.take(component.data);
  // Streamlit also calls this for a call that newer data overtook, with the editor on screen.
  return () => setTimeout(() => {
    if (editor.root.isConnected) return;
    editor.dispose();
    editors.delete(parentElement);
  });
}

class Editor {
  constructor(parent) {
    this.show = { names: false, model: true, hidden: false };
    this.counted = true; // whether the progress shown counts what was saved
    this.parts = buildFrame((command) => this.press(command), () => this.focus());
    this.root = this.parts.root;
    this.root.style.visibility = "hidden"; // until it is styled, or cannot be
    for (const outcome of ["load", "error"]) {
      this.parts.style.addEventListener(outcome, () => {
        this.root.style.visibility = "";
        this.stage.resize();
        this.showCurrent();
        this.focus({ unlessTyping: true });
      });
    }
    parent.append(this.parts.style, this.root);
    this.bench = this.makeBench();
    this.stage = new Stage(this.parts.stageHost, (command) => this.obey(command));
    this.rows = new Rows(this.parts.list, this.parts.rowPrefix);
    this.details = new Details(this.parts.details);
    this.strip = new Strip(this.parts.strip, (place) => this.press({ do: "visit", ...place, pointed: true }));
    this.sender = new Sender({
      say: (message) => this.component.setStateValue("edit", message),
      where: () => this.bench.where(),
      onChange: () => this.paintSaved(),
      isWaiting: () => this.bench.waiting !== null || this.bench.current === null,
    });
    this.listen();
  }

  makeBench() {
    const person = (item) => ({ ...this.bench.view, item });
    return new Workbench({
      post: (item, step) => this.sender.post(person(item.id), step),
      ask: () => this.sender.schedule(),
      opened: () => this.opened(),
      pending: (item) => this.sender.pending(person(item)),
      refused: (item) => this.sender.refused(person(item)),
      chosen: (item, keypoint) => this.sender.chosen(person(item), keypoint),
    }, { now: () => Date.now(), id: randomId });
  }

  listen() {
    this.onKey = (event) => this.key(event);
    this.onKeyUp = (event) => keyOf(event) === "KeyH" && this.letGo();
    // A page that was just opened has its focus nowhere: the keys are meant for the editor.
    this.onStrayKey = (event) => {
      if (!this.root.isConnected) return;
      if (document.activeElement === document.body || this.closeNews(event)) this.key(event, true);
    };
    this.root.addEventListener("keydown", this.onKey);
    this.root.addEventListener("keyup", this.onKeyUp);
    this.root.addEventListener("focusout", () => this.letGo());
    this.root.addEventListener("click", (event) => this.click(event));
    this.parts.goThere.addEventListener("click", () => this.goThere());
    this.parts.discard.addEventListener("click", () => this.sender.discard() && this.reload());
    this.ticking = setInterval(() => this.tick(), 500);
    document.addEventListener("keydown", this.onStrayKey, true);
  }

  /** Close what Streamlit says over the photo of a lost connection; true where it did. */
  closeNews({ code }) {
    const box = document.activeElement?.closest("[role=dialog]");
    const isNews = box && !box.querySelector("input, textarea") && this.sender.outbox.pending.length > 0;
    if (!isNews || ["Escape", "Tab", "Enter", "Space"].includes(code)) return false;
    box.querySelector("button")?.click();
    return true;
  }

  tick() {
    if (this.bench.waiting) this.paint();
    else this.paintSaved();
    const idle = performance.now() - (this.typedAt ?? 0) > IDLE_MS;
    if (!this.counted && idle && !this.bench.waiting && this.sender.outbox.pending.length === 0) {
      this.counted = true;
      this.bench.refresh();
    }
  }

  dispose() {
    document.removeEventListener("keydown", this.onStrayKey, true);
    clearInterval(this.ticking);
    this.sender.dispose();
    this.stage.dispose();
    this.root.remove();
    this.parts.style.remove();
  }

  // ---- what Python sends -------------------------------------------------------------------

  take({ ack, window: shown, undo }) {
    const settled = this.sender.answer(ack);
    if (settled.length > 0) this.counted = false;
    const known = settled.filter((each) => this.isHere(each) && this.bench.settle(each));
    const { bench, sender } = this;
    if (sender.restoring) {
      if (sender.outbox.seq === 0) sender.flush(); // the labels to show are those after it
    } else {
      if (shown.items && shown.n > (bench.have ?? 0)) this.takeWindow(shown);
      else if (bench.have === null) sender.schedule(); // mounted beside an old answer: ask for all
      if (undo) bench.takeLog(undo);
    }
    for (const each of settled) if (!known.includes(each) && this.isHere(each)) bench.settle(each);
    this.paint();
  }

  isHere({ dataset, labelSet }) {
    return dataset === this.bench.view?.dataset && labelSet === this.bench.view.labelSet;
  }

  takeWindow(shown) {
    this.bench.takeWindow(shown);
    this.counted = true;
    decodeAhead(shown.prefetch);
    this.showPeople();
    setWords(this.parts.progress, progressWords(shown.progress).join("\n"));
  }

  /** Start from the labels as they are on disk. */
  reload() {
    this.bench.clear();
    this.sender.flush();
  }

  opened() {
    this.stage.open(this.bench.state.item, this.bench.photo);
    this.showPeople();
    this.focus({ unlessTyping: true });
  }

  showPeople() {
    const { current, photo } = this.bench;
    this.parts.people.replaceChildren(...peopleButtons(photo, current.id, (id) =>
      this.press({ do: "visit", id, pointed: true })));
    // Not before the next paint: asking where it is now would have everything laid out twice.
    requestAnimationFrame(() => this.showCurrent());
  }

  /** The button of the person on screen in the middle, with those beside it. */
  showCurrent() {
    const { people } = this.parts;
    const chip = people.querySelector("[aria-pressed=true]");
    if (chip) people.scrollLeft = chip.offsetLeft - (people.clientWidth - chip.offsetWidth) / 2;
  }

  // ---- what the annotator does -------------------------------------------------------------

  key(event, stray = false) {
    if (event.isComposing) return;
    const button = event.target.closest?.("button");
    const beside = button || event.target.closest?.(".list");
    if (event.code === "Tab" && (this.leaving || beside)) return;
    const { bench } = this;
    const command = commandOf(event, { choosingGroup: bench.isChoosingGroup() });
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    // Streamlit listens for a bare c and r on the document.
    if (plain || command) event.stopPropagation();
    // Escape that has something to cancel is for that; the next Tab leaves otherwise.
    const busy = bench.waiting || bench.state?.ghost || bench.state?.group;
    this.leaving = event.code === "Escape" && !busy && !beside;
    if (!command || (button && ["Enter", "Space"].includes(event.code))) return;
    event.preventDefault();
    if (stray || (beside && event.code === "Escape")) this.focus();
    // What is held down while something loads would go on long after it was let go.
    if (event.repeat && (bench.waiting || !REPEATING.has(command.do))) return;
    this.typedAt = performance.now();
    this.obey(command);
  }

  /** To a person of whom something was refused. */
  goThere() {
    const { item, address } = this.refusedElsewhere();
    if (address) window.location.assign(address);
    else this.press({ do: "visit", id: item, pointed: true });
  }

  refusedElsewhere() {
    return elsewhere(this.sender.refusals, { ...this.bench.view, item: this.bench.current?.id });
  }

  click(event) {
    const choose = event.target.closest("[data-choose]");
    const row = event.target.closest("[data-row]");
    if (choose) {
      const { choose: keypoint, mine } = choose.dataset;
      this.press({ do: "choose", keypoint: Number(keypoint), mine: mine === "true", pointed: true });
    } else if (row) this.press({ do: "pick", keypoint: Number(row.dataset.row), pointed: true });
  }

  press(command) {
    this.obey(command);
    if (command.do !== "sheet") this.focus();
  }

  obey(command) {
    if (!this.bench.state) return; // its labels are on their way
    const own = {
      names: () => this.toggle("names"),
      model: () => this.toggle("model"),
      hide: () => this.hold(),
      toggleHidden: () => this.setHidden(!this.show.hidden),
      fit: () => this.stage.toggleFit(),
      zoom: () => this.stage.zoomBy(command.factor),
      sheet: () => this.parts.sheet.showModal(),
    }[command.do];
    if (own) return void own();
    this.bench.obey(command);
    if (this.leaving) this.bench.say("Tab now leaves the editor");
    this.paint();
  }

  toggle(what) {
    this.show = { ...this.show, [what]: !this.show[what] };
    this.paint();
  }

  setHidden(hidden) {
    this.show = { ...this.show, hidden };
    this.paint();
  }

  /** H is down; it is let go of by its key, and where the focus leaves. */
  hold() {
    this.holding = true;
    this.setHidden(true);
  }

  letGo() {
    if (!this.holding) return;
    this.holding = false;
    this.setHidden(false);
  }

  // ---- painting ----------------------------------------------------------------------------

  paint() {
    this.paintSaved();
    const { bench, parts } = this;
    const { state } = bench;
    if (!state) return;
    const { names, model, hidden } = this.show;
    this.stage.draw(state, bench.people.others(bench.current.id), { names, model });
    this.root.classList.toggle("overlay-hidden", hidden);
    this.root.classList.toggle("waiting", bench.waiting !== null);
    parts.stageHost.setAttribute("aria-busy", String(bench.waiting !== null));
    for (const [name, button] of Object.entries(parts.toggleButtons)) {
      button.setAttribute("aria-pressed", String(this.show[name]));
    }
    this.rows.paint(state);
    this.details.paint(state, Date.now());
    this.strip.paint(bench.whereabouts.coming, (id) => {
      const found = bench.people.get(id);
      return found ? { item: found.item, photo: bench.people.photoOf(id) } : null;
    });
    const wait = bench.waiting && waitWords(bench.waiting, this.sender.isLate);
    setWords(parts.note, wait || state.note || bench.why);
    setWords(parts.held, state.item.held_by ? `${state.item.held_by} is on this person, too` : "");
    setWords(parts.position, bench.whereabouts.words);
    this.paintUndo();
    setWords(parts.aloud, [wait || aloud(state), wait ? "" : state.note].filter(Boolean).join(". "));
    this.root.dataset.item = bench.current.id;
    this.root.dataset.active = state.active;
    this.root.toggleAttribute("data-waiting", Boolean(bench.waiting));
  }

  paintUndo() {
    const { done, undone, more } = this.bench.log;
    const { undo, redo } = this.parts;
    undo.title = `undo (Ctrl+Z): ${done.length}${more ? " or more" : ""} to undo`;
    redo.title = `redo (Ctrl+Shift+Z): ${undone.length} to redo`;
    undo.setAttribute("aria-label", `Undo, ${done.length}${more ? " or more" : ""}`);
    redo.setAttribute("aria-label", `Redo, ${undone.length}`);
  }

  paintSaved() {
    const { root, saved, savedAloud, trouble, refused, goThere, discard } = this.parts;
    const { outbox, standing } = this.sender;
    const other = this.refusedElsewhere();
    setWords(saved, standing.words);
    setWords(savedAloud, standing.words.replace(/^saved .*/, "saved"));
    saved.classList.toggle("bad", standing.bad);
    setWords(refused, other?.words ?? "");
    goThere.hidden = !other;
    discard.hidden = !outbox.error || outbox.pending.length === 0;
    trouble.hidden = !other && discard.hidden;
    Object.assign(root.dataset, { pending: outbox.pending.length, seq: outbox.seq });
  }

  focus({ unlessTyping = false } = {}) {
    const typing = document.activeElement?.closest(TYPING);
    if (!(unlessTyping && (typing || this.parts.sheet.open))) this.parts.stageHost.focus({ preventScroll: true });
  }
}
