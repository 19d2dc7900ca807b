// The keypoint editor. State of the item on screen lives here: a key paints first, then a whole
// snapshot of everything not yet on disk goes to Python, which answers with acknowledgements.
// `data` for an item that is on screen is never read as labels again, so that a late answer
// cannot undo fresh strokes.

import { buildFrame, peopleButtons } from "./frame.js";
import { commandOf, keyOf, REPEATING } from "./keys.js";
import { detail, rows } from "./panel.js";
import { randomId, Sender } from "./sender.js";
import { Stage } from "./stage.js";
import { apply, openItem, settle } from "./state.js";

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
    this.items = new Map(); // annotation id -> state
    this.current = null;
    this.have = null; // number of the window of items last taken in
    this.reset = null;
    this.show = { names: false, model: true, hidden: false };
    this.parts = buildFrame((command) => {
      this.obey(command);
      this.focus();
    });
    this.root = this.parts.root;
    this.root.style.visibility = "hidden"; // until it is styled, or cannot be
    for (const outcome of ["load", "error"]) {
      this.parts.style.addEventListener(outcome, () => {
        this.root.style.visibility = "";
        this.stage.resize();
        this.focus({ unlessTyping: true });
      });
    }
    parent.append(this.parts.style, this.root);
    this.stage = new Stage(this.parts.stageHost, (command) => this.obey(command));
    this.sender = new Sender(this.parts, {
      say: (message) => this.component.setStateValue("edit", message),
      where: () => ({
        have: this.have,
        at: { dataset: this.dataset ?? null, item: this.current, reset: this.reset },
      }),
      onDiscard: () => this.reload(),
    });
    this.listen();
  }

  listen() {
    this.onKey = (event) => this.key(event);
    this.onKeyUp = (event) => keyOf(event) === "KeyH" && this.setHidden(false);
    // A page that was just opened has its focus nowhere: the keys are meant for the editor.
    this.onStrayKey = (event) => {
      if (document.activeElement === document.body && this.root.isConnected) this.key(event, true);
    };
    this.root.addEventListener("keydown", this.onKey);
    this.root.addEventListener("keyup", this.onKeyUp);
    this.root.addEventListener("focusout", () => this.setHidden(false));
    this.root.addEventListener("click", (event) => this.click(event));
    document.addEventListener("keydown", this.onStrayKey, true);
  }

  dispose() {
    document.removeEventListener("keydown", this.onStrayKey, true);
    this.sender.dispose();
    this.stage.dispose();
    this.root.remove();
    this.parts.style.remove();
  }

  // ---- what Python sends -------------------------------------------------------------------

  take({ ack, window: shown }) {
    const settled = this.sender.answer(ack);
    const known = settled.filter(({ item }) => this.items.has(item));
    for (const each of known) this.settle(each);
    if (this.sender.hasRestored()) this.sender.flush(); // the labels to show are those after it
    else if (shown.items && shown.n > (this.have ?? 0)) this.takeWindow(shown);
    else if (this.have === null) this.sender.flush(); // freshly mounted beside an old answer: ask for all
    for (const each of settled) if (!known.includes(each)) this.settle(each);
    this.paint();
  }

  settle({ dataset, item, revisions, stale, saved }) {
    const state = this.items.get(item);
    if (state && dataset === this.dataset) this.items.set(item, settle(state, { revisions, stale }, saved));
  }

  takeWindow(shown) {
    if (shown.dataset !== this.dataset) this.items.clear();
    this.dataset = shown.dataset;
    for (const item of shown.items) this.takeItem(item, shown.reset !== this.reset);
    const told = shown.reset !== this.reset || !this.items.has(this.current);
    Object.assign(this, { have: shown.n, reset: shown.reset, order: shown.order, total: shown.total });
    if (told) this.open(shown.current);
    for (const url of shown.prefetch) new Image().src = url;
  }

  /** `anew`: Python put it on screen, perhaps with another run's opinion. */
  takeItem(item, anew) {
    const old = this.items.get(item.id);
    const pending = this.sender.isPending(item.dataset, item.id);
    if (old && !anew && (item.id === this.current || pending)) return;
    const seen = old?.points.every((point, k) => point.revision === item.revisions[k]);
    const keep = old && (pending || (seen && Object.keys(old.stale).length === 0));
    this.items.set(item.id, keep ? { ...old, item } : openItem(item));
  }

  open(id) {
    this.current = id;
    const state = this.items.get(id);
    if (!state) return;
    this.items.set(id, { ...state, ghost: null, group: null });
    this.stage.open(state.item);
    this.parts.people.replaceChildren(...peopleButtons(state.item, (person) => {
      this.visit(person);
      this.focus();
    }));
    this.paint();
    this.focus({ unlessTyping: true });
  }

  // ---- what the annotator does -------------------------------------------------------------

  key(event, stray = false) {
    if (event.isComposing) return;
    if (this.leaving && event.code === "Tab") return;
    const state = this.items.get(this.current);
    const command = commandOf(event, { choosingGroup: state?.group === "choosing" });
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    // Streamlit listens for a bare c and r on the document.
    if (plain || command) event.stopPropagation();
    // Escape that has something to cancel is for that; the next Tab leaves otherwise.
    this.leaving = event.code === "Escape" && !state?.ghost && !state?.group && this.parts.sheet.hidden;
    if (!command || (event.target.closest?.("button") && ["Enter", "Space"].includes(event.code))) return;
    event.preventDefault();
    if (stray) this.focus();
    if (event.repeat && !REPEATING.has(command.do)) return;
    this.obey(command);
  }

  click(event) {
    const choose = event.target.closest("[data-choose]");
    const row = event.target.closest("[data-row]");
    if (choose) {
      const { choose: keypoint, mine } = choose.dataset;
      this.obey({ do: "choose", keypoint: Number(keypoint), mine: mine === "true" });
    } else if (row) this.obey({ do: "pick", keypoint: Number(row.dataset.row) });
    else return;
    this.focus();
  }

  obey(command) {
    if (!this.items.has(this.current)) return undefined; // its labels are on their way
    const own = {
      item: () => this.moveItem(command.by),
      person: () => this.movePerson(command.by),
      visit: () => this.visit(command.id),
      names: () => this.toggle("names"),
      model: () => this.toggle("model"),
      hide: () => this.setHidden(true),
      toggleHidden: () => this.setHidden(!this.show.hidden),
      fit: () => this.stage.toggleFit(),
      zoom: () => this.stage.zoomBy(command.factor),
      sheet: () => (this.parts.sheet.hidden = !this.parts.sheet.hidden),
    }[command.do];
    if (own) return own();
    if (command.do === "escape") this.parts.sheet.hidden = true;
    this.decide(command);
    if (this.leaving) this.parts.note.textContent = "Tab now leaves the editor";
    return undefined;
  }

  decide(command) {
    const before = this.items.get(this.current);
    if (!before) return;
    const step = randomId();
    const { state, edits, undoes } = apply(before, command, step);
    this.items.set(this.current, state);
    if (edits.length > 0) {
      this.sender.post(this.dataset, this.current, { step, undoes, edits });
    }
    this.paint();
  }

  toggle(what) {
    this.show = { ...this.show, [what]: !this.show[what] };
    this.paint();
  }

  setHidden(hidden) {
    if (hidden === this.show.hidden) return;
    this.show = { ...this.show, hidden };
    this.paint();
  }

  moveItem(by) {
    const here = this.order.indexOf(this.current);
    const state = this.items.get(this.current);
    const to = here < 0 ? this.order[0] : this.order[here + by];
    if (to === undefined) {
      this.items.set(this.current, { ...state, note: by > 0 ? "The last item" : "The first item" });
      return this.paint();
    }
    return this.visit(to);
  }

  movePerson(by) {
    const { persons } = this.items.get(this.current).item;
    const here = persons.indexOf(this.current);
    if (persons.length > 1) this.visit(persons[(here + by + persons.length) % persons.length]);
  }

  visit(id) {
    if (id === this.current || !this.items.has(id)) return;
    this.open(id);
    this.sender.schedule();
  }

  /** Start from the labels as they are on disk. */
  reload() {
    this.items.clear();
    Object.assign(this, { have: null, current: null });
    this.sender.flush();
  }

  // ---- painting ----------------------------------------------------------------------------

  paint() {
    const state = this.items.get(this.current);
    this.sender.paint();
    if (!state) return;
    this.stage.draw(state, this.show);
    this.root.classList.toggle("overlay-hidden", this.show.hidden);
    for (const [name, button] of Object.entries(this.parts.toggleButtons)) {
      button.setAttribute("aria-pressed", String(this.show[name]));
    }
    this.parts.list.replaceChildren(...rows(state));
    this.parts.list.children[state.active]?.scrollIntoView({ block: "nearest" });
    this.parts.details.replaceChildren(...detail(state));
    this.parts.note.textContent = state.note || state.item.why;
    const here = this.order.indexOf(this.current);
    this.parts.position.textContent = here < 0 ? "–" : `photo ${state.item.place} / ${this.total}`;
    this.root.dataset.item = this.current;
    this.root.dataset.active = state.active;
  }

  focus({ unlessTyping = false } = {}) {
    const typing = document.activeElement?.closest("input, textarea, select, [contenteditable]");
    if (!(unlessTyping && typing)) this.parts.stageHost.focus({ preventScroll: true });
  }
}
