// The API client on a network that loses, doubles and delays.
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Api } from "@shared/api/client";
import { Intent } from "@shared/api/intent";
import { Problem, Unreachable } from "@shared/api/problem";
import { SessionStore } from "@shared/api/session";

interface Seen {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: unknown;
}
type Reply = (seen: Seen) => Response | Promise<Response>;

const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json", ...headers } });
const problem = (status: number, slug: string, more: object = {}) =>
  json(status, { type: `/problems/${slug}`, title: slug, status, detail: "why", ...more });
const lost: Reply = () => Promise.reject(new TypeError("network"));

function network(...replies: Reply[]) {
  const seen: Seen[] = [];
  const send = vi.fn(async (url: RequestInfo | URL, given?: RequestInit) => {
    const request: Seen = {
      method: given?.method ?? "GET",
      url: String(url),
      headers: given?.headers as Record<string, string>,
      body: given?.body ? JSON.parse(String(given.body)) : undefined,
    };
    seen.push(request);
    const reply = replies[Math.min(seen.length, replies.length) - 1];
    if (!reply) throw new Error("nothing to answer");
    return reply(request);
  });
  return { seen, send: send as unknown as typeof fetch };
}

function apiWith(send: typeof fetch, signedIn = true): Api {
  const session = new SessionStore("test");
  if (signedIn) session.keep({ access: "old", refresh: "r1", role: "patient", accountId: "a" });
  return new Api(session, () => "en", "", send);
}

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
  return () => vi.useRealTimers();
});

describe("a request", () => {
  it("fills the path and the query, and says who asks in which language", async () => {
    const { seen, send } = network(() => json(200, { items: [], next_cursor: null }));
    await apiWith(send).get("/v1/orders/{id}/timeline", { path: { id: "a b" }, query: { limit: 5 } });
    expect(seen[0]?.url).toBe("/v1/orders/a%20b/timeline?limit=5");
    expect(seen[0]?.headers).toMatchObject({ Authorization: "Bearer old", "Accept-Language": "en" });
  });

  it("comes back as a problem with its fields", async () => {
    const errors = [{ loc: ["body", "window", "latest"], msg: "must be after" }];
    const { send } = network(() => problem(422, "invalid-request", { errors }));
    const refusal = await apiWith(send).get("/v1/me").catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Problem);
    expect((refusal as Problem).slug).toBe("invalid-request");
    expect((refusal as Problem).fault("window", "latest")).toBe("must be after");
  });

  it("is tried again under the same key when it was lost or put off", async () => {
    const { seen, send } = network(
      lost,
      () => problem(503, "overloaded", {}),
      () => problem(409, "request-in-progress"),
      () => json(201, { id: "o" }),
    );
    const made = await apiWith(send).post("/v1/orders", { body: {} as never, key: "k" });
    expect(made).toEqual({ id: "o" });
    expect(seen.map((each) => each.headers["Idempotency-Key"])).toEqual(["k", "k", "k", "k"]);
  });

  it("is sent once where doing it twice would do harm", async () => {
    const { seen, send } = network(lost);
    const refusal = await apiWith(send).post("/v1/auth/otp", { body: { phone: "+8613800000000" } }).catch((e: unknown) => e);
    expect(refusal).toBeInstanceOf(Unreachable);
    expect(seen).toHaveLength(1);
  });

  it("is not tried again when it was refused for good", async () => {
    const { seen, send } = network(() => problem(409, "illegal-transition"));
    await expect(apiWith(send).post("/v1/orders", { body: {} as never, key: "k" })).rejects.toThrow("why");
    expect(seen).toHaveLength(1);
  });
});

describe("an access token that has run out", () => {
  const fresh = { access_token: "new", refresh_token: "r2", role: "patient", account_id: "a" };
  const answer: Reply = ({ url, headers }) => {
    if (url === "/v1/auth/refresh") return json(200, fresh);
    return headers.Authorization === "Bearer new" ? json(200, { url }) : problem(401, "unauthenticated");
  };

  it("is renewed once for all who wait", async () => {
    const { seen, send } = network(answer);
    const api = apiWith(send);
    await Promise.all([api.get("/v1/me"), api.get("/v1/orders"), api.get("/v1/patients")]);
    const refreshes = seen.filter((each) => each.url === "/v1/auth/refresh");
    expect(refreshes.map((each) => each.body)).toEqual([{ refresh_token: "r1" }]);
    expect(api.session.current.value?.refresh).toBe("r2");
  });

  it("is not renewed when another tab has done so", async () => {
    const { seen, send } = network(answer);
    const api = apiWith(send);
    localStorage.setItem("test", JSON.stringify({ access: "new", refresh: "r2", role: "patient", accountId: "a" }));
    await api.get("/v1/me");
    expect(seen.some((each) => each.url === "/v1/auth/refresh")).toBe(false);
  });

  it("ends the session when the refresh token is refused, and only then", async () => {
    const refused = network(({ url }) => problem(401, url === "/v1/auth/refresh" ? "session-over" : "unauthenticated"));
    const over = apiWith(refused.send);
    await expect(over.get("/v1/me")).rejects.toBeInstanceOf(Problem);
    expect(over.session.current.value).toBeNull();

    const away = network(({ url }) => (url === "/v1/auth/refresh" ? problem(503, "overloaded") : problem(401, "unauthenticated")));
    const kept = apiWith(away.send);
    await expect(kept.get("/v1/me")).rejects.toBeInstanceOf(Problem);
    expect(kept.session.current.value).not.toBeNull();
  });
});

describe("an intent", () => {
  it("keeps its key until it is done, and takes another for another wish", async () => {
    const intent = new Intent();
    const keys: string[] = [];
    const fail = (key: string) => {
      keys.push(key);
      return Promise.reject(new Error("lost"));
    };
    const succeed = (key: string) => {
      keys.push(key);
      return Promise.resolve();
    };
    await intent.run({ a: 1 }, fail).catch(() => undefined);
    await intent.run({ a: 1 }, fail).catch(() => undefined);
    await intent.run({ a: 2 }, succeed);
    await intent.run({ a: 2 }, succeed);
    expect(keys[0]).toBe(keys[1]);
    expect(new Set(keys).size).toBe(3);
  });
});
