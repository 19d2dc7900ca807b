// The strip below the photo: the item on screen and those that come next, each cut to its person.

import { button, html } from "./elements.js";
import { fit, personRect } from "./geometry.js";
import { svg } from "./glyph.js";
import { nameOf } from "./item.js";

const SIZE = { w: 96, h: 62 }; // screen pixels of a picture

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
    const children = [found ? picture(found) : html("span", { class: "empty" }, ["…"])];
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

function picture({ item, photo }) {
  const { x, y, w, h } = fit(personRect(item, photo), SIZE, photo, 0.08);
  const image = svg("image", {
    width: photo.w, height: photo.h, preserveAspectRatio: "none", "data-src": photo.thumb || photo.url,
  });
  return svg("svg", { viewBox: `${x} ${y} ${w} ${h}`, "aria-hidden": "true", width: SIZE.w, height: SIZE.h }, [image]);
}
