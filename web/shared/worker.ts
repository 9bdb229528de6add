// The service worker of this origin, one registration for each client: it serves the shell without a network and
// shows what is pushed.
import type { Api } from "./api/client";
import { renew } from "./push";

export async function register(api: Api, scope: string): Promise<void> {
  if (!("serviceWorker" in navigator) || import.meta.env.DEV) return;
  try {
    await navigator.serviceWorker.register("/worker.js", { scope, updateViaCache: "none" });
    if (api.session.current.value) await renew(api, scope);
  } catch {
    // Without one the client works as a page.
  }
}
