// The words and colours of what decides between nurses.
import { shallowRef } from "vue";
import { i18n, inEnglish, t } from "@shared/i18n";
import { api } from "./app";

const COLOURS: Record<string, string> = {
  travel: "#2f7fd1",
  waiting: "#c98700",
  lateness: "#b0568f",
  continuity: "#0f8a58",
  scarcity: "#8a56c9",
  acceptance: "#5b6b9a",
  load: "#d0603a",
  fairness: "#8a7a2f",
  preferred: "#14939b",
  taken_back: "#b3261e",
};
const words = shallowRef<Map<string, [zh: string, en: string]>>(new Map());
let isAsked = false;

/** Read the terms' words once; until they are here the terms go by their names. */
export function useTerms(): void {
  if (isAsked) return;
  isAsked = true;
  api
    .get("/v1/vocabulary")
    .then(({ terms }) => (words.value = new Map(terms.map((each) => [each.name, [each.text_zh, each.text_en]]))))
    .catch(() => (isAsked = false));
}

export const termName = (name: string): string => words.value.get(name)?.[inEnglish.value ? 1 : 0] ?? name;
export const termColour = (name: string): string => COLOURS[name] ?? "#7d8784";
export const ruleName = (name: string): string =>
  i18n.global.te(`operator.rule.${name}`) ? t(`operator.rule.${name}`) : name;
