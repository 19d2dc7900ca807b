// New elements. Text from files reaches the page through textContent alone, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/** A new SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

/** A new HTML element; `on...` are handlers, false leaves an attribute out. */
export function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node[name] = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

/** A button; `name` tells it from others, so that the focus survives a redraw. */
export function button(name, words, onclick, attributes = {}) {
  return html("button", { type: "button", "data-name": name, onclick, ...attributes }, words);
}

/** A list to choose from: options as [value, words]. */
export function choice(name, label, options, value, onchange) {
  const select = html("select", { "data-name": name, "aria-label": label });
  for (const [each, words] of options) {
    select.append(html("option", { value: each, selected: each === value }, words));
  }
  select.onchange = () => onchange(select.value);
  return select;
}

/** A checkbox with its words. */
export function checkbox(name, words, checked, onchange) {
  const input = html("input", { type: "checkbox", "data-name": name });
  input.checked = checked;
  input.onchange = () => onchange(input.checked);
  return html("label", {}, input, words);
}

/** A slider in 0..1 that shows its value; `oninput` hears every step of it. */
export function slider(name, words, value, oninput, title = "") {
  const range = { type: "range", min: 0, max: 1, step: 0.01, "data-name": name };
  const input = html("input", { ...range, value, "aria-label": words });
  const shown = html("output", {}, value.toFixed(2));
  input.oninput = () => {
    shown.textContent = Number(input.value).toFixed(2);
    oninput(Number(input.value));
  };
  return html("label", { class: "slider", title }, html("span", {}, words), input, shown);
}

/** New children; who had the focus has it again, if it is still there. */
export function replace(parent, ...children) {
  const active = parent.getRootNode().activeElement;
  const name = parent.contains(active) ? active.dataset.name : undefined;
  parent.replaceChildren(...children);
  if (name) parent.querySelector(`[data-name="${CSS.escape(name)}"]`)?.focus();
}
