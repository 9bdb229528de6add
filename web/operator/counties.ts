// The served counties: their outlines and names, read once.
import { computed, shallowRef } from "vue";
import type { Schemas } from "@shared/api/client";
import { inEnglish } from "@shared/i18n";
import { api } from "./app";

export const areas = shallowRef<Schemas["AreaCollection"] | null>(null);
let isAsked = false;

export function useCounties(): void {
  if (isAsked) return;
  isAsked = true;
  api
    .get("/v1/service-areas")
    .then((told) => (areas.value = told))
    .catch(() => (isAsked = false));
}

export const counties = computed(() => (areas.value?.features ?? []).map((each) => each.properties));
const names = computed(() => new Map(counties.value.map((each) => [each.code, inEnglish.value ? each.name_en : each.name_zh])));
export const countyName = (code: string): string => names.value.get(code) ?? code;
