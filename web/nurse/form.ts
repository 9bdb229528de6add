// The record form of a visit: which fields, what is wrong with a value, what is filled in already, and the entries
// that are sent. Pure.
import type { Schemas } from "@shared/api/client";

export type Field = Schemas["RecordField"];
export type Value = string | number | boolean | null;
export type Values = Record<string, Value>;

export interface Entry {
  kind: string;
  data: Record<string, unknown>;
}

export type Part = "before" | "care" | "after";
export const PARTS: readonly Part[] = ["before", "care", "after"];

export const keyOf = (field: Field): string => `${field.name}@${field.when}`;
export const partOf = (field: Field): Part => (field.when === "any" ? "care" : field.when);

/** Beyond these a living person can be measured, but somebody should measure again. */
const USUAL: Record<string, [least: number, most: number]> = {
  "vitals.systolic_mmhg": [90, 180],
  "vitals.diastolic_mmhg": [50, 110],
  "vitals.pulse_bpm": [50, 120],
  "vitals.temperature_c": [35.5, 38.5],
  "vitals.respiration_bpm": [10, 30],
  "vitals.spo2_pct": [93, 100],
  "vitals.pain_0_10": [0, 6],
  "vitals.glucose_mmol_l": [3.9, 16.7],
};

export type Fault = "number" | "whole" | "range" | "date" | "above_systolic";

export const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || value === null || (typeof value === "string" && value.trim() === "");

/** What is wrong with a value that is there; null if it will do. */
export function faultOf(field: Field, value: Value | undefined, values: Values): Fault | null {
  if (isEmpty(value)) return null;
  switch (field.type) {
    case "integer":
    case "number": {
      const number = Number(value);
      if (!Number.isFinite(number)) return "number";
      if (field.type === "integer" && !Number.isInteger(number)) return "whole";
      if ((field.min !== null && number < field.min) || (field.max !== null && number > field.max)) return "range";
      const systolic = values[`vitals.systolic_mmhg@${field.when}`];
      const isBelow = isEmpty(systolic) || number < Number(systolic);
      return field.name === "vitals.diastolic_mmhg" && !isBelow ? "above_systolic" : null;
    }
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(String(value)) ? null : "date";
    default:
      return null;
  }
}

/** Whether a value can be right, but is worth measuring again and telling a doctor. */
export function isUnusual(field: Field, value: Value | undefined): boolean {
  const usual = USUAL[field.name];
  if (!usual || isEmpty(value) || !Number.isFinite(Number(value))) return false;
  return Number(value) < usual[0] || Number(value) > usual[1];
}

/** The newest value of each field; vital signs without a phase count as the API counts them. */
export function valuesOf(fields: readonly Field[], entries: readonly Entry[]): Values {
  const found: Values = {};
  for (const field of fields) {
    let isFirst = true;
    for (const entry of entries) {
      const value = entry.kind === field.kind ? entry.data[field.field] : null;
      if (value === null || value === undefined) continue;
      const phase = entry.data.phase ?? (isFirst ? "before" : "after");
      isFirst = false;
      if (field.when === "any" || phase === field.when) found[keyOf(field)] = value as Value;
    }
  }
  return found;
}

/** The entries that bring what was saved up to what stands in the form, one for each kind. */
export function entriesOf(fields: readonly Field[], values: Values, saved: Values): Entry[] {
  const made = new Map<string, Entry>();
  for (const field of fields) {
    const key = keyOf(field);
    const value = values[key];
    if (isEmpty(value) || value === undefined || typed(field, value) === saved[key]) continue;
    // What may be measured at any time counts by itself.
    const entry = made.get(`${field.kind}@${field.when}`) ?? { kind: field.kind, data: {} };
    if (field.kind === "vitals" && field.when !== "any") entry.data.phase = field.when;
    entry.data[field.field] = typed(field, value);
    made.set(`${field.kind}@${field.when}`, entry);
  }
  return [...made.values()];
}

/** The required fields that no entry fills. */
export const missingOf = (fields: readonly Field[], saved: Values): Field[] =>
  fields.filter((field) => field.required && isEmpty(saved[keyOf(field)]));

function typed(field: Field, value: Value): Value {
  if (field.type === "integer" || field.type === "number") return Number(value);
  return typeof value === "string" ? value.trim() : value;
}
