// Where she is while she is out, and that her phone is there: told from departure to the end of the visit, never else.
import { watch } from "vue";
import { newKey } from "@shared/api/client";
import { online } from "@shared/api/network";
import { Problem } from "@shared/api/problem";
import { nowMs, nowText } from "@shared/clock";
import { distanceM, type Point } from "@shared/geo";
import { api, store } from "./app";
import { out } from "./mine";

const TELL_MS = 15_000;
const BEAT_MS = 60_000;
const MOVED_M = 30;
const STOOD_MS = 60_000;
const POINTS_MAX = 2_000;
const BATCH = 500;

interface Seen {
  location: Point;
  recorded_at: string;
  accuracy_m: number;
}

let points: Seen[] = [];
let watching: number | null = null;
let telling = false;

/** For as long as the page lives. */
export async function track(): Promise<void> {
  points = (await store.get<Seen[]>("points")) ?? [];
  watch(
    () => out.value.length > 0,
    (isOut) => (isOut ? begin() : end()),
    { immediate: true },
  );
  setInterval(() => void tell(), TELL_MS);
  setInterval(() => {
    if (out.value.length && online.value) void api.post("/v1/nurse/heartbeat", { body: {} }).catch(() => undefined);
  }, BEAT_MS);
}

function begin(): void {
  watching ??= navigator.geolocation?.watchPosition(take, () => undefined, { enableHighAccuracy: true }) ?? null;
}

function end(): void {
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  watching = null;
  void tell();
}

function take({ coords }: GeolocationPosition): void {
  const location = { lat: coords.latitude, lng: coords.longitude };
  const last = points.at(-1);
  const isNew = !last || distanceM(last.location, location) >= MOVED_M;
  if (!isNew && nowMs() - Date.parse(last.recorded_at) < STOOD_MS) return;
  const accuracy_m = Math.min(Math.round(coords.accuracy), 100_000);
  points = [...points, { location, recorded_at: nowText(), accuracy_m }].slice(-POINTS_MAX);
  void store.put("points", points);
}

async function tell(): Promise<void> {
  if (telling || !online.value || points.length === 0) return;
  telling = true;
  const batch = points.slice(0, BATCH);
  try {
    await api.post("/v1/nurse/positions", { body: { points: batch }, key: newKey(), tries: 1 });
    points = points.slice(batch.length);
  } catch (error) {
    // Points that are refused for good will not be wanted later either.
    if (error instanceof Problem && error.status === 422) points = points.slice(batch.length);
  } finally {
    telling = false;
    await store.put("points", points);
  }
}
