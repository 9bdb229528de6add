// What the views of this client share: the way to the API, its stream, what never changes during a visit.
import { shallowRef } from "vue";
import { Api, sessionOf, type Schemas } from "@shared/api/client";
import { SessionStore } from "@shared/api/session";
import { Stream } from "@shared/api/stream";
import * as clock from "@shared/clock";
import { locale } from "@shared/i18n";

export type Order = Schemas["Order"];
export type Patient = Schemas["PatientView"];
export type Address = Schemas["AddressView"];
export type Service = Schemas["ServiceView"];

export const session = new SessionStore("shangmen.patient");
export const api = new Api(session, () => locale.value);
export const stream = new Stream(api);

export async function syncClock(): Promise<void> {
  const askedAtMs = performance.now();
  clock.set(await api.get("/v1/time"), askedAtMs);
}

export async function signIn(phone: string, code: string): Promise<void> {
  session.keep(sessionOf(await api.post("/v1/auth/token", { body: { phone, code } })));
}

export async function signOut(): Promise<void> {
  stream.stop();
  try {
    await api.post("/v1/auth/logout");
  } finally {
    session.keep(null);
    sessionStorage.clear();
  }
}

const catalogue = shallowRef<Map<string, Service> | null>(null);
let asked: Promise<Map<string, Service>> | null = null;

/** All services by code, asked for once. */
export function services(): Promise<Map<string, Service>> {
  asked ??= api
    .get("/v1/services", { query: { limit: 200 } })
    .then((page) => (catalogue.value = new Map(page.items.map((each) => [each.code, each]))))
    .catch((error: unknown) => {
      asked = null;
      throw error;
    });
  return asked;
}

/** The name of a service in the reader's language; its code until the catalogue is here. */
export function nameOf(code: string): string {
  const found = catalogue.value?.get(code);
  if (!found) return code;
  return locale.value === "en" ? found.name_en : found.name_zh;
}

export const namesOf = (codes: readonly string[]): string =>
  codes.map(nameOf).join(locale.value === "en" ? ", " : "、");
