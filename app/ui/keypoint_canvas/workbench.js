// Everything the editor knows: where one is, the persons loaded, the undo log, what is waited for.
// It neither draws nor sends: `on` hears of what must be posted, asked for or shown anew.

import { apply } from "./decisions.js";
import { turnTo } from "./item.js";
import { Loaded } from "./loaded.js";
import { personBeside, samePlace } from "./queue.js";
import { rewind } from "./rewind.js";
import { isChoosingGroup, typed, waitFor } from "./type_ahead.js";
import { emptyLog, next, passed, record, refuse, take, wanted } from "./undo_log.js";
import { partOf, sameView, viewOf } from "./view.js";
import { Whereabouts } from "./whereabouts.js";

const DECISIONS = new Set(["set", "accept", "keep", "unsure", "nudge", "choose"]);
const LOOK_UP_MS = 600; // keys already in the fingers were meant for the item before
const LAST = "The last item";
const FIRST = "The first item";

export class Workbench {
  /**
   * `on` has post(item, {step, undoes, edits}), ask() for a message to Python, opened() when
   * another item is on screen, pending(id) for the steps of a person not yet on disk, refused(id)
   * for its keypoints still to be chosen, chosen(id, keypoint) when one was. `clock` has now(), in
   * milliseconds, and id() for a new step.
   */
  constructor(on, clock) {
    Object.assign(this, { on, clock, reset: null, view: null });
    this.clear();
  }

  newStep() {
    return { id: this.clock.id(), at: new Date(this.clock.now()).toISOString() };
  }

  /** Forget every label; where one was is asked of Python. */
  clear() {
    Object.assign(this, {
      people: new Loaded(this.on, this.clock),
      whereabouts: new Whereabouts(),
      handedOut: false, // current came by going on, not because it was asked for
      stayed: false, // where Python put something on screen that was left meanwhile
      ended: false, // the queue's last keypoint was decided: a further flag is meant for another
      heardAt: -Infinity, // ms
      deafUntil: 0, // ms; after an item one did not ask for
      waiting: null,
      log: emptyLog(),
      haveLog: null,
      have: null,
    });
  }

  get current() {
    return this.whereabouts.current;
  }

  get state() {
    return this.people.get(this.current?.id);
  }

  get photo() {
    return this.people.photoOf(this.current?.id);
  }

  /** Why the item on screen is in the queue; for another person of the photo, what it is. */
  get why() {
    return this.whereabouts.why ?? this.state.item.why;
  }

  /** What a message to Python says beside the snapshots. */
  where() {
    const goal = this.waiting?.goal ?? {};
    const asked = goal.place ?? goal.anchor;
    const { id = null, keypoint = null } = asked ?? this.current ?? {};
    const handedOut = asked ? Boolean(goal.handedOut) : this.handedOut;
    return {
      have: this.have,
      haveUndo: this.haveLog,
      older: wanted(this.log),
      at: {
        dataset: this.view?.dataset ?? null, item: id, keypoint, reset: this.reset,
        handed_out: handedOut,
      },
    };
  }

  isChoosingGroup() {
    return this.waiting ? isChoosingGroup(this.waiting) : this.state?.group === "choosing";
  }

  say(note) {
    if (this.state) this.people.set(this.current.id, { ...this.state, note });
  }

  // ---- what the annotator does -------------------------------------------------------------

  obey(command) {
    if (!this.state) return;
    if (DECISIONS.has(command.do) && this.clock.now() < this.deafUntil) return;
    this.heardAt = this.clock.now();
    if (!this.waiting) this.perform(command);
    else if (command.do === "escape") this.stopWaiting("Stayed here; what was typed ahead is dropped");
    else this.waiting = typed(this.waiting, command);
  }

  perform(command) {
    const own = {
      item: () => this.moveItem(command.by),
      person: () => this.movePerson(command.by),
      visit: () => this.visit(command),
      undo: () => this.rewind("undo", command.step),
      redo: () => this.rewind("redo", command.step),
    }[command.do];
    if (own) own();
    else this.decide(command);
  }

