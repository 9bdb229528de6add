// Server-sent events over fetch, since EventSource cannot carry a token: resumed where it broke off.
import type { Api } from "./client";
import { mayBeBack, seen } from "./network";

export interface StreamEvent {
  id: string;
  event: string;
  data: Record<string, unknown>;
}
type Hear = (event: StreamEvent) => void;

const SILENT_MS = 40_000;
const PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 30_000;

/** Lines of a stream to its events; comments and what is not finished are left out. */
export class Parser {
  private rest = "";

  push(text: string): StreamEvent[] {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.flatMap((block) => {
      const fields: Record<string, string> = {};
      for (const line of block.split("\n")) {
        const colon = line.indexOf(":");
        if (colon > 0) fields[line.slice(0, colon)] = line.slice(colon + 1).trimStart();
      }
      if (fields.data === undefined) return [];
      const data = JSON.parse(fields.data) as Record<string, unknown>;
      return [{ id: fields.id ?? "", event: fields.event ?? "message", data }];
    });
  }
}

export class Stream {
  private lastId: string | null = null;
  private readonly hearers = new Set<Hear>();
  private stopping: AbortController | null = null;

  constructor(
    private readonly api: Api,
    private readonly path = "/v1/stream",
  ) {}

  /** Hear what happens from now on; returns how to stop. After `stream.reset` everything is to be read anew. */
  hear(hear: Hear): () => void {
    this.hearers.add(hear);
    if (!this.stopping) void this.follow();
    return () => {
      this.hearers.delete(hear);
      if (this.hearers.size === 0) this.stop();
    };
  }

  stop(): void {
    this.stopping?.abort();
    this.stopping = null;
    this.lastId = null;
  }

  private async follow(): Promise<void> {
    const stopping = new AbortController();
    this.stopping = stopping;
    let pause = PAUSE_MS;
    while (!stopping.signal.aborted && this.api.session.current.value) {
      try {
        await this.read(stopping.signal, () => (pause = PAUSE_MS));
      } catch {
        pause = Math.min(pause * 2, PAUSE_MAX_MS);
      }
      if (!stopping.signal.aborted) await mayBeBack(pause * (0.75 + Math.random() / 2), stopping.signal);
    }
    if (this.stopping === stopping) this.stopping = null;
  }

  private async read(signal: AbortSignal, connected: () => void): Promise<void> {
    const session = this.api.session.current.value;
    if (!session) return;
    const cut = new AbortController();
    const headers: Record<string, string> = { Authorization: `Bearer ${session.access}` };
    if (this.lastId !== null) headers["Last-Event-ID"] = this.lastId;
    let watchdog = setTimeout(() => cut.abort(), SILENT_MS);
    try {
      const answer = await fetch(this.path, {
        headers,
        cache: "no-store",
        signal: AbortSignal.any([signal, cut.signal]),
      });
      if (answer.status === 401 && (await this.api.renew(session))) return;
      if (!answer.ok || !answer.body) throw new Error(`stream: ${answer.status}`);
      seen(true);
      connected();
      const parser = new Parser();
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => cut.abort(), SILENT_MS);
        for (const event of parser.push(value)) this.tell(event);
      }
    } finally {
      clearTimeout(watchdog);
    }
  }

  private tell(event: StreamEvent): void {
    if (event.id) this.lastId = event.id;
    for (const hear of this.hearers) hear(event);
  }
}
