// Times, money and lengths as people of Jinhua read them, whatever zone and language the phone is set to.
import { locale } from "./i18n";

export const ZONE = "Asia/Shanghai";
const HOUR_MS = 3_600_000;
// Without summer time since 1991.
const OFFSET_MS = 8 * HOUR_MS;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
  const key = locale.value + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(locale.value === "en" ? "en-GB" : "zh-CN", {
      timeZone: ZONE,
      hourCycle: "h23",
      ...options,
    });
    formats.set(key, found);
  }
  return found.format(new Date(at));
}

export const clockTime = (at: string | number | Date) => format(at, { hour: "2-digit", minute: "2-digit" });
export const dayText = (at: string | number | Date) =>
  format(at, { month: "short", day: "numeric", weekday: "short" });
export const longDay = (at: string | number | Date) =>
  format(at, { year: "numeric", month: "long", day: "numeric" });
export const dayAndTime = (at: string | number | Date) => `${dayText(at)} ${clockTime(at)}`;

/** "Mon 3 Mar 09:00–11:00"; the day is told twice only where it differs. */
export function span(from: string | number, to: string | number): string {
  const same = localDay(from) === localDay(to);
  return `${dayAndTime(from)}–${same ? clockTime(to) : dayAndTime(to)}`;
}

/** The day of the calendar in Jinhua, as YYYY-MM-DD. */
export function localDay(at: string | number | Date): string {
  return new Date(new Date(at).getTime() + OFFSET_MS).toISOString().slice(0, 10);
}

/** The instant of a local day and hour, in milliseconds. */
export function atLocal(day: string, hour: number): number {
  return Date.parse(`${day}T00:00:00Z`) - OFFSET_MS + hour * HOUR_MS;
}

export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 24 * HOUR_MS).toISOString().slice(0, 10);
}

export function money(fen: number): string {
  const yuan = (fen / 100).toFixed(fen % 100 === 0 ? 0 : 2);
  return `¥${yuan}`;
}

export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres / 10) * 10} m`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

export function ageOn(birthDate: string, atMs: number): number {
  const today = localDay(atMs);
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years;
}
