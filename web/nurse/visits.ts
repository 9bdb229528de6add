// Her visits and their records as the server told them last, kept on the phone.
import { shallowRef, watch } from "vue";
import type { Schemas } from "@shared/api/client";
import { online } from "@shared/api/network";
import { Unreachable } from "@shared/api/problem";
import { nowMs } from "@shared/clock";
import type { Visit } from "./ahead";
import { api, store, stream } from "./app";

type Recorded = Schemas["Record"];

const BACK_MS = 24 * 3_600_000;
const LIMIT = 200;

export const told = shallowRef<ReadonlyMap<string, Visit>>(new Map());
export const records = shallowRef<ReadonlyMap<string, readonly Recorded[]>>(new Map());

/** Take over what the server says of a visit, unless something newer was heard. */
export async function take(visit: Visit): Promise<void> {
  const known = told.value.get(visit.id);
  if (known && known.version > visit.version) return;
  told.value = new Map(told.value).set(visit.id, visit);
  await store.put(`visit/${visit.id}`, visit);
}

/** Her visits from yesterday on: those of this phone at once, then those of the server. */
export async function readAll(signal?: AbortSignal): Promise<Visit[]> {
  if (told.value.size === 0) {
    const known = await store.list<Visit>("visit/");
    if (known.length) told.value = new Map(known.map((each) => [each.id, each]));
  }
  if (!online.value && told.value.size) return [...told.value.values()];
  const from = new Date(nowMs() - BACK_MS).toISOString();
  try {
    const page = await api.get("/v1/nurse/visits", { query: { from, limit: LIMIT }, signal, tries: 2 });
    const listed = new Set(page.items.map((each) => each.id));
    for (const id of told.value.keys()) if (!listed.has(id)) await drop(id);
    for (const each of page.items) await take(each);
  } catch (error) {
    if (!(error instanceof Unreachable) || told.value.size === 0) throw error;
  }
  return [...told.value.values()];
}

export async function readOne(id: string, signal?: AbortSignal): Promise<Visit> {
  const known = told.value.get(id) ?? (await store.get<Visit>(`visit/${id}`));
  if (known) await take(known);
  if (!known || online.value) {
    try {
      await take(await api.get("/v1/visits/{id}", { path: { id }, signal, tries: 2 }));
    } catch (error) {
      if (!(error instanceof Unreachable) || !known) throw error;
    }
  }
  return told.value.get(id)!;
}

async function drop(id: string): Promise<void> {
  const left = new Map(told.value);
  left.delete(id);
  told.value = left;
  for (const name of ["visit", "records", "draft"]) await store.drop(`${name}/${id}`);
}

// Records

export async function readRecords(id: string, signal?: AbortSignal): Promise<readonly Recorded[]> {
  let known = records.value.get(id) ?? (await store.get<Recorded[]>(`records/${id}`)) ?? [];
  if (online.value) {
    try {
      const page = await api.get("/v1/visits/{id}/records", { path: { id }, query: { limit: LIMIT }, signal, tries: 2 });
      known = page.items.toReversed();
      await store.put(`records/${id}`, known);
    } catch (error) {
      if (!(error instanceof Unreachable)) throw error;
    }
  }
  records.value = new Map(records.value).set(id, known);
  return known;
}

export async function takeRecord(record: Recorded): Promise<void> {
  const known = records.value.get(record.visit_id) ?? [];
  if (known.some((each) => each.client_id === record.client_id)) return;
  const now = [...known, record];
  records.value = new Map(records.value).set(record.visit_id, now);
  await store.put(`records/${record.visit_id}`, now);
}

/** Read anew whatever the stream tells of her visits, for as long as the page lives. */
export function follow(): void {
  const again = () => void readAll().catch(() => undefined);
  stream.hear(({ event, data }) => {
    if (event === "stream.reset") again();
    else if (event.startsWith("visit.") && typeof data.visit_id === "string") {
      void readOne(data.visit_id).catch(() => undefined);
    }
  });
  watch(online, (is) => {
    if (is) again();
  });
  again();
}
