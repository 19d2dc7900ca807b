// The key sheet: a modal dialog, so that the focus stays inside and comes back.

import { button, html } from "./elements.js";
import { KEY_SHEET } from "./keys.js";

/** The closed sheet; `onClose` is called whichever way it closes. */
export function buildSheet(id, onClose) {
  const lines = KEY_SHEET.flatMap(([keys, words]) => [
    html("dt", {}, [keys]), html("dd", {}, [words]),
  ]);
  const sheet = html("dialog", { class: "sheet", "aria-labelledby": id }, [
    html("h3", { id }, ["Keys"]),
    html("dl", {}, lines),
    button("Close", "close (Esc)", () => sheet.close(), { autofocus: "" }),
  ]);
  sheet.addEventListener("close", onClose);
  sheet.addEventListener("click", (event) => event.target === sheet && sheet.close()); // beside it
  sheet.addEventListener("keydown", (event) => {
    event.stopPropagation(); // its keys decide nothing
    if (event.key === "?") sheet.close();
  });
  return sheet;
}
