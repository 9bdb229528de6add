// One thing that somebody wants to happen once: its key stays until it has happened or he wants another thing.
import { newKey } from "./client";

export class Intent {
  private key = newKey();
  private wanted: string | null = null;

  /** Run it under the key of `body`; pressing again after a failure goes on under the same key. */
  async run<T>(body: unknown, act: (key: string) => Promise<T>): Promise<T> {
    const wanted = JSON.stringify(body ?? null);
    if (this.wanted !== null && wanted !== this.wanted) this.key = newKey();
    this.wanted = wanted;
    const done = await act(this.key);
    this.key = newKey();
    this.wanted = null;
    return done;
  }
}
