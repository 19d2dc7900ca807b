// The persons and photos the editor has, each person with its state. A person on screen, or with
// work under way, is never opened anew from what Python sends.

import { settle } from "./decisions.js";
import { openItem, replay } from "./item.js";

const MOST_LOADED = 150; // persons kept beyond those near the one on screen

export class Loaded {
  /** `on` has pending(id), the steps of a person not yet on disk, and refused(id), see refusals.js. */
  constructor(on, clock) {
    Object.assign(this, { on, clock, states: new Map(), photos: new Map() });
  }

  has(id) {
    return this.states.has(id);
  }

  get(id) {
    return this.states.get(id);
  }

  set(id, state) {
    this.states.set(id, state);
  }

  photoOf(id) {
    return this.photos.get(this.states.get(id)?.item.image);
  }

  takePhotos(photos) {
    for (const [id, photo] of Object.entries(photos)) {
      const people = photo.people.map((person) => (
        { ...person, points: person.points.map(([x, y, v]) => ({ x, y, v })) }));
      this.photos.set(Number(id), { ...photo, people });
    }
  }

  /**
   * `open`: it is on screen. `anew`: Python put something on screen, perhaps
   * with another run's opinion.
   */
  takeItem(item, { open, anew }) {
    const old = this.states.get(item.id);
    const pending = this.on.pending(item.id);
    // Told before what was decided here since: an old answer sent once more.
    const outdated = old?.points.some((point, k) => point.revision > item.revisions[k]);
    if (old && !anew && (open || pending.length > 0 || outdated)) {
      const { held_by } = item;
      if (held_by !== old.item.held_by) this.states.set(item.id, { ...old, item: { ...old.item, held_by } });
      return;
    }
    const seen = old?.points.every((point, k) => point.revision === item.revisions[k]);
    const keep = old && (pending.length > 0 || (seen && Object.keys(old.stale).length === 0));
    this.states.set(item.id, keep ? { ...old, item } : this.open(item, pending));
  }

  open(item, pending) {
    const state = replay(openItem(item), pending, new Date(this.clock.now()).toISOString());
    const stale = this.on.refused(item.id);
    const { revisions } = item;
    return stale.length === 0 ? state : settle(state, { revisions, stale, saved: new Set() });
  }

  /** The answer to one person's edits; false where the person is not loaded. */
  settle({ item, revisions, stale, saved }) {
    const state = this.states.get(item);
    if (!state) return false;
    this.states.set(item, settle(state, { revisions, stale, saved }));
    return true;
  }

  /** The others on a person's photo with their labels as they are now: [{id, points}]. */
  others(id) {
    return this.photoOf(id).people
      .filter((person) => person.id !== id)
      .map(({ id: other, points }) => ({ id: other, points: this.states.get(other)?.points ?? points }));
  }

  /** Forget those loaded long ago, but `near` and what is not settled. */
  prune(near) {
    for (const [id, { stale }] of this.states) {
      if (this.states.size <= near.size + MOST_LOADED) break;
      const busy = this.on.pending(id).length > 0 || Object.keys(stale).length > 0;
      if (!near.has(id) && !busy) this.states.delete(id);
    }
    const used = new Set([...this.states.values()].map(({ item }) => item.image));
    for (const image of this.photos.keys()) if (!used.has(image)) this.photos.delete(image);
  }
}
