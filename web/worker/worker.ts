// Serves a client's shell from the phone, and wakes its owner. It keeps no answer of the API: those belong to accounts.
/// <reference lib="webworker" />
export {}; // a module for the type checker alone: the build takes this line away
declare const self: ServiceWorkerGlobalScope;

/** Put in by the build: the files of each client that opens without a network, and their digest. */
declare const __SHELLS__: Record<string, { version: string; files: string[] }>;

interface Pushed {
  title: string;
  body: string;
  url: string;
  tag: string;
}

const scope = new URL(self.registration.scope).pathname;
const shell = __SHELLS__[scope];
const PREFIX = `shell ${scope} `;
const NAME = PREFIX + (shell?.version ?? "");

self.addEventListener("install", (event) => {
  if (shell) event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(shell.files)));
});

self.addEventListener("activate", (event) => event.waitUntil(begin()));

async function begin(): Promise<void> {
  for (const name of await caches.keys()) if (name.startsWith(PREFIX) && name !== NAME) await caches.delete(name);
  await self.clients.claim();
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (!shell || event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && url.pathname.startsWith(scope)) event.respondWith(page(event.request));
  else if (shell.files.includes(url.pathname)) event.respondWith(file(event.request));
});

/** The page of the day; the kept one where the network is slow or away. */
async function page(request: Request): Promise<Response> {
  const kept = await caches.match(scope);
  if (!kept) return fetch(request);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(3_000) });
    return answer.ok ? answer : kept;
  } catch {
    return kept;
  }
}

const file = async (request: Request): Promise<Response> => (await caches.match(request)) ?? fetch(request);

self.addEventListener("push", (event) => {
  const told = event.data?.json() as Pushed | undefined;
  if (!told) return;
  const { title, body, url, tag } = told;
  event.waitUntil(self.registration.showNotification(title, { body, tag, data: { url } }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { url } = event.notification.data as { url: string };
  event.waitUntil(open(new URL(url, self.location.origin)));
});

/** In the window that is open already, if there is one. */
async function open(url: URL): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const known = windows.find((each) => new URL(each.url).pathname.startsWith(scope));
  if (!known) {
    await self.clients.openWindow(url);
    return;
  }
  const shown = known.url === url.href ? known : await known.navigate(url);
  await shown?.focus();
}
