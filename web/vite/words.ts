// The words of the catalogue that the API tells as slugs, and what its services sound like in pinyin, as a
// module made at build time: neither the list of syllables nor a YAML reader travels to the phone.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { pinyin } from "pinyin-pro";
import type { Plugin } from "vite";
import { parse } from "yaml";

const FILE = fileURLToPath(new URL("../../config/services.yaml", import.meta.url));
const RECORDED = fileURLToPath(new URL("../../config/record_fields.yaml", import.meta.url));
const NAME = "virtual:words";

interface Catalogue {
  categories: Record<string, { name_zh: string; name_en: string }>;
  specialties: Record<string, { name_zh: string; name_en: string }>;
  preconditions_vocabulary: Record<string, string>;
  services: { code: string; name_zh: string; repeat_interval_days: number | null }[];
}

interface Recorded {
  fields: Record<string, { zh: string; en: string; unit?: string }>;
}

/** "中文 / English" as a pair. */
function pair(text: string): [string, string] {
  const [zh = text, en = text] = text.split(" / ", 2);
  return [zh, en];
}

function sounds(name: string): string {
  const bare = name.replace(/[（）()、，\s]/g, "");
  const options = { toneType: "none", type: "array", nonZh: "consecutive" } as const;
  const whole = pinyin(bare, options).join("");
  const initials = pinyin(bare, { ...options, pattern: "first" }).join("");
  return `${whole} ${initials}`.toLowerCase();
}

export function words(): Plugin {
  return {
    name: "shangmen-words",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    load(id) {
      if (id !== `\0${NAME}`) return;
      this.addWatchFile(FILE);
      const catalogue = parse(readFileSync(FILE, "utf-8")) as Catalogue;
      this.addWatchFile(RECORDED);
      const { fields } = parse(readFileSync(RECORDED, "utf-8")) as Recorded;
      const told = {
        categories: Object.fromEntries(
          Object.entries(catalogue.categories).map(([slug, each]) => [slug, [each.name_zh, each.name_en]]),
        ),
        specialties: Object.fromEntries(
          Object.entries(catalogue.specialties).map(([slug, each]) => [slug, [each.name_zh, each.name_en]]),
        ),
        preconditions: Object.fromEntries(
          Object.entries(catalogue.preconditions_vocabulary).map(([slug, text]) => [slug, pair(text)]),
        ),
        sounds: Object.fromEntries(catalogue.services.map((each) => [each.code, sounds(each.name_zh)])),
        recorded: Object.fromEntries(
          Object.entries(fields).map(([name, { zh, en, unit }]) => [
            name,
            unit ? [`${zh} ${unit}`, `${en} ${unit}`] : [zh, en],
          ]),
        ),
        repeatDays: Object.fromEntries(
          catalogue.services.flatMap((each) =>
            each.repeat_interval_days ? [[each.code, each.repeat_interval_days]] : [],
          ),
        ),
      };
      return Object.entries(told)
        .map(([name, value]) => `export const ${name} = ${JSON.stringify(value)};`)
        .join("\n");
    },
  };
}
