// A client's way to the server: session, API, stream, clock and the catalogue, all under the client's own name.
import { shallowRef } from "vue";
import { Api, sessionOf, type Schemas } from "./api/client";
import { SessionStore } from "./api/session";
import { Stream } from "./api/stream";
import * as clock from "./clock";
import { locale } from "./i18n";

export type Service = Schemas["ServiceView"];

export interface Connection {
  readonly session: SessionStore;
  readonly api: Api;
  readonly stream: Stream;
  syncClock: () => Promise<void>;
  signIn: (phone: string, code: string) => Promise<void>;
  signOut: () => Promise<void>;
  /** All services by code, asked for once. */
  services: () => Promise<Map<string, Service>>;
  /** The name of a service in the reader's language; its code until the catalogue is here. */
  nameOf: (code: string) => string;
  namesOf: (codes: readonly string[]) => string;
}

/** `kept` may answer from what the device has kept, by a name. */
export function connect(
  name: string,
  streamPath = "/v1/stream",
  kept: <T>(name: string, read: () => Promise<T>) => Promise<T> = (_, read) => read(),
): Connection {
  const session = new SessionStore(`shangmen.${name}`);
  const api = new Api(session, () => locale.value);
  const stream = new Stream(api, streamPath);
  const catalogue = shallowRef<Map<string, Service> | null>(null);
  let asked: Promise<Map<string, Service>> | null = null;

  function nameOf(code: string): string {
    const found = catalogue.value?.get(code);
    if (!found) return code;
    return locale.value === "en" ? found.name_en : found.name_zh;
  }

  return {
    session,
    api,
    stream,
    nameOf,
    async syncClock() {
      const askedAtMs = performance.now();
      clock.set(await api.get("/v1/time"), askedAtMs);
    },
    async signIn(phone, code) {
      session.keep(sessionOf(await api.post("/v1/auth/token", { body: { phone, code } })));
    },
    async signOut() {
      stream.stop();
      try {
        await api.post("/v1/auth/logout");
      } finally {
        session.keep(null);
        sessionStorage.clear();
      }
    },
    services() {
      asked ??= kept("services", () => api.get("/v1/services", { query: { limit: 200 } }))
        .then((page) => (catalogue.value = new Map(page.items.map((each) => [each.code, each]))))
        .catch((error: unknown) => {
          asked = null;
          throw error;
        });
      return asked;
    },
    namesOf: (codes) => codes.map(nameOf).join(locale.value === "en" ? ", " : "、"),
  };
}
