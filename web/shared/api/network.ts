// Whether the server can be reached, as far as this page has seen.
import { readonly, ref } from "vue";

const reachable = ref(globalThis.navigator?.onLine ?? true);
export const online = readonly(reachable);

export function seen(isReached: boolean): void {
  reachable.value = isReached;
}

globalThis.addEventListener?.("online", () => seen(true));
globalThis.addEventListener?.("offline", () => seen(false));

/** Resolves when the network may be back, at the latest after `afterMs`. */
export function mayBeBack(afterMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      globalThis.removeEventListener?.("online", done);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, afterMs);
    globalThis.addEventListener?.("online", done);
    signal?.addEventListener("abort", done);
    if (signal?.aborted) done();
  });
}
