// The offline queue against a server whose answers get lost, come twice, or say no.
import "fake-indexeddb/auto";
import { beforeEach, describe, expect, it } from "vitest";
import { Problem, Unreachable } from "@shared/api/problem";
import { Queue, type NewStep, type Step } from "@shared/queue/queue";

/** Does each key once, like the server; what the network does with the answers is told by `weather`. */
class Server {
  readonly done: string[] = [];
  readonly tries: string[] = [];
  private readonly kept = new Set<string>();
  weather: (step: Step) => "fine" | "lost on the way" | "answer lost" | Problem = () => "fine";

  readonly take = async (step: Step): Promise<void> => {
    this.tries.push(step.name);
    const today = this.weather(step);
    await Promise.resolve();
    if (today === "lost on the way") throw new Unreachable("tunnel");
    if (today instanceof Problem) throw today;
    if (!this.kept.has(step.key)) {
      this.kept.add(step.key);
      this.done.push(step.name);
    }
    if (today === "answer lost") throw new Unreachable("tunnel");
  };
}

const refusal = (status: number, slug: string) => new Problem(status, slug, slug, "why", [], {}, null);
const step = (name: string, lane = "visit-1"): NewStep => ({
  lane,
  name,
  method: "POST",
  path: `/v1/visits/${lane}/${name}`,
  body: {},
  at: "2026-11-22T01:00:00Z",
});

let number = 0;
let name = "";
beforeEach(() => {
  number += 1;
  name = `queue-${number}`;
});

async function filled(server: Server, ...names: string[]): Promise<Queue> {
  const queue = new Queue(server.take, name);
  for (const each of names) await queue.add(step(each));
  return queue;
}

describe("what was done offline", () => {
  it("is sent in the order in which it was done", async () => {
    const server = new Server();
    const queue = await filled(server, "depart", "arrive", "start", "record", "complete");
    await queue.replay();
    expect(server.done).toEqual(["depart", "arrive", "start", "record", "complete"]);
    expect(queue.steps.value).toEqual([]);
  });

  it("waits while nobody is reached, and overtakes nothing", async () => {
    const server = new Server();
    server.weather = (each) => (each.name === "arrive" ? "lost on the way" : "fine");
    const queue = await filled(server, "depart", "arrive", "start");
    await queue.replay();
    expect(server.done).toEqual(["depart"]);
    expect(queue.steps.value.map((each) => each.name)).toEqual(["arrive", "start"]);
    server.weather = () => "fine";
    await queue.replay();
    expect(server.done).toEqual(["depart", "arrive", "start"]);
  });

  it("is done once when the answer was lost", async () => {
    const server = new Server();
    const lostOnce = new Set<string>();
    server.weather = ({ name: of }) => (lostOnce.has(of) ? "fine" : (lostOnce.add(of), "answer lost"));
    const queue = await filled(server, "depart", "arrive");
    for (let n = 0; n < 3; n += 1) await queue.replay();
    expect(server.done).toEqual(["depart", "arrive"]);
    expect(server.tries).toEqual(["depart", "depart", "arrive", "arrive"]);
  });

  it("is done once, in order, when two tabs send at the same time", async () => {
    const server = new Server();
    const one = await filled(server, "depart", "arrive", "start");
    const other = new Queue(server.take, name);
    await Promise.all([one.replay(), other.replay(), one.replay()]);
    expect(server.done).toEqual(["depart", "arrive", "start"]);
  });

  it("is still there when the page was closed in between", async () => {
    const server = new Server();
    await filled(server, "depart", "arrive");
    const later = new Queue(server.take, name);
    await later.replay();
    expect(server.done).toEqual(["depart", "arrive"]);
  });
});

describe("a step that is refused", () => {
  it("holds back what builds on it, and nothing else", async () => {
    const server = new Server();
    server.weather = (each) => (each.name === "arrive" ? refusal(422, "outside-geofence") : "fine");
    const queue = await filled(server, "depart", "arrive", "start");
    await queue.add(step("depart", "visit-2"));
    await queue.replay();
    expect(server.done).toEqual(["depart", "depart"]);
    expect(queue.steps.value.map((each) => [each.name, each.refusal?.slug])).toEqual([
      ["arrive", "outside-geofence"],
      ["start", undefined],
    ]);
  });

  it("goes on under another key once a person has amended it", async () => {
    const server = new Server();
    const keys: string[] = [];
    server.weather = (each) => {
      if (each.name !== "arrive") return "fine";
      keys.push(each.key);
      return (each.body as { override_reason?: string }).override_reason ? "fine" : refusal(422, "outside-geofence");
    };
    const queue = await filled(server, "arrive", "start");
    await queue.replay();
    await queue.amend(queue.steps.value[0]!.n, { override_reason: "wrong pin" });
    expect(server.done).toEqual(["arrive", "start"]);
    expect(new Set(keys).size).toBe(2);
  });

  it("is given up by a person only, and then the rest goes on", async () => {
    const server = new Server();
    server.weather = (each) => (each.name === "arrive" ? refusal(409, "illegal-transition") : "fine");
    const queue = await filled(server, "arrive", "record");
    await queue.replay();
    await queue.replay();
    expect(queue.steps.value).toHaveLength(2);
    await queue.drop(queue.steps.value[0]!.n);
    expect(server.done).toEqual(["record"]);
  });

  it.each([
    [401, "unauthenticated"],
    [429, "too-many-requests"],
    [503, "overloaded"],
    [409, "request-in-progress"],
  ])("is no refusal at all with %i %s: it waits", async (status, slug) => {
    const server = new Server();
    server.weather = () => refusal(status, slug);
    const queue = await filled(server, "depart");
    await queue.replay();
    expect(queue.steps.value.map((each) => each.refusal)).toEqual([undefined]);
  });
});
