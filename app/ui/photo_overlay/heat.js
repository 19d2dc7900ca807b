// The heat map of one keypoint over the photo. Python sends all maps of a person once, as one grey
// picture, one below the other; another keypoint is then cut out of it without asking anybody.

import { svg } from "./elements.js";

// From nothing over violet and orange to pale yellow: seen on dark and on bright photos alike.
const RAMP = [[0, 0, 4], [87, 16, 110], [188, 55, 84], [249, 142, 9], [252, 255, 164]];

/** 256 x RGBA: the colour of every grey of a map; the higher, the less one sees through it. */
export function heatColours() {
  const table = new Uint8ClampedArray(256 * 4);
  for (let grey = 0; grey < 256; grey += 1) {
    const place = (grey / 255) * (RAMP.length - 1);
    const below = Math.min(Math.floor(place), RAMP.length - 2);
    const mixed = RAMP[below].map((from, i) => from + (RAMP[below + 1][i] - from) * (place - below));
    table.set([...mixed, 255 * Math.sqrt(grey / 255)], grey * 4);
  }
  return table;
}

/** The coloured pixels of one map: RGBA of greys, which stand in the first of every four. */
export function coloured(pixels, table) {
  const out = new Uint8ClampedArray(pixels.length);
  for (let at = 0; at < pixels.length; at += 4) {
    out.set(table.subarray(pixels[at] * 4, pixels[at] * 4 + 4), at);
  }
  return out;
}

/** SVG's matrix() of a 2 x 3 affine given as rows. */
export function matrixOf([[a, c, e], [b, d, f]]) {
  return `matrix(${[a, b, c, d, e, f].join(" ")})`;
}

/** The maps of one person, decoded; `element(keypoint)` is ready when `loaded` has resolved. */
export class HeatMaps {
  constructor(told) {
    this.told = told;
    this.drawn = new Map(); // keypoint -> data URL
    this.picture = new Image();
    this.picture.src = told.url;
    this.loaded = this.picture.decode();
  }

  element(keypoint) {
    const [width, height] = this.told.size;
    if (!this.drawn.has(keypoint)) this.drawn.set(keypoint, this.cut(keypoint, width, height));
    // The middle of a map's first pixel is at 0, 0.
    const place = { x: -0.5, y: -0.5, width, height, preserveAspectRatio: "none" };
    const look = { class: "heat", transform: matrixOf(this.told.matrix) };
    return svg("image", { ...place, ...look, href: this.drawn.get(keypoint) });
  }

  cut(keypoint, width, height) {
    const canvas = document.createElement("canvas");
    Object.assign(canvas, { width, height });
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.drawImage(this.picture, 0, -keypoint * height);
    const { data } = context.getImageData(0, 0, width, height);
    context.putImageData(new ImageData(coloured(data, heatColours()), width, height), 0, 0);
    return canvas.toDataURL();
  }
}