  decide(command) {
    if (this.ended && DECISIONS.has(command.do) && !command.stay) {
      this.say(`${LAST}: it is decided. ← goes back, Shift and a digit decides it again`);
      return;
    }
    this.ended = false;
    const before = this.state;
    const step = this.newStep();
    const { state, edits, entry, goOn } = apply(this.state, command, step);
    this.people.set(this.current.id, state);
    if (entry) {
      this.handedOut = false; // whoever else comes, this is being worked on
      this.log = record(this.log, { ...entry, place: this.current });
      this.on.post(state.item, { step: step.id, undoes: null, edits });
    }
    for (const keypoint of Object.keys(before.stale)) {
      if (!(keypoint in state.stale)) this.on.chosen(this.current.id, Number(keypoint));
    }
    if (goOn) this.moveItem(1, { decided: true });
  }

  /** `decided`: by the decision of what the item asks. */
  moveItem(by, { decided = false } = {}) {
    const found = this.whereabouts.beyond(this.current, by);
    if (found.place || found.end) this.arrive(found, by, decided);
    else this.wait({ by, from: this.current, decided, anchor: found.ask });
  }

  /** Go to what was found `by` beyond, or say that there is nothing. */
  arrive({ place, end }, by, decided) {
    this.ended = Boolean(end && decided);
    if (end) this.say(by > 0 ? LAST : FIRST);
    else this.goTo(place, { handedOut: by > 0, queued: true });
  }

  movePerson(by) {
    const id = personBeside(this.photo, this.current.id, by);
    if (id === null) this.say("Nobody else is on this photo");
    else this.goTo({ id, keypoint: null });
  }

  visit({ id, keypoint = null }) {
    const place = { id, keypoint };
    this.goTo(place, { queued: this.whereabouts.holds(place) });
  }

  /** Put an item on screen, as soon as it is loaded; then what is to be done there. */
  goTo(place, { handedOut = false, queued = false, then = [] } = {}) {
    if (samePlace(place, this.current)) return;
    if (this.people.has(place.id)) {
      this.open(place, { handedOut, queued });
      for (const command of then) this.perform(command);
    } else this.wait({ place, handedOut, queued }, then);
  }

  wait(goal, commands = []) {
    this.waiting = waitFor(goal, commands);
    if (goal.place ?? goal.anchor) this.whereabouts.asked.push(goal.place ?? goal.anchor);
    this.on.ask();
  }

  stopWaiting(note) {
    const typedAhead = this.waiting.commands.some(({ own }) => !own);
    this.waiting = null;
    this.say(typedAhead ? note : "");
    this.on.ask();
  }

  open(place, { handedOut, queued }) {
    this.whereabouts.open(place, queued);
    Object.assign(this, { handedOut, ended: false });
    this.people.set(place.id, turnTo(this.people.get(place.id), place.keypoint));
    this.on.opened();
    this.on.ask();
  }

  /** Have the place on screen told anew, with the progress and who else is there. */
  refresh() {
    this.have = null;
    this.on.ask();
  }

  // ---- undo --------------------------------------------------------------------------------

  /** `step`: of the entry it was asked for, where that was waited for. */
  rewind(kind, step) {
    const entry = next(this.log, kind);
    if (step && entry?.step !== step) {
      this.say(`Could not ${kind}: that step was refused meanwhile`);
      return;
    }
    if (!entry) {
      const maybe = !this.log.known || (kind === "undo" && wanted(this.log) !== null);
      if (maybe) this.wait({ log: true }, [{ do: kind, own: true }]);
      else this.say(`Nothing to ${kind}`);
      return;
    }
    const place = this.placeOf(entry);
    if (!samePlace(place, this.current)) {
      const then = [{ do: kind, step: entry.step, own: true }];
      this.goTo(place, { queued: place.keypoint !== null, then });
      return;
    }
    const made = this.newStep();
    const { state, edits, changes } = rewind(this.state, entry, kind, made);
    this.people.set(this.current.id, state);
    this.log = passed(this.log, kind, changes);
    this.ended = false;
    if (edits.length > 0) {
      this.handedOut = false;
      this.on.post(state.item, { step: made.id, undoes: entry.step, edits });
    }
    if (wanted(this.log) !== null) this.on.ask();
  }

  /** Where an entry is taken back: where it was decided, so that the queue goes on from there. */
  placeOf({ item, changes, place }) {
    if (this.view.unit !== "keypoints") return { id: item, keypoint: null };
    return place ?? { id: item, keypoint: changes[0].keypoint };
  }

  // ---- what Python sends -------------------------------------------------------------------

