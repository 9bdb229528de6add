// A step under way: its button is busy, what refused it is told beside it.
import { reactive } from "vue";
import { Intent } from "./api/intent";
import type { Problem, Unreachable } from "./api/problem";
import { faultOf } from "./resource";

export interface Doing {
  busy: boolean;
  fault: Problem | Unreachable | null;
  /** Runs `act` under the key of `body`; whether it was done. */
  run: (body: unknown, act: (key: string) => Promise<unknown>) => Promise<boolean>;
}

export function useDoing(): Doing {
  const intent = new Intent();
  const doing: Doing = reactive({
    busy: false,
    fault: null,
    async run(body: unknown, act: (key: string) => Promise<unknown>) {
      if (doing.busy) return false;
      doing.busy = true;
      doing.fault = null;
      try {
        await intent.run(body, act);
        return true;
      } catch (error) {
        doing.fault = faultOf(error);
        return false;
      } finally {
        doing.busy = false;
      }
    },
  });
  return doing;
}
