// Keeps the shell, never a page, a state or an order: without a connection a page says that nothing is known.
const SHELL = "rempart-shell-4";
const OFFLINE = "/static/offline.html";
const FILES = [OFFLINE, ...["console.css", "console.js", "live.js", "act.js", "custody.js", "night.js", "sound.js", "journal.js", "offline.js", "icon.svg"].map((name) => `/static/${name}`)];

self.addEventListener("install", (event) => event.waitUntil(
  caches.open(SHELL).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()),
));
self.addEventListener("activate", (event) => event.waitUntil(
  caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()),
));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const path = new URL(request.url).pathname;
  if (request.method !== "GET") return;
  if (FILES.includes(path)) event.respondWith(fetch(request).catch(() => caches.match(path)));
  else if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
});
