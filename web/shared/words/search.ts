// Finds services as people name them: Chinese, English, pinyin, or what is the matter at home.
import { sounds } from "virtual:words";
import { plainWords } from "./plain";

export interface Named {
  code: string;
  name_zh: string;
  name_en: string;
  category: string;
}

const MIN_SOUND = 2;
const ENOUGH = 0.5;

function inNames(service: Named, query: string): number {
  const name = service.name_zh.toLowerCase();
  const english = service.name_en.toLowerCase();
  if (service.code.toLowerCase() === query) return 100;
  if (name.startsWith(query)) return 60;
  if (name.includes(query) || english.includes(query)) return 50;
  const words = query.split(/\s+/).filter(Boolean);
  return words.length > 1 && words.every((word) => english.includes(word) || name.includes(word)) ? 40 : 0;
}

function bySound(service: Named, query: string): number {
  const bare = query.replace(/[\s']/g, "");
  if (bare.length < MIN_SOUND || !/^[a-z]+$/.test(bare)) return 0;
  const [whole = "", initials = ""] = (sounds[service.code] ?? "").split(" ");
  if (whole.startsWith(bare) || initials.startsWith(bare)) return 45;
  return whole.includes(bare) || initials.includes(bare) ? 35 : 0;
}

/** How much of what is said at home is in the query; the first services of a row are the likelier ones. */
function byNeed(query: string): Map<string, number> {
  const found = new Map<string, number>();
  for (const [words, codes] of plainWords) {
    const hits = words.split(" ").filter((word) => query.includes(word) || (query.length > 1 && word.startsWith(query)));
    if (hits.length === 0) continue;
    codes.split(" ").forEach((code, place) => {
      const worth = 30 + 6 * hits.length - 2 * place;
      found.set(code, Math.max(found.get(code) ?? 0, worth));
    });
  }
  return found;
}

/** How many neighbouring pairs of characters the name shares: for a wish of several words that no row knows. */
function likeness(service: Named, query: string): number {
  const pairs = [...query].slice(1).map((character, place) => [...query][place]! + character);
  if (pairs.length === 0) return 0;
  const name = `${service.name_zh} ${service.name_en}`.toLowerCase();
  const share = pairs.filter((pair) => name.includes(pair)).length / pairs.length;
  return share >= ENOUGH ? 20 * share : 0;
}

/** The services that fit, the likeliest first; all of them, in the order given, for an empty query. */
export function search<S extends Named>(services: readonly S[], said: string): S[] {
  const query = said.trim().toLowerCase();
  if (!query) return [...services];
  const needs = byNeed(query);
  return services
    .map((service, place) => {
      const named = Math.max(inNames(service, query), bySound(service, query));
      const needed = needs.get(service.code) ?? 0;
      // What is meant goes before what merely has the same word in its name.
      const worth = named && needed ? named + needed / 2 : named || needed || likeness(service, query);
      return { service, place, worth };
    })
    .filter((each) => each.worth > 0)
    .sort((a, b) => b.worth - a.worth || a.place - b.place)
    .map((each) => each.service);
}
