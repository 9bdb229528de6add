// Two languages: zh-CN unless somebody chose otherwise; the choice stays on the device.
import { computed, type Plugin } from "vue";
import { createI18n } from "vue-i18n";

export type Locale = "zh-CN" | "en";
const KEPT = "shangmen.language";

export function initialLocale(): Locale {
  const kept = globalThis.localStorage?.getItem(KEPT);
  return kept === "en" ? "en" : "zh-CN";
}

export const i18n = createI18n({
  legacy: false,
  locale: initialLocale() as Locale,
  fallbackLocale: "zh-CN",
  missingWarn: false,
  fallbackWarn: false,
  messages: { "zh-CN": {}, en: {} },
});

export const t = (key: string, values: Record<string, unknown> = {}): string =>
  i18n.global.t(key, values);

export const locale = computed<Locale>(() => (i18n.global.locale.value === "en" ? "en" : "zh-CN"));

export const inEnglish = computed(() => locale.value === "en");

/** The half of a pair that is read. */
export const spoken = (pair: [string, string] | undefined, otherwise = ""): string =>
  pair ? pair[inEnglish.value ? 1 : 0] : otherwise;

export function setLocale(chosen: Locale): void {
  i18n.global.locale.value = chosen;
  localStorage.setItem(KEPT, chosen);
  document.documentElement.lang = chosen;
}

/** The plugin, with a client's own texts beside the shared ones. */
export function withTexts(texts: Record<Locale, Record<string, unknown>>): Plugin {
  for (const language of ["zh-CN", "en"] as const) {
    i18n.global.mergeLocaleMessage(language, texts[language]);
  }
  document.documentElement.lang = locale.value;
  return i18n as unknown as Plugin;
}
