// Puts each new event on top of the list as the server has written it. Without scripts the page is whole; it then shows news when it is loaded again.
"use strict";
const list = document.querySelector("ol.events[data-after]");
const link = document.getElementById("link");
const MOST = 50;

if (list) {
  const source = new EventSource("/events/stream?after=" + encodeURIComponent(list.dataset.after));
  source.onopen = () => { link.textContent = "live"; };
  source.onerror = () => {
    const refused = source.readyState === EventSource.CLOSED; // the browser tries again by itself unless it was sent away
    link.textContent = refused ? "not live: load the page again" : "no connection, trying again";
  };
  source.onmessage = (message) => {
    const item = document.createElement("template");
    item.innerHTML = message.data;
    list.prepend(item.content);
    while (list.children.length > MOST) list.lastElementChild.remove();
    document.getElementById("no-events")?.remove();
  };
}
