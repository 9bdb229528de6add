// What was done without a network: kept on the phone, sent later in the order in which it was done.
//
// A step leaves the queue only by an answer that says yes, or by a person. One that is refused holds back the later
// steps of its lane (a visit), since those build on it; other lanes go on.
import { openDB, type DBSchema, type IDBPDatabase } from "idb";
import { shallowRef } from "vue";
import { newKey } from "../api/client";
import { Problem, Unreachable } from "../api/problem";

export interface Step {
  /** Its place in the order. */
  n: number;
  lane: string;
  /** What it is, for a person: `depart`, `record`, … */
  name: string;
  method: "POST" | "PUT";
  path: string;
  body: unknown;
  /** A file goes as multipart, with the members of `body` as its fields. */
  file?: Blob;
  /** The same for every try, so that a lost answer does no harm. */
  key: string;
  /** When it was done, not when it is sent. */
  at: string;
  refusal?: { slug: string; title: string; detail: string; errors: string[] };
}
export type NewStep = Omit<Step, "n" | "key" | "refusal">;
export type Sender = (step: Step) => Promise<unknown>;

interface Kept extends DBSchema {
  steps: { key: number; value: Omit<Step, "n"> & { n?: number } };
}

export class Queue {
  /** What waits, in order; also what was refused and waits for a person. */
  readonly steps = shallowRef<readonly Step[]>([]);
  private readonly db: Promise<IDBPDatabase<Kept>>;
  private replaying: Promise<void> | null = null;

  constructor(
    private readonly send: Sender,
    private readonly name: string,
  ) {
    this.db = openDB<Kept>(name, 1, {
      upgrade: (db) => void db.createObjectStore("steps", { keyPath: "n", autoIncrement: true }),
    });
    void this.look();
  }

  /** Keep a step, for good until it is answered. It is on the phone's disk when this resolves. */
  async add(step: NewStep): Promise<void> {
    const db = await this.db;
    const write = db.transaction("steps", "readwrite", { durability: "strict" });
    await write.store.add({ ...step, key: newKey() });
    await write.done;
    await this.look();
  }

  /** Send what can be sent, in order; one at a time over all tabs. Resolves when nothing more can be. */
  replay(): Promise<void> {
    this.replaying ??= alone(this.name, () => this.sendAll()).finally(() => {
      this.replaying = null;
    });
    return this.replaying;
  }

  /** Try a refused step once more, changed by a person. It is another request now, so it has another key. */
  async amend(n: number, body: unknown): Promise<void> {
    await this.change(n, (step) => ({ ...step, body, key: newKey(), refusal: undefined }));
    await this.replay();
  }

  /** Give a refused step up; those behind it go on. */
  async drop(n: number): Promise<void> {
    await (await this.db).delete("steps", n);
    await this.look();
    await this.replay();
  }

  private async sendAll(): Promise<void> {
    for (;;) {
      const step = nextOf(await this.look());
      if (!step) return;
      try {
        await this.send(step);
        await (await this.db).delete("steps", step.n);
      } catch (error) {
        if (!(error instanceof Problem) || !isFinal(error)) {
          if (error instanceof Problem || error instanceof Unreachable) return; // later, from here on
          throw error;
        }
        const { slug, title, detail } = error;
        const errors = error.errors.map((each) => `${each.loc.slice(1).join(" › ")}: ${each.msg}`);
        await this.change(step.n, (kept) => ({ ...kept, refusal: { slug, title, detail, errors } }));
      }
    }
  }

  private async change(n: number, to: (step: Step) => Step): Promise<void> {
    const db = await this.db;
    const write = db.transaction("steps", "readwrite", { durability: "strict" });
    const kept = await write.store.get(n);
    if (kept) await write.store.put(to(kept as Step));
    await write.done;
    await this.look();
  }

  private async look(): Promise<readonly Step[]> {
    this.steps.value = (await (await this.db).getAll("steps")) as Step[];
    return this.steps.value;
  }
}

/** The first step of which no earlier one of its lane was refused. */
function nextOf(steps: readonly Step[]): Step | undefined {
  const held = new Set<string>();
  for (const step of steps) {
    if (step.refusal) held.add(step.lane);
    else if (!held.has(step.lane)) return step;
  }
  return undefined;
}

/** Whether the server has said no for good: waiting, signing in again or a calmer hour would change nothing. */
function isFinal(problem: Problem): boolean {
  const passing = [401, 408, 425, 428, 429].includes(problem.status) || problem.slug === "request-in-progress";
  return !passing && problem.status >= 400 && problem.status < 500;
}

function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = globalThis.navigator?.locks;
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}
