// Puts each new event on top of the list as the server has written it. Without scripts the page is whole; it then shows news when it is loaded again.
"use strict";
const list = document.querySelector("ol.events[data-after]");
const link = document.getElementById("link");
const MAX_ROWS = 50;

if (list) {
  const source = new EventSource("/events/stream?after=" + encodeURIComponent(list.dataset.after));
  source.onopen = () => { link.textContent = link.dataset.live; };
  source.onerror = () => {
    const refused = source.readyState === EventSource.CLOSED; // the browser tries again by itself unless it was sent away
    link.textContent = refused ? link.dataset.refused : link.dataset.lost;
  };
  source.onmessage = (message) => {
    const item = document.createElement("template");
    item.innerHTML = message.data;
    list.prepend(item.content);
    while (list.children.length > MAX_ROWS) list.lastElementChild.remove();
    document.getElementById("no-events")?.remove();
  };
}
