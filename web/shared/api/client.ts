// The one way to the API: typed by its OpenAPI document, patient with networks, never twice by accident.
import { mayBeBack, seen } from "./network";
import { Problem, Unreachable, problemOf } from "./problem";
import type { Session, SessionStore } from "./session";
import type { components, paths } from "./types";

export type Schemas = components["schemas"];
type Method = "get" | "post" | "put" | "patch" | "delete";
type PathsWith<M extends Method> = {
  [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never;
}[keyof paths];

type Responses<O> = O extends { responses: infer R } ? R : never;
type Json<T> = T extends { content: { "application/json": infer C } } ? C : undefined;
type Answered<O> = Json<Responses<O>[keyof Responses<O>]>;
type Sent<O> = O extends { requestBody?: infer B }
  ? NonNullable<B> extends { content: { "application/json": infer C } }
    ? C
    : undefined
  : undefined;
type InPath<O> = O extends { parameters: { path: infer P } } ? { path: P } : { path?: undefined };
type InQuery<O> = O extends { parameters: { query?: infer Q } } ? { query?: Q } : { query?: undefined };

interface Manner {
  /** Kept over retries, so that what was done already is not done again. */
  key?: string;
  ifMatch?: number;
  signal?: AbortSignal;
  /** How long an answer may take, if longer than others. */
  timeoutMs?: number;
  /** How often to try in all where trying again is safe. */
  tries?: number;
}
type Asked<O> = InPath<O> & InQuery<O> & Manner & { body?: Sent<O> | FormData };
type Arguments<O> = O extends { parameters: { path: object } } ? [asked: Asked<O>] : [asked?: Asked<O>];

export interface Tokens {
  access_token: string;
  refresh_token: string;
  role: string;
  account_id: string;
}

const TRIES = 4;
const TIMEOUT_MS = 30_000;
const FIRST_PAUSE_MS = 400;
const PAUSE_MAX_MS = 8_000;

export const newKey = (): string => crypto.randomUUID();

export const sessionOf = (told: Tokens): Session => ({
  access: told.access_token,
  refresh: told.refresh_token,
  role: told.role,
  accountId: told.account_id,
});

export class Api {
  private refreshing: Promise<boolean> | null = null;

  constructor(
    readonly session: SessionStore,
    private readonly language: () => string,
    private readonly root = "",
    private readonly send: typeof fetch = (...given) => fetch(...given),
  ) {}

  get<P extends PathsWith<"get">>(path: P, ...[asked]: Arguments<paths[P]["get"]>) {
    return this.call<Answered<paths[P]["get"]>>("GET", path, asked);
  }

  post<P extends PathsWith<"post">>(path: P, ...[asked]: Arguments<paths[P]["post"]>) {
    return this.call<Answered<paths[P]["post"]>>("POST", path, asked);
  }

  put<P extends PathsWith<"put">>(path: P, ...[asked]: Arguments<paths[P]["put"]>) {
    return this.call<Answered<paths[P]["put"]>>("PUT", path, asked);
  }

  patch<P extends PathsWith<"patch">>(path: P, ...[asked]: Arguments<paths[P]["patch"]>) {
    return this.call<Answered<paths[P]["patch"]>>("PATCH", path, asked);
  }

  delete<P extends PathsWith<"delete">>(path: P, ...[asked]: Arguments<paths[P]["delete"]>) {
    return this.call<Answered<paths[P]["delete"]>>("DELETE", path, asked);
  }

  /** A step that the server offered in `moves`. */
  move<T>(move: Schemas["MoveView"], asked: Manner & { body?: object } = {}): Promise<T> {
    return this.call<T>(move.method, move.path, { body: {}, ...asked });
  }

  /** Raises `Problem` for a refusal, `Unreachable` when nobody answers. */
  async call<T>(method: string, path: string, asked: Wanted = {}): Promise<T> {
    const answer = await this.raw(method, filled(path, asked.path, asked.query), asked);
    if (answer.status === 204 || answer.headers.get("Content-Length") === "0") return undefined as T;
    return (await answer.json()) as T;
  }

  /** The answer itself, if it is a success. */
  async raw(method: string, url: string, asked: Wanted = {}): Promise<Response> {
    const isSafe = method === "GET" || asked.key !== undefined;
    const tries = isSafe ? (asked.tries ?? TRIES) : 1;
    for (let attempt = 1; ; attempt += 1) {
      let refusal: Problem | Unreachable;
      try {
        const answer = await this.once(method, url, asked);
        if (answer.ok) return answer;
        refusal = await problemOf(answer);
      } catch (error) {
        if (asked.signal?.aborted) throw error;
        refusal = new Unreachable(String(error));
      }
      if (attempt >= tries || !isPassing(refusal)) throw refusal;
      await mayBeBack(pauseMs(refusal, attempt), asked.signal);
      if (asked.signal?.aborted) throw refusal;
    }
  }

  private async once(method: string, url: string, asked: Wanted): Promise<Response> {
    const used = this.session.current.value;
    const answer = await this.fetch(method, url, asked, used);
    if (answer.status !== 401 || used === null) return answer;
    return (await this.renew(used)) ? this.fetch(method, url, asked, this.session.current.value) : answer;
  }

  private async fetch(method: string, url: string, asked: Wanted, session: Session | null) {
    const headers: Record<string, string> = { "Accept-Language": this.language() };
    if (session) headers.Authorization = `Bearer ${session.access}`;
    if (asked.key) headers["Idempotency-Key"] = asked.key;
    if (asked.ifMatch !== undefined) headers["If-Match"] = `"${asked.ifMatch}"`;
    let body: BodyInit | undefined;
    if (asked.body instanceof FormData) body = asked.body;
    else if (asked.body instanceof Blob) {
      headers["Content-Type"] = asked.body.type;
      body = asked.body;
    }
    else if (asked.body !== undefined) {
      headers["Content-Type"] = "application/json";
      body = JSON.stringify(asked.body);
    }
    const signals = [AbortSignal.timeout(asked.timeoutMs ?? TIMEOUT_MS), ...(asked.signal ? [asked.signal] : [])];
    try {
      const answer = await this.send(this.root + url, {
        method,
        headers,
        body,
        signal: AbortSignal.any(signals),
        cache: "no-store",
      });
      seen(true);
      return answer;
    } catch (error) {
      if (!asked.signal?.aborted) seen(false);
      throw error;
    }
  }

  /** New tokens for everybody who waits, asked for once: a refresh token that is used twice ends the session.
   * False when the session is over. */
  renew(used: Session): Promise<boolean> {
    this.refreshing ??= this.alone(() => this.refresh(used)).finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  private async refresh(used: Session): Promise<boolean> {
    const kept = this.session.read();
    if (kept === null) {
      this.session.keep(null);
      return false;
    }
    if (kept.access !== used.access) {
      this.session.keep(kept); // another tab, or another call, was there before
      return true;
    }
    const answer = await this.fetch("POST", "/v1/auth/refresh", { body: { refresh_token: kept.refresh } }, null);
    if (answer.ok) {
      this.session.keep(sessionOf((await answer.json()) as Tokens));
      return true;
    }
    if (answer.status < 500 && answer.status !== 429) this.session.keep(null);
    return false;
  }

  private alone<T>(work: () => Promise<T>): Promise<T> {
    const locks = globalThis.navigator?.locks;
    return locks ? (locks.request("shangmen.refresh", work) as Promise<T>) : work();
  }
}

interface Wanted extends Manner {
  path?: unknown;
  query?: unknown;
  body?: unknown;
}

function filled(path: string, params: unknown, query: unknown): string {
  let url = path;
  for (const [name, value] of Object.entries((params ?? {}) as Record<string, string>)) {
    url = url.replace(`{${name}}`, encodeURIComponent(value));
  }
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries((query ?? {}) as Record<string, unknown>)) {
    if (value !== undefined && value !== null && value !== "") asked.set(name, String(value));
  }
  const text = asked.toString();
  return text ? `${url}?${text}` : url;
}

/** Whether the same request may fare better in a moment. */
function isPassing(refusal: Problem | Unreachable): boolean {
  if (refusal instanceof Unreachable) return true;
  return [429, 502, 503, 504].includes(refusal.status) || refusal.slug === "request-in-progress";
}

function pauseMs(refusal: Problem | Unreachable, attempt: number): number {
  const asked = refusal instanceof Problem && refusal.retryAfterS ? refusal.retryAfterS * 1000 : 0;
  const grown = FIRST_PAUSE_MS * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  return Math.min(Math.max(asked, grown), PAUSE_MAX_MS);
}
