// The server's clock: every deadline is compared with it, never with the phone's own.
import { readonly, ref } from "vue";

const MONOTONIC = () => performance.now();

let serverAtMs = Date.now();
let readAtMs = MONOTONIC();
let scale = 1;
const ticking = ref(Date.now());

/** The server's time now, in milliseconds since 1970. */
export function nowMs(): number {
  return serverAtMs + (MONOTONIC() - readAtMs) * scale;
}

/** An instant for a body, as the server counts time. */
export function nowText(): string {
  return new Date(nowMs()).toISOString();
}

/** Take over what `GET /v1/time` said; half of the way there and back counts as gone. */
export function set(told: { now: string; scale: number }, askedAtMs: number): void {
  const heardAtMs = MONOTONIC();
  readAtMs = (askedAtMs + heardAtMs) / 2;
  serverAtMs = Date.parse(told.now);
  scale = told.scale;
  ticking.value = nowMs();
}

/** The server's time as something to render; it moves once a second while the page is seen. */
export const now = readonly(ticking);

setInterval(() => {
  if (globalThis.document?.visibilityState !== "hidden") ticking.value = nowMs();
}, 1000);
globalThis.document?.addEventListener("visibilitychange", () => {
  ticking.value = nowMs();
});
