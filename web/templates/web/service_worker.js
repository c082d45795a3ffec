{% load static %}// While there is no connection, one page says what to do. Nothing else is kept: no page of a person,
// and no answer of another day.
"use strict";

const PAGE = "{% url 'offline' %}";
const STYLE = "{% static 'web/style.css' %}";
const NAME = `offline {{ release }} ${STYLE}`; // another release has other words

addEventListener("install", (event) => {
  const wanted = [PAGE, STYLE].map((each) => new Request(each, { credentials: "omit", cache: "reload" }));
  event.waitUntil(caches.open(NAME).then((kept) => kept.addAll(wanted)).then(() => skipWaiting()));
});
addEventListener("activate", (event) => {
  event.waitUntil(caches.keys().then((names) =>
    Promise.all(names.filter((each) => each !== NAME).map((each) => caches.delete(each)))));
});
addEventListener("fetch", (event) => {
  const { request } = event;
  const opens = request.mode === "navigate" && request.method === "GET";
  if (!opens && new URL(request.url).pathname !== STYLE) return;
  event.respondWith(fetch(request).catch(() => caches.match(opens ? PAGE : STYLE, { ignoreVary: true })));
});
