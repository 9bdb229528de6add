// The server's clock: every deadline is compared with it, never with the phone's own.
import { readonly, ref } from "vue";

const MONOTONIC = () => performance.now();
// What the server said last, for a page that is opened without a network.
const KEPT = "shangmen.clock";

let { serverAtMs, scale } = remembered();
let readAtMs = MONOTONIC();
const ticking = ref(serverAtMs);

function remembered(): { serverAtMs: number; scale: number } {
  const phoneAtMs = Date.now();
  try {
    const kept = JSON.parse(localStorage.getItem(KEPT) ?? "null") as Remembered | null;
    if (kept) return { serverAtMs: kept.serverAtMs + (phoneAtMs - kept.phoneAtMs) * kept.scale, scale: kept.scale };
  } catch {
    // Then the phone's own clock has to do.
  }
  return { serverAtMs: phoneAtMs, scale: 1 };
}

interface Remembered {
  serverAtMs: number;
  phoneAtMs: number;
  scale: number;
}

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
  const kept: Remembered = { serverAtMs: nowMs(), phoneAtMs: Date.now(), scale };
  localStorage.setItem(KEPT, JSON.stringify(kept));
}

/** Go on from what the server said last: without a network the phone slept through, and our own counter with it. */
export function resume(): void {
  ({ serverAtMs, scale } = remembered());
  readAtMs = MONOTONIC();
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
