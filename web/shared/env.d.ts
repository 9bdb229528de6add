declare module "virtual:words" {
  type Pair = [zh: string, en: string];
  export const categories: Record<string, Pair>;
  export const preconditions: Record<string, Pair>;
  export const specialties: Record<string, Pair>;
  /** By code of a service: its Chinese name in pinyin, whole and by initials. */
  export const sounds: Record<string, string>;
  /** By kind and field of a record, `vitals.pulse_bpm`: its label with its unit. */
  export const recorded: Record<string, Pair>;
  /** By code of a service: after how many days it usually is due again. */
  export const repeatDays: Record<string, number>;
}

declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<object, object, unknown>;
  export default component;
}
