// Shows one photo with the keypoints of its persons; read-only. Everything that only changes what
// is looked at (person, names, threshold ...) happens here, without asking the server.
// Text from files reaches the page through textContent alone.

// Uses the functions of marks.js, which stand before this text in the browser.

const SVG = "http://www.w3.org/2000/svg";
const GLYPH_PX = 5; // radius on the screen, whatever the zoom; see glyphScale
const FLAG_WORDS = ["not labelled", "hidden", "visible"];
const RUN_HEADS = [
  ["model", "the flag the model finds likeliest"],
  ...FLAG_WORDS.map((words, flag) => [`p${flag}`, `the model's probability of: ${words}`]),
  ["heat", "height of the heat map's peak: higher, surer of the place"],
];

// ---- drawing -------------------------------------------------------------------------------

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node[name] = value;
    else if (value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

function glyph(flag) {
  const r = GLYPH_PX;
  if (flag === 2) return [svg("circle", { r, class: "outline" }), svg("circle", { r, class: "v2" })];
  if (flag === 1) {
    const ring = { r, fill: "none" };
    return [
      svg("circle", { ...ring, class: "outline" }),
      svg("circle", { ...ring, class: "v1" }),
      svg("circle", { r: 1.6, class: "v1 dot" }),
    ];
  }
  const d = "M-4,-4L4,4M-4,4L4,-4";
  return [svg("path", { d, class: "outline" }), svg("path", { d, class: "v0" })];
}

function glyphIcon(flag) {
  const title = svg("title");
  title.textContent = `${flag}: ${FLAG_WORDS[flag]}`;
  return svg("svg", { viewBox: "-7 -7 14 14", class: "icon" }, title, ...glyph(flag));
}

function drawKeypoint(view, person, index) {
  const keypoint = person.keypoints[index];
  const place = mark(keypoint, view.layer);
  if (!place || !passes(keypoint, view)) return null;
  const children = glyph(place.flag);
  if (disagrees(keypoint, view.layer)) {
    children.unshift(svg("circle", { r: GLYPH_PX + 4, class: "halo" }));
  }
  children.push(svg("circle", { r: GLYPH_PX + 5, class: "hit" }));
  const name = svg("text", { x: GLYPH_PX + 4, y: 4, class: "name" });
  name.textContent = keypoint.name;
  children.push(name);
  const group = svg("g", { class: "keypoint", "data-k": index }, ...children);
  group.setAttribute("data-at", `${place.x} ${place.y}`);
  return group;
}

function drawEdges(view, person, edges) {
  return edges.flatMap(([a, b]) => {
    const ends = [person.keypoints[a], person.keypoints[b]];
    const marks = ends.map((keypoint) => keypoint && mark(keypoint, view.layer));
    const shown = marks.every((m, i) => m && !m.absent && passes(ends[i], view));
    if (!shown) return [];
    const unseen = marks.some((m) => m.flag !== 2);
    const [from, to] = marks;
    const line = { x1: from.x, y1: from.y, x2: to.x, y2: to.y };
    return [svg("line", { ...line, class: unseen ? "edge unseen" : "edge" })];
  });
}

function drawPerson(view, person) {
  const chosen = person.id === view.person;
  const group = svg("g", { class: chosen ? "person chosen" : "person", "data-person": person.id });
  if (person.box) {
    const [x, y, width, height] = person.box;
    group.append(svg("rect", { x, y, width, height, class: "box" }));
  }
  group.append(...drawEdges(view, person, view.data.edges[person.category] ?? []));
  person.keypoints.forEach((_, index) => {
    const node = drawKeypoint(view, person, index);
    if (node) group.append(node);
  });
  group.onclick = () => change(view, { person: person.id });
  group.onpointerover = (event) => highlight(view, event.target.closest(".keypoint"), person);
  group.onpointerout = () => highlight(view, null, person);
  return group;
}

function chosenPerson(view) {
  return view.data.persons.find((person) => person.id === view.person);
}

function drawPhoto(view) {
  const { image, persons } = view.data;
  const person = chosenPerson(view);
  const frame = view.zoom && person ? frameOf(person, image) : [0, 0, image.width, image.height];
  const photo = { href: image.url, width: image.width, height: image.height };
  const picture = svg("image", { ...photo, preserveAspectRatio: "none" });
  let retried = false;
  picture.addEventListener("error", () => {
    if (retried) view.note.textContent = "The photo could not be loaded. Reload the page.";
    else picture.setAttribute("href", `${image.url}&again`);
    retried = true;
  });
  // The chosen person is drawn last, above the others.
  const inOrder = [...persons].sort((a, b) => (a.id === view.person) - (b.id === view.person));
  view.stage.setAttribute("viewBox", frame.join(" "));
  view.stage.style.aspectRatio = `${frame[2]} / ${frame[3]}`;
  view.stage.style.maxWidth = `calc(72vh * ${frame[2] / frame[3]})`;
  if (view.picture?.getAttribute("href") !== image.url) view.picture = picture;
  view.stage.replaceChildren(view.picture, ...inOrder.map((each) => drawPerson(view, each)));
  view.stage.classList.toggle("names", view.names);
  view.stage.classList.toggle("bare", !view.skeleton);
  view.frame = frame;
  scaleGlyphs(view);
}

// Glyphs keep their size on the screen; only their places are in image pixels.
function scaleGlyphs(view) {
  const width = view.stage.getBoundingClientRect().width;
  if (!width || !view.frame) return;
  for (const group of view.stage.querySelectorAll(".keypoint")) {
    const chosen = group.parentNode.classList.contains("chosen");
    const size = glyphScale(width, chosen);
    const scale = (view.frame[2] / width) * size;
    group.style.setProperty("--size", size);
    group.setAttribute("transform", `translate(${group.dataset.at}) scale(${scale})`);
  }
}

function highlight(view, node, person) {
  view.root.querySelectorAll(".lit").forEach((lit) => lit.classList.remove("lit"));
  if (!node || !person) return;
  node.classList.add("lit");
  const { k } = node.dataset;
  if (person.id !== view.person) return;
  const selector = `[data-person="${person.id}"] [data-k="${k}"], tr[data-k="${k}"]`;
  view.root.querySelectorAll(selector).forEach((twin) => twin.classList.add("lit"));
}

// ---- the panel beside the photo ------------------------------------------------------------

function drawChips(view) {
  const chips = view.data.persons.map((person) =>
    html(
      "button",
      {
        type: "button",
        class: "chip",
        "aria-pressed": String(person.id === view.person),
        title: `annotation ${person.id}`,
        onclick: () => change(view, { person: person.id }),
      },
      person.title,
    ),
  );
  view.chips.replaceChildren(...chips);
}

const number = (value, digits = 2) =>
  value === null || value === undefined ? "–" : value.toFixed(digits);

function cell(...children) {
  return html("td", {}, ...children);
}

function drawRow(view, keypoint, index, columns) {
  const { given, current, predicted } = keypoint;
  const flag = predictedFlag(predicted);
  const cells = [html("th", { scope: "row" }, keypoint.name), cell(glyphIcon(given[2]))];
  if (columns.current) cells.push(cell(glyphIcon(current[2])));
  if (columns.run) {
    const p = predicted?.p ?? [null, null, null];
    cells.push(cell(flag === null ? "–" : glyphIcon(flag)));
    cells.push(...p.map((value) => cell(number(value))), cell(number(predicted?.heat)));
  }
  const row = html("tr", { "data-k": index }, ...cells);
  row.classList.toggle("differs", disagrees(keypoint, view.layer));
  row.onpointerenter = () => highlight(view, row, chosenPerson(view));
  row.onpointerleave = () => highlight(view, null);
  return row;
}

function drawTable(view) {
  const person = chosenPerson(view);
  if (!person?.keypoints.length) {
    const words = person ? "This annotation has no keypoint list." : "No person is labelled here.";
    view.table.replaceChildren(html("caption", {}, words));
    return;
  }
  const columns = { run: view.data.run !== null, current: view.data.changed };
  const heads = [["keypoint", ""], ["given", "flag in the imported file"]];
  if (columns.current) heads.push(["now", "flag after everybody's changes"]);
  if (columns.run) heads.push(...RUN_HEADS);
  const cells = heads.map(([words, title]) => html("th", { scope: "col", title }, words));
  const head = html("tr", {}, ...cells);
  const rows = person.keypoints.map((keypoint, k) => drawRow(view, keypoint, k, columns));
  view.table.replaceChildren(html("thead", {}, head), html("tbody", {}, ...rows));
}

function toggle(view, field, words) {
  const input = html("input", { type: "checkbox" });
  input.checked = view[field];
  input.onchange = () => change(view, { [field]: input.checked });
  return html("label", {}, input, words);
}

function layerButtons(view) {
  const layers = [["given", "given labels"]];
  if (view.data.changed) layers.push(["current", "labels now"]);
  if (view.data.run !== null) layers.push(["predicted", "model"]);
  return html(
    "span",
    { class: "segments", role: "group", "aria-label": "What is drawn" },
    ...layers.map(([layer, words]) => {
      const pressed = String(layer === view.layer);
      const onclick = () => change(view, { layer });
      return html("button", { type: "button", "aria-pressed": pressed, onclick }, words);
    }),
  );
}

function thresholdSlider(view) {
  const select = html("select", { "aria-label": "Score the threshold is on" });
  for (const [value, words] of [["presence", "presence"], ["heat", "heat score"]]) {
    select.append(html("option", { value, selected: value === view.score }, words));
  }
  const range = { type: "range", min: 0, max: 1, step: 0.01, "aria-label": "Threshold" };
  const input = html("input", { ...range, value: view.threshold });
  const shown = html("output", {}, number(view.threshold));
  select.onchange = () => change(view, { score: select.value });
  input.oninput = () => {
    shown.textContent = number(Number(input.value));
    view.threshold = Number(input.value);
    drawPhoto(view);
  };
  return html("label", { class: "threshold" }, select, "at least", input, shown);
}

function drawControls(view) {
  const parts = [
    layerButtons(view),
    toggle(view, "names", "names"),
    toggle(view, "skeleton", "skeleton"),
    toggle(view, "zoom", "zoom to person"),
  ];
  if (view.layer === "predicted") parts.push(thresholdSlider(view));
  view.controls.replaceChildren(...parts);
}

function drawLegend(view) {
  const entry = (icon, words) => html("span", {}, icon, words);
  const halo = svg("circle", { r: 5, class: "halo" });
  const parts = FLAG_WORDS.map((words, flag) => entry(glyphIcon(flag), `${flag} ${words}`)).reverse();
  if (view.data.run !== null) {
    const icon = svg("svg", { viewBox: "-7 -7 14 14", class: "icon" }, halo);
    parts.push(entry(icon, "model disagrees with the label"));
  }
  view.legend.replaceChildren(...parts);
}

// ---- state and life ------------------------------------------------------------------------

function draw(view) {
  drawControls(view);
  drawChips(view);
  drawTable(view);
  drawLegend(view);
  drawPhoto(view);
}

function change(view, fields) {
  Object.assign(view, fields);
  draw(view);
}

function build(root) {
  const stage = svg("svg", { class: "stage", role: "img" });
  const [controls, chips, legend, note] = ["controls", "chips", "legend", "note"].map((name) =>
    html("div", { class: name }),
  );
  note.setAttribute("role", "status");
  const table = html("table");
  const side = html("div", { class: "side" }, chips, html("div", { class: "scroll" }, table));
  const photo = html("div", { class: "photo" }, stage, legend, note);
  root.replaceChildren(controls, html("div", { class: "columns" }, photo, side));
  // Streamlit takes bare c and r anywhere on the page for itself.
  root.onkeydown = (event) => event.stopPropagation();
  const view = { root, stage, controls, chips, legend, note, table, side };
  Object.assign(view, { layer: "given", names: false, skeleton: true, zoom: false });
  Object.assign(view, { score: "presence", threshold: 0, person: null, data: null });
  new ResizeObserver(() => scaleGlyphs(view)).observe(stage);
  return view;
}

const views = new WeakMap();

function show(view, data) {
  const before = view.data;
  view.data = data;
  if (!data.persons.some((person) => person.id === view.person)) {
    view.person = data.person ?? data.persons[0]?.id ?? null;
  }
  // A run just chosen is what one wants to see; without it, nothing of it can be shown.
  if (data.run !== (before?.run ?? null)) view.layer = data.run === null ? "given" : "predicted";
  if (view.layer === "current" && !data.changed) view.layer = "given";
  view.note.textContent = data.image.note;
  view.stage.setAttribute("aria-label", data.image.alt);
  draw(view);
}

export default function (component) {
  const { parentElement, data } = component;
  const root = parentElement.querySelector(".overlay");
  if (!views.has(root)) views.set(root, build(root));
  show(views.get(root), data);
}
