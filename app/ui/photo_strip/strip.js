// A row of small photos; a click asks the server for that photo.

const strips = new WeakMap();

function thumbnail(photo, chosen, choose) {
  const button = document.createElement("button");
  button.type = "button";
  button.title = photo.title;
  button.setAttribute("aria-pressed", String(chosen));
  button.onclick = () => choose(photo.id);
  const picture = document.createElement("img");
  picture.src = photo.url;
  picture.alt = photo.title;
  picture.loading = "lazy";
  button.append(picture);
  if (photo.persons !== null) {
    const count = document.createElement("span");
    count.textContent = photo.persons;
    button.append(count);
  }
  return button;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".strip");
  const addresses = data.photos.map((photo) => photo.url).join();
  const choose = (id) => setTriggerValue("photo", id);
  root.onkeydown = (event) => event.stopPropagation();
  // Redrawn only with other photos, so that a click does not make the row flicker or jump.
  if (strips.get(root) !== addresses) {
    strips.set(root, addresses);
    root.replaceChildren(...data.photos.map((photo) => thumbnail(photo, false, choose)));
  }
  [...root.children].forEach((button, place) => {
    const chosen = data.photos[place].id === data.chosen;
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) root.scrollLeft = button.offsetLeft - root.clientWidth / 2 + 40;
  });
}
