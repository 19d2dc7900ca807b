// The strip below the photo: the item on screen and those that come next, each cut to its person.

import { button, html } from "./elements.js";
import { fit, personRect } from "./geometry.js";
import { svg } from "./glyph.js";
import { modelPlace, nameOf } from "./item.js";

const SIZE = { w: 84, h: 74 }; // screen pixels of a picture
const NAMED = { w: 84, h: 58 }; // with the name of a keypoint below

export class Strip {
  /** `visit` hears the place that was clicked. */
  constructor(host, visit) {
    Object.assign(this, { host, visit, shown: null });
  }

  /** `coming` as queue.js gives it; `find` gives {item, photo} of a person, or null. */
  paint(coming, find) {
    const key = JSON.stringify(coming.map(({ entry, current }) => [entry.id, entry.keypoint, entry.why, current, Boolean(find(entry.id))]));
    if (key === this.shown) return;
    this.shown = key;
    this.host.replaceChildren(...coming.map((each) => this.button(each, find(each.entry.id))));
    this.loadLater();
  }

  button({ entry, current }, found) {
    const name = entry.keypoint === null || !found ? "" : nameOf(found.item, entry.keypoint);
    const said = [current ? "this item" : "go to", name, entry.why].filter(Boolean).join(": ");
    const children = [found ? picture(found, entry.keypoint) : html("span", { class: "empty" }, ["…"])];
    if (name) children.push(html("span", { class: "caption" }, [name]));
    const about = { class: "coming", "aria-label": said, ...(current ? { "aria-current": "true" } : {}) };
    const element = button("", entry.why, () => this.visit({ id: entry.id, keypoint: entry.keypoint }), about);
    element.replaceChildren(...children);
    return element;
  }

  /** After the photo on screen, which must not wait for them. */
  loadLater() {
    const idle = window.requestIdleCallback ?? ((go) => setTimeout(go, 50));
    idle(() => {
      for (const image of this.host.querySelectorAll("[data-src]")) {
        image.setAttribute("href", image.dataset.src);
        delete image.dataset.src;
      }
    });
  }
}

function picture({ item, photo }, keypoint) {
  const size = keypoint === null ? SIZE : NAMED;
  const { x, y, w, h } = fit(personRect(item, photo), size, photo, 0.08);
  const image = svg("image", {
    width: photo.w, height: photo.h, preserveAspectRatio: "none", "data-src": photo.thumb || photo.url,
  });
  const about = { viewBox: `${x} ${y} ${w} ${h}`, "aria-hidden": "true", width: size.w, height: size.h };
  return svg("svg", about, [image, ...mark(item, keypoint, w / size.w)]);
}

/** Where the keypoint is that the item asks about; `unit` image pixels are one of the screen. */
function mark(item, keypoint, unit) {
  if (keypoint === null) return [];
  const [x, y, v] = item.current[keypoint];
  const place = v > 0 ? { x, y } : modelPlace(item, keypoint);
  if (!place) return [];
  const circle = (kind) => svg("circle", { class: kind, cx: place.x, cy: place.y, r: 7 * unit });
  return [circle("spot under"), circle("spot")];
}
