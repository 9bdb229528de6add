// Whether this device is woken by pushes, and how it is asked to be.
import type { Api } from "./api/client";

export type PushState = "impossible" | "denied" | "off" | "on";

async function registration(scope: string): Promise<ServiceWorkerRegistration | undefined> {
  const isPossible = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
  return isPossible ? navigator.serviceWorker.getRegistration(scope) : undefined;
}

export async function pushState(scope: string): Promise<PushState> {
  const registered = await registration(scope);
  if (!registered) return "impossible";
  if (Notification.permission === "denied") return "denied";
  return (await registered.pushManager.getSubscription()) ? "on" : "off";
}

/** Ask the person, then the browser's push service, and tell the server where that is. */
export async function turnOn(api: Api, scope: string): Promise<void> {
  const registered = await registration(scope);
  if (!registered || (await Notification.requestPermission()) !== "granted") return;
  const { public_key } = await api.get("/v1/push/key");
  const made = await registered.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: public_key });
  await keep(api, made);
}

/** Tell the server again: it forgets a browser with the sign-in that it came with. */
export async function renew(api: Api, scope: string): Promise<void> {
  const known = await (await registration(scope))?.pushManager.getSubscription();
  if (known) await keep(api, known);
}

/** The browser gives its address up; the server is told so by the push service, or with the sign-out. */
export async function turnOff(scope: string): Promise<void> {
  await (await (await registration(scope))?.pushManager.getSubscription())?.unsubscribe();
}

async function keep(api: Api, subscription: PushSubscription): Promise<void> {
  const { endpoint, keys } = subscription.toJSON();
  const body = { endpoint: endpoint ?? "", keys: { p256dh: keys?.p256dh ?? "", auth: keys?.auth ?? "" } };
  await api.put("/v1/push/subscription", { body });
}
