// What the clients share: datums, days of Jinhua, the stream's lines, and finding a service by any name.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { Parser } from "@shared/api/stream";
import { addDays, ageOn, atLocal, localDay, money, span } from "@shared/format";
import { distanceM, toGcj02, toWgs84 } from "@shared/geo";
import { plainWords } from "@shared/words/plain";
import { search } from "@shared/words/search";
import { en } from "../patient/texts/en";
import { zh } from "../patient/texts/zh";
import { sharedTexts } from "@shared/texts";
import { daysFrom, windowsOf } from "../patient/windows";

interface Service {
  code: string;
  name_zh: string;
  name_en: string;
  category: string;
}
const services = (parse(readFileSync("../config/services.yaml", "utf-8")) as { services: Service[] }).services;
const found = (said: string) => search(services, said).map((each) => each.code);

describe("datums", () => {
  it("shift Jinhua as the server does, and come back", () => {
    const here = { lat: 29.1, lng: 119.65 };
    const there = toGcj02(here);
    expect(distanceM(here, there)).toBeGreaterThan(400);
    expect(distanceM(here, there)).toBeLessThan(700);
    expect(distanceM(toWgs84(there), here)).toBeLessThan(0.001);
  });

  it("leave the rest of the world alone", () => {
    const lima = { lat: -12.05, lng: -77.04 };
    expect(toGcj02(lima)).toEqual(lima);
  });
});

describe("days", () => {
  it("are those of Jinhua, wherever the phone is", () => {
    expect(localDay("2026-11-22T16:30:00Z")).toBe("2026-11-23");
    expect(new Date(atLocal("2026-11-23", 8)).toISOString()).toBe("2026-11-23T00:00:00.000Z");
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
    expect(ageOn("1951-11-23", Date.parse("2026-11-22T10:00:00Z"))).toBe(74);
    expect(span("2026-11-23T00:00:00Z", "2026-11-23T02:00:00Z")).toContain("08:00–10:00");
  });

  it("offer no time that has begun, and none in the middle of the night", () => {
    const noon = Date.parse("2026-11-22T04:00:00Z");
    expect(windowsOf("2026-11-22", noon).map((each) => each.earliest)).toEqual(
      [13, 15, 17, 19].map((hour) => new Date(atLocal("2026-11-22", hour)).toISOString()),
    );
    const late = Date.parse("2026-11-22T15:00:00Z");
    expect(daysFrom(late)[0]).toBe("2026-11-23");
  });
});

it("money is told in yuan", () => {
  expect(money(16000)).toBe("¥160");
  expect(money(4860)).toBe("¥48.60");
});

describe("finding a service", () => {
  it.each([
    ["换药", "RH01"],
    ["导尿管堵了", "LT02"],
    ["huanyao", "RH01"],
    ["ptskhy", "RH01"],
    ["picc", "CD05"],
    ["blocked catheter", "LT02"],
    ["老人便秘三天了", "EC10"],
    ["wound", "RH01"],
    ["压疮", "LT09"],
    ["LT01", "LT01"],
  ])("%s leads to %s", (said, code) => {
    expect(found(said).slice(0, 3)).toContain(code);
  });

  it("says so when there is none", () => {
    expect(found("修电视机")).toEqual([]);
  });

  it("names only services that there are", () => {
    const known = new Set(services.map((each) => each.code));
    expect(plainWords.flatMap(([, codes]) => codes.split(" ")).filter((code) => !known.has(code))).toEqual([]);
  });
});

describe("the stream's lines", () => {
  it("are read across pieces; comments and unfinished events wait", () => {
    const parser = new Parser();
    expect(parser.push(": connected\n\nid: 7\nevent: order.open\nda")).toEqual([]);
    expect(parser.push('ta: {"order_id":"o"}\n\nid: 8\n')).toEqual([
      { id: "7", event: "order.open", data: { order_id: "o" } },
    ]);
  });
});

it("both languages say the same things, with the same blanks", () => {
  const flat = (tree: object, path = ""): [string, string][] =>
    Object.entries(tree).flatMap(([name, value]) =>
      typeof value === "string" ? [[`${path}.${name}`, value] as [string, string]] : flat(value as object, `${path}.${name}`),
    );
  const blanks = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((each) => each[1]).sort();
  for (const [a, b] of [
    [zh, en],
    [sharedTexts["zh-CN"], sharedTexts.en],
  ] as const) {
    const other = new Map(flat(b));
    expect([...other.keys()]).toEqual(flat(a).map(([key]) => key));
    for (const [key, text] of flat(a)) expect([key, blanks(other.get(key) ?? "")]).toEqual([key, blanks(text)]);
  }
});
