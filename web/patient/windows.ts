// The times that a visit may be asked for: parts of the day in Jinhua, none that has begun.
import { addDays, atLocal, localDay } from "@shared/format";

export interface Window {
  earliest: string;
  latest: string;
}

export const DAYS_SHOWN = 7;
const PARTS: readonly [from: number, to: number][] = [
  [8, 10],
  [10, 12],
  [13, 15],
  [15, 17],
  [17, 19],
  [19, 21],
];
// Somebody has to be found and to come.
const LEAD_MS = 45 * 60_000;

export function daysFrom(nowMs: number): string[] {
  const today = localDay(nowMs);
  const days = Array.from({ length: DAYS_SHOWN + 1 }, (_, ahead) => addDays(today, ahead));
  return days.filter((day) => windowsOf(day, nowMs).length > 0).slice(0, DAYS_SHOWN);
}

export function windowsOf(day: string, nowMs: number): Window[] {
  return PARTS.flatMap(([from, to]) => {
    const earliest = atLocal(day, from);
    const latest = atLocal(day, to);
    if (earliest < nowMs + LEAD_MS) return [];
    return [{ earliest: new Date(earliest).toISOString(), latest: new Date(latest).toISOString() }];
  });
}
