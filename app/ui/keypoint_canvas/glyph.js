// The shapes of the three flags, alike wherever labels are drawn. Every flag has a shape of its
// own, not only a colour; the colours are in glyph.css.

const SVG = "http://www.w3.org/2000/svg";

/** A new SVG element with attributes; children may be elements. */
export function svg(tag, attributes = {}, children = []) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The glyph of a flag, centred on 0,0, in screen pixels: disc, ring with a dot, cross; `thin` ones are smaller. */
export function glyph(flag, { thin = false } = {}) {
  const kind = `glyph v${flag}${thin ? " thin" : ""}`;
  if (flag === 0) return svg("path", { class: kind, d: "M-4.5-4.5 4.5 4.5M-4.5 4.5 4.5-4.5" });
  if (flag === 2) return svg("circle", { class: kind, r: thin ? 3.2 : 5.5 });
  const ring = svg("circle", { r: thin ? 4 : 5.5 });
  return svg("g", { class: kind }, [ring, svg("circle", { class: "dot", r: thin ? 1.2 : 1.6 })]);
}
