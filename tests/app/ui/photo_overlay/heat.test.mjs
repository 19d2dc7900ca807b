import assert from "node:assert/strict";
import { test } from "node:test";
import { coloured, heatColours, matrixOf } from "../../../../app/ui/photo_overlay/heat.js";

test("nothing is clear, and the higher a value the less one sees through it", () => {
  const table = heatColours();
  assert.equal(table.length, 1024);
  assert.equal(table[3], 0);
  assert.deepEqual([...table.subarray(1020)], [252, 255, 164, 255]);
  for (let grey = 1; grey < 256; grey += 1) assert.ok(table[grey * 4 + 3] >= table[grey * 4 - 1]);
});

test("every grey gets its colour", () => {
  const table = heatColours();
  const pixels = new Uint8ClampedArray([0, 0, 0, 255, 255, 255, 255, 255]);
  assert.deepEqual([...coloured(pixels, table)], [...table.subarray(0, 4), ...table.subarray(1020)]);
});

test("an affine given as rows becomes SVG's matrix, which is given as columns", () => {
  assert.equal(matrixOf([[1, 2, 3], [4, 5, 6]]), "matrix(1 4 2 5 3 6)");
});
