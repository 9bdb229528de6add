// Her alarm, and a patient's emergency: kept on the phone until somebody has heard, ahead of everything else. The alarm
// has two ways in.
import { computed, shallowRef } from "vue";
import { mayBeBack } from "@shared/api/network";
import { nowText } from "@shared/clock";
import { whereAmI } from "@shared/geo";
import { Queue, type Step } from "@shared/queue/queue";
import { account, api, kept, session } from "./app";

const LOCATE_MS = 2_000;
const AGAIN_MS = 2_000;
const FIRST_WAY_MS = 4_000;

/** By kind and visit: when it was heard. */
const heard = shallowRef<ReadonlyMap<string, string>>(new Map());
const alarms = new Queue(send, `shangmen.alarms.${account}`);

export type Call = "sos" | "emergency";

const laneOf = (call: Call, visitId: string) => `${call} ${visitId}`;

/** How a call from a visit stands. */
export const callOf = (call: Call, visitId: () => string) =>
  computed(() => {
    const lane = laneOf(call, visitId());
    const waiting = alarms.steps.value.find((step) => step.lane === lane);
    if (waiting) return { state: waiting.refusal ? ("refused" as const) : ("calling" as const), at: waiting.at };
    const at = heard.value.get(lane);
    return at ? { state: "heard" as const, at } : { state: "quiet" as const, at: "" };
  });

/** `more` is what has been done by now, of an emergency. */
export async function press(call: Call, visitId: string, more: object = {}): Promise<void> {
  const at = nowText();
  const place = await whereAmI(LOCATE_MS).catch(() => null);
  const location = place ? { lat: place.lat, lng: place.lng } : undefined;
  const path = `/v1/visits/${visitId}/${call}`;
  await alarms.add({ lane: laneOf(call, visitId), name: call, method: "POST", path, body: { at, location, ...more }, at });
  await keepCalling();
}

/** Until everything is heard; also what was pressed before the page was closed. */
export async function keepCalling(): Promise<void> {
  for (;;) {
    await alarms.replay();
    if (!alarms.steps.value.some((step) => !step.refusal)) return;
    await mayBeBack(AGAIN_MS);
  }
}

async function send(step: Step): Promise<void> {
  const isTold = step.name === "sos" && (await byItsOwnWay(step));
  if (!isTold) await api.call("POST", step.path, { body: step.body, key: step.key, tries: 1 });
  heard.value = new Map(heard.value).set(step.lane, nowText());
}

/** By the process that does nothing else; false if that way is closed. */
async function byItsOwnWay(step: Step): Promise<boolean> {
  try {
    const { alarm_url } = await kept("me", () => api.get("/v1/me", { tries: 1 }));
    const answer = await fetch(alarm_url + step.path, {
      method: "POST",
      headers: {
        Authorization: `Bearer ${session.current.value?.access}`,
        "Content-Type": "application/json",
        "Idempotency-Key": step.key,
      },
      body: JSON.stringify(step.body),
      signal: AbortSignal.timeout(FIRST_WAY_MS),
    });
    return answer.ok;
  } catch {
    return false;
  }
}
