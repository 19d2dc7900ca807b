// Where in the queue the editor is, and what of the queue it knows.

import { comingUp, indexOf, neighbour, samePlace } from "./queue.js";
import { count } from "./words.js";

const MOST_ANCHORS = 20;

export class Whereabouts {
  constructor() {
    Object.assign(this, {
      current: null, // {id, keypoint}: keypoint where the queue asks about one
      part: { order: [], at: null, isFirst: true, isLast: true },
      latest: null, // the part last told, which may be about a place one has left
      anchors: [], // places of the queue that were current, the last at the end
      confirmed: false, // Python has said where current is
      asked: [], // places Python was told of since it last agreed
    });
  }

  /** The last place of the queue that was current, or null. */
  get anchor() {
    return this.anchors.at(-1) ?? null;
  }

  /** The place `by` beyond another; see `neighbour`. */
  beyond(place, by) {
    return neighbour(this.part, place, by, this);
  }

  /**
   * What lies beyond an anchor one has left, from the part last told: as `beyond`, or {gone: true}
   * where the anchor is none of the queue's any more, and from then on none.
   */
  beyondAnchor(anchor, by) {
    const found = neighbour(this.latest, anchor, by, { anchor: null, confirmed: false });
    if (found.place || found.end || !samePlace(this.latest.at, anchor)) return found;
    this.anchors = this.anchors.filter((each) => !samePlace(each, anchor));
    return { gone: true };
  }

  holds(place) {
    return indexOf(this.part, place) >= 0;
  }

  /** `queued`: it is a place of the queue, as far as one can know before Python says so. */
  open(place, queued) {
    const told = samePlace(this.latest?.at, place);
    if (told) this.part = this.latest;
    Object.assign(this, { current: place, confirmed: told });
    if (queued) this.anchors = [...this.anchors.slice(-MOST_ANCHORS), place];
    if (told) this.check();
    this.asked.push(place);
  }

  /** A place that turns out to be none of the queue's is no anchor. */
  check() {
    if (this.holds(this.current)) return;
    this.anchors = this.anchors.filter((anchor) => !samePlace(anchor, this.current));
  }

  /** Take in a part of the queue round `part.at`; what is known stays where one is not in it. */
  take(part) {
    this.latest = part;
    if (samePlace(part.at, this.current) || indexOf(part, this.current) >= 0) this.part = part;
  }

  /** Whether Python is at a place it was never told of: the one asked for was somebody else's. */
  isElsewhere(place) {
    return !samePlace(place, this.current) && !this.asked.some((asked) => samePlace(asked, place));
  }

  /** Whether it is the place Python told of last, and one has gone on since. */
  hasLeft(place) {
    return this.current !== null && samePlace(place, this.latest?.at) && !samePlace(place, this.current);
  }

  agree(place) {
    const at = this.asked.findLastIndex((asked) => samePlace(asked, place));
    this.asked = this.asked.slice(Math.max(at, 0));
    if (!samePlace(place, this.current)) return;
    this.confirmed = true;
    this.check();
  }

  /** What the strip shows. */
  get coming() {
    return comingUp(this.part, this.current, this);
  }

  /** Why the item on screen is in the queue; nothing for another person. */
  get why() {
    return this.part.order[indexOf(this.part, this.current)]?.why;
  }

  /** Where in the queue one is: "12 / 412". */
  get words() {
    const { place, at, total } = this.part;
    const [there, here] = [indexOf(this.part, at), indexOf(this.part, this.current)];
    if (place === null || there < 0 || here < 0) return "–";
    return `${count(place + here - there)} / ${count(total)}`;
  }
}
