import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { KEY_SHEET } from "../../../../app/ui/keypoint_canvas/keys.js";

const page = readFileSync(new URL("../../../../docs/keys.md", import.meta.url), "utf8");

test("docs/keys.md has every line of the key sheet, in its order, and no other", () => {
  const rows = page.split("\n")
    .map((line) => /^\| `(.+)` \| (.+) \|$/.exec(line))
    .filter(Boolean)
    .map(([, keys, words]) => [keys, words]);
  assert.deepEqual(rows, KEY_SHEET);
});
