// What she does at a visit: each step is on the phone's disk first, then on its way, with the time at which it was done.
import { watch } from "vue";
import type { Schemas } from "@shared/api/client";
import { online } from "@shared/api/network";
import { nowText } from "@shared/clock";
import { whereAmI } from "@shared/geo";
import { Queue, type Step } from "@shared/queue/queue";
import type { Move, Visit } from "./ahead";
import { account, api, kept, store } from "./app";
import type { Entry } from "./form";
import { take, takeRecord } from "./visits";

const LOOK_AGAIN_MS = 10_000;
const LOCATE_MS = 6_000;
// Of a place that the phone remembers or that she is sent from: no better than this.
const GUESS_M = 5_000;

// Where a step goes, if not by its own name.
const PATHS: Record<string, string> = { record: "records", photo: "attachments", door: "door-attempts" };

export const queue = new Queue(send, `shangmen.queue.${account}`);

async function send(step: Step): Promise<void> {
  const told = await api.call<unknown>(step.method, step.path, { body: bodyOf(step), key: step.key, tries: 1 });
  if (step.name === "record") await takeRecord(told as Schemas["Record"]);
  else if (step.name !== "photo") await take(told as Visit);
}

function bodyOf(step: Step): unknown {
  if (!step.file) return step.body;
  const form = new FormData();
  for (const [name, value] of Object.entries(step.body as Record<string, string>)) form.set(name, value);
  form.set("file", step.file);
  return form;
}

/** Send what waits whenever that may work, for as long as the page lives. */
export function keepSending(): void {
  const go = () => {
    if (queue.steps.value.some((step) => !step.refusal)) void queue.replay();
  };
  watch(online, (is) => {
    if (is) go();
  });
  document.addEventListener("visibilitychange", go);
  setInterval(go, LOOK_AGAIN_MS);
  void queue.replay();
}

async function add(visitId: string, name: string, body: object, at: string, file?: Blob): Promise<void> {
  const path = `/v1/visits/${visitId}/${PATHS[name] ?? name}`;
  await queue.add({ lane: visitId, name, method: "POST", path, body: JSON.parse(JSON.stringify(body)), at, file });
  void queue.replay();
}

/** A step of the visit, as done now. */
export async function step(visitId: string, move: Move, body: object = {}): Promise<void> {
  const at = nowText();
  await add(visitId, move, move === "release" ? body : { ...body, at }, at);
}

export async function record(visitId: string, entry: Entry): Promise<void> {
  const at = nowText();
  await add(visitId, "record", { ...entry, recorded_at: at, client_id: crypto.randomUUID() }, at);
}

/** Keep a photo; its id is what the record names it by. */
export async function photo(visitId: string, file: Blob): Promise<string> {
  const at = nowText();
  const id = crypto.randomUUID();
  await add(visitId, "photo", { kind: "photo", client_id: id, recorded_at: at }, at, file);
  return id;
}

export type Attempt = "rang" | "knocked" | "called_patient" | "called_second";

/** She tried to be let in. */
export async function tryDoor(visitId: string, kind: Attempt): Promise<void> {
  const at = nowText();
  await add(visitId, "door", { kind, at, ...(await whereNow()) }, at);
}

/** She is well. With her duress code it looks the same. */
export async function checkIn(visitId: string, code: string | undefined): Promise<void> {
  const at = nowText();
  await add(visitId, "check-in", { code, at, ...(await whereNow().catch(() => ({}))) }, at);
}

/** Let go of what was refused, and of whatever behind it is refused in turn; the rest is sent. */
export async function letGo(visitId: string): Promise<void> {
  for (;;) {
    const refused = queue.steps.value.find((each) => each.lane === visitId && each.refusal);
    if (!refused) return;
    await queue.drop(refused.n);
  }
}

export interface Where {
  location: { lat: number; lng: number };
  accuracy_m: number;
}

/** Where she is; without a fix, where this phone was last, or where she is sent from. Rejects when nothing is known. */
export async function whereNow(): Promise<Where> {
  try {
    const { lat, lng, accuracyM } = await whereAmI(LOCATE_MS);
    const where = { location: { lat, lng }, accuracy_m: Math.min(accuracyM, 100_000) };
    await store.put("place", where);
    return where;
  } catch (error) {
    const last = await store.get<Where>("place");
    if (last) return { ...last, accuracy_m: Math.max(last.accuracy_m, GUESS_M) };
    const home = (await kept("profile", () => api.get("/v1/nurse/profile", { tries: 1 }))).location;
    if (!home) throw error;
    return { location: { lat: home.lat, lng: home.lng }, accuracy_m: GUESS_M };
  }
}
