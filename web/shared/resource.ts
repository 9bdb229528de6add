// Something that a view reads: shown as it was while it is read anew, and never in the way of another.
import { computed, onScopeDispose, shallowRef, watch, type WatchSource } from "vue";
import { online } from "./api/network";
import { Problem, Unreachable } from "./api/problem";

export type Phase = "loading" | "ready" | "offline" | "error";

export interface Resource<T> {
  readonly data: T | null;
  readonly fault: Problem | Unreachable | null;
  readonly phase: Phase;
  readonly busy: boolean;
  reload: () => Promise<void>;
  set: (value: T) => void;
}

/** Reads at once, again whenever `when` changes, and when the network is back. */
export function useResource<T>(
  read: (signal: AbortSignal) => Promise<T>,
  when: WatchSource<unknown>[] = [],
): Resource<T> {
  const data = shallowRef<T | null>(null);
  const fault = shallowRef<Problem | Unreachable | null>(null);
  const busy = shallowRef(false);
  let under = new AbortController();

  async function reload(): Promise<void> {
    under.abort();
    const own = (under = new AbortController());
    busy.value = true;
    try {
      const value = await read(own.signal);
      if (own.signal.aborted) return;
      data.value = value;
      fault.value = null;
    } catch (error) {
      if (own.signal.aborted) return;
      fault.value = faultOf(error);
    } finally {
      if (under === own) busy.value = false;
    }
  }

  const phase = computed<Phase>(() => {
    if (data.value !== null) return "ready";
    if (fault.value === null) return "loading";
    return fault.value instanceof Unreachable ? "offline" : "error";
  });

  watch(when, () => {
    data.value = null;
    void reload();
  });
  watch(online, (is) => {
    if (is && fault.value) void reload();
  });
  onScopeDispose(() => under.abort());
  void reload();

  return {
    get data() {
      return data.value;
    },
    get fault() {
      return fault.value;
    },
    get phase() {
      return phase.value;
    },
    get busy() {
      return busy.value;
    },
    reload,
    set: (value: T) => {
      data.value = value;
    },
  };
}

/** What was thrown, as something that can be told. A defect of our own is not swallowed. */
export function faultOf(error: unknown): Problem | Unreachable {
  if (error instanceof Problem || error instanceof Unreachable) return error;
  if (error instanceof DOMException || error instanceof TypeError) return new Unreachable(String(error));
  throw error;
}
