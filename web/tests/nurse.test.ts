// What a nurse sees of a visit before the server has heard of it, and what her record form makes of what she types.
import { describe, expect, it } from "vitest";
import type { Step } from "@shared/queue/queue";
import { ahead, type Visit } from "../nurse/ahead";
import { entriesOf, faultOf, isUnusual, keyOf, missingOf, valuesOf, type Field } from "../nurse/form";

const told = {
  id: "visit-1",
  state: "scheduled",
  version: 1,
  moves: [{ name: "depart", method: "POST", path: "/v1/visits/visit-1/depart" }],
  departed_at: null,
} as unknown as Visit;

let n = 0;
const step = (name: string, more: Partial<Step> = {}): Step => ({
  n: (n += 1),
  lane: "visit-1",
  name,
  method: "POST",
  path: "",
  body: {},
  key: `key-${n}`,
  at: `2026-11-22T01:00:${String(n).padStart(2, "0")}Z`,
  ...more,
});
const refusal = { slug: "outside-geofence", title: "", detail: "", errors: [] };

describe("a visit ahead of the server", () => {
  it("is as the server tells it while nothing waits", () => {
    const { visit, may } = ahead(told, []);
    expect(visit).toBe(told);
    expect([...may]).toEqual(["depart"]);
  });

  it("has gone on by what waits, at the time at which it was done", () => {
    const depart = step("depart");
    const { visit, may } = ahead(told, [depart, step("arrive"), step("photo"), step("start")]);
    expect(visit.state).toBe("in_service");
    expect(visit.departed_at).toBe(depart.at);
    expect([...may]).toEqual(["complete", "abort"]);
  });

  it("takes a step once when its answer is here before it has left the queue", () => {
    const answered = { ...told, state: "en_route", version: 2 } as Visit;
    expect(ahead(answered, [step("depart")]).visit).toBe(answered);
  });

  it("stops at what was refused, and says what it was", () => {
    const refused = step("arrive", { refusal });
    const seen = ahead(told, [step("depart"), refused, step("start")]);
    expect(seen.visit.state).toBe("en_route");
    expect(seen.refused).toBe(refused);
    expect(seen.waiting).toHaveLength(3);
  });

  it("is not moved by a step that no longer fits what the server says", () => {
    const cancelled = { ...told, state: "cancelled", version: 2, moves: [] } as unknown as Visit;
    expect(ahead(cancelled, [step("depart"), step("arrive")]).visit.state).toBe("cancelled");
  });
});

const field = (name: string, when: Field["when"], more: Partial<Field> = {}): Field => {
  const [kind = "", of = ""] = name.split(".");
  const label = { label: name, label_zh: name, label_en: name };
  const given = { name, kind: kind as Field["kind"], field: of, when, required: true, type: "integer" as const };
  return { ...given, ...label, unit: null, min: 40, max: 300, options: [], ...more };
};
const systolic = field("vitals.systolic_mmhg", "before");
const diastolic = field("vitals.diastolic_mmhg", "before", { min: 20, max: 200 });
const later = field("vitals.systolic_mmhg", "after");
const skin = field("procedure.skin_state", "any", { type: "text", required: false });
const fields = [systolic, diastolic, later, skin];

describe("the record form", () => {
  it.each([
    ["128", null],
    ["", null],
    ["12,8", "number"],
    ["128.5", "whole"],
    ["999", "range"],
  ])("says of a systolic pressure of %s: %s", (value, fault) => {
    expect(faultOf(systolic, value, {})).toBe(fault);
  });

  it("wants the diastolic pressure below the systolic of the same time", () => {
    const values = { [keyOf(systolic)]: "120", [keyOf(later)]: "60" };
    expect(faultOf(diastolic, "120", values)).toBe("above_systolic");
    expect(faultOf(diastolic, "80", values)).toBeNull();
  });

  it("asks to measure again what can hardly be", () => {
    expect(isUnusual(systolic, "195")).toBe(true);
    expect(isUnusual(systolic, "128")).toBe(false);
  });

  it("makes an entry of each kind and time, of what has changed only", () => {
    const values = { [keyOf(systolic)]: "128", [keyOf(diastolic)]: "78", [keyOf(later)]: "124", [keyOf(skin)]: " 完好 " };
    const made = entriesOf(fields, values, { [keyOf(diastolic)]: 78 });
    expect(made).toEqual([
      { kind: "vitals", data: { phase: "before", systolic_mmhg: 128 } },
      { kind: "vitals", data: { phase: "after", systolic_mmhg: 124 } },
      { kind: "procedure", data: { skin_state: "完好" } },
    ]);
    expect(valuesOf(fields, made)[keyOf(later)]).toBe(124);
    expect(missingOf(fields, valuesOf(fields, made))).toEqual([diastolic]);
  });

  it("reads vital signs without a time as the API does: the first before, the next after", () => {
    const entries = [128, 124].map((systolic_mmhg) => ({ kind: "vitals", data: { systolic_mmhg } }));
    const values = valuesOf(fields, entries);
    expect([values[keyOf(systolic)], values[keyOf(later)]]).toEqual([128, 124]);
  });
});