  takeWindow(shown) {
    const view = viewOf(shown);
    if (!sameView(view, this.view)) {
      this.clear();
      this.logFrom = shown.reset; // an undo log made before is of another view
    }
    this.view = view;
    const anew = shown.reset !== this.reset || this.stayed;
    this.people.takePhotos(shown.photos);
    for (const item of shown.items) this.takeItem(item, anew);
    this.have = shown.n;
    const skipped = !anew && this.current && this.whereabouts.isElsewhere(shown.current);
    const left = this.whereabouts.hasLeft(shown.current);
    this.whereabouts.take(partOf(shown));
    if (anew && left) this.stay(shown.reset);
    else if (anew || !this.current) this.moveTo(shown.current, shown.reset);
    else if (skipped) this.skipTo(shown.current);
    this.whereabouts.agree(shown.current);
    const near = [this.current, ...this.whereabouts.part.order, ...this.photo.people].map(({ id }) => id);
    this.people.prune(new Set(near));
    this.resume();
  }

  /** Python shows again where one was when it heard last, as a server begun anew does. */
  stay(reset) {
    Object.assign(this, { reset, stayed: true });
    this.on.ask();
  }

  /** Python put an item on screen: another view, a link, or a server that began anew. */
  moveTo(place, reset) {
    const dropped = this.waiting?.commands.some(({ own }) => !own);
    const here = samePlace(place, this.current);
    const asked = here && this.stayed;
    Object.assign(this, { reset, stayed: false });
    if (asked) return;
    const typing = this.clock.now() - this.heardAt < LOOK_UP_MS;
    if (!here && typing) this.deafUntil = this.clock.now() + LOOK_UP_MS;
    this.waiting = null;
    this.open(place, { handedOut: this.handedOut && here, queued: true });
    if (dropped) this.say("What was typed ahead is dropped: something else was opened");
  }

  /** Somebody else was quicker: the item handed out is theirs, unless work on it has begun here. */
  skipTo(place) {
    const goal = this.waiting?.goal;
    const begun = !(goal?.place ? goal.handedOut : this.handedOut);
    if (begun || !this.people.has(place.id)) {
      this.on.ask(); // it is asked for now
      return;
    }
    const dropped = this.waiting?.commands.some(({ own }) => !own);
    this.waiting = null;
    this.open(place, { handedOut: true, queued: true });
    const lost = dropped ? "; what was typed ahead is dropped" : "";
    this.say(`Somebody else is on the one before: this is the next${lost}`);
    this.deafUntil = this.clock.now() + LOOK_UP_MS;
  }

  takeItem(sent, anew) {
    const { dataset, annotator } = this.view;
    const photo = this.people.photos.get(sent.image);
    const open = sent.id === this.current?.id;
    this.people.takeItem({ ...sent, dataset, annotator, photo }, { open, anew });
  }

  /** An acknowledgement of one person's edits; false where the person is not loaded. */
  settle({ item, revisions, stale, saved }) {
    if (stale.length > 0) this.log = refuse(this.log, item, stale);
    return this.people.settle({ item, revisions, stale, saved });
  }

  takeLog(told) {
    if (!this.view || told.n === this.haveLog || told.reset < this.logFrom) return;
    this.haveLog = told.n;
    if (told.before === null || this.log.known) this.log = take(this.log, told);
    this.resume();
    this.on.ask();
  }

  /** Go on with what was typed ahead, if what it waits for is there. */
  resume() {
    if (!this.waiting) return;
    const { goal, commands } = this.waiting;
    const found = this.found(goal);
    if (!found) return;
    this.waiting = null;
    if (found.gone) this.moveItem(goal.by, goal);
    else if (goal.by) this.arrive(found, goal.by, goal.decided);
    else if (goal.place && !samePlace(goal.place, this.current)) this.open(goal.place, goal);
    if (found.end) this.drop(commands);
    else commands.forEach((command) => this.obey(command));
  }

  /** What is waited for, if it is there; else null. */
  found({ by, from, anchor, place, log }) {
    if (log) return this.log.known && (this.log.done.length > 0 || wanted(this.log) === null) ? {} : null;
    if (place) return this.people.has(place.id) ? { place } : null;
    const found = anchor ? this.whereabouts.beyondAnchor(anchor, by) : this.whereabouts.beyond(from, by);
    const there = found.end || found.gone || found.ask || this.people.has(found.place?.id);
    return there ? { ...found, gone: found.gone || Boolean(found.ask) } : null;
  }

  /** What was typed for an item that is not there. */
  drop(commands) {
    if (commands.length > 0) this.say(`${this.state.note}; what was typed ahead is dropped`);
  }
}
