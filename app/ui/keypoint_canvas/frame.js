// The elements round the stage: buttons above, the strip below, the column of keypoints beside.

import { button as plainButton, html } from "./elements.js";
import { onPhoto } from "./queue.js";
import { buildSheet } from "./sheet.js";
import { count } from "./words.js";

let editors = 0;

/** The editor's elements by name; `press` hears the command of a button. */
export function buildFrame(press, onSheetClosed) {
  editors += 1;
  const id = (name) => `keypoint-editor-${editors}-${name}`;
  const parts = { rowPrefix: id("row") };
  const part = (tag, name, attributes = {}, children = []) =>
    (parts[name] = html(tag, { class: name, ...attributes }, children));
  const button = (words, title, command, attributes = {}) =>
    plainButton(words, title, () => press(command), attributes);
  parts.toggleButtons = {
    names: button("Names", "names of the keypoints (J)", { do: "names" }),
    model: button("Model", "what the model says (M)", { do: "model" }),
    hidden: button("Hide", "hide the overlay (H, held)", { do: "toggleHidden" }),
  };
  parts.undo = button("Undo", "", { do: "undo" }, { "aria-keyshortcuts": "Control+Z" });
  parts.redo = button("Redo", "", { do: "redo" }, { "aria-keyshortcuts": "Control+Shift+Z" });
  const top = html("div", { class: "top" }, [
    html("div", { class: "moves" }, [
      button("←", "previous item (←)", { do: "item", by: -1 }, { "aria-label": "previous item" }),
      part("span", "position"),
      button("→", "next item (→)", { do: "item", by: 1 }, { "aria-label": "next item" }),
    ]),
    part("div", "people"),
    html("div", { class: "toggles" }, [
      ...Object.values(parts.toggleButtons),
      button("?", "all keys (?)", { do: "sheet" }, { "aria-label": "all keys" }),
    ]),
  ]);
  const left = html("div", { class: "left" }, [
    part("div", "stageHost", {
      tabindex: "0", role: "application", "aria-roledescription": "keypoint editor",
      "aria-label": "Keypoint editor: 0, 1, 2 set the flag, ? shows all keys, Escape then Tab leaves",
    }),
    html("div", { class: "below" }, [part("span", "note"), part("span", "held")]),
    part("div", "strip", { role: "group", "aria-label": "This item and the next" }),
  ]);
  const side = html("aside", { class: "side", "aria-label": "Keypoints of this person" }, [
    part("div", "progress"),
    html("div", { class: "keeping" }, [part("span", "saved"), parts.undo, parts.redo]),
    part("div", "trouble", { hidden: "" }, [
      part("span", "refused"),
      part("button", "goThere", { type: "button" }, ["Go there"]),
      part("button", "discard", { type: "button" }, ["Discard what is not saved"]),
    ]),
    part("div", "list", { role: "listbox", tabindex: "0", "aria-label": "Keypoints" }),
    part("div", "details"),
  ]);
  parts.sheet = buildSheet(id("keys"), onSheetClosed);
  parts.root = html("div", { class: "editor" }, [
    top, html("div", { class: "body" }, [left, side]), parts.sheet,
    part("div", "aloud", { role: "status" }),
    part("div", "savedAloud", { role: "status" }),
  ]);
  parts.style = html("link", {
    rel: "stylesheet", href: new URL("editor.css", import.meta.url).href,
  });
  return parts;
}

/** Name of the photo and a button per person on it; `visit` hears the annotation id. */
export function peopleButtons(photo, current, visit) {
  const chip = ({ id }, n) => plainButton(String(n + 1), `annotation ${id}`, () => visit(id), {
    "aria-pressed": String(id === current), "aria-label": `person ${n + 1} of the photo`,
  });
  const words = `${photo.title} · photo ${count(photo.place)} / ${count(photo.total)}`;
  const title = html("span", { class: "title", title: words }, [words]);
  const people = onPhoto(photo, current);
  return [title, ...(people.length > 1 ? people.map(chip) : [])];
}
