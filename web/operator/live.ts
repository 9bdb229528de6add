// How things stand, for all views at once: the board and the orders' pins, read anew soon after each event, and
// every so often where no event comes. An alarm does not wait.
import { effectScope, onScopeDispose, shallowRef, watch, type EffectScope, type ShallowRef } from "vue";
import type { Schemas } from "@shared/api/client";
import { Problem } from "@shared/api/problem";
import { useResource, type Resource } from "@shared/resource";
import { api, session, stream, type Board } from "./app";

export type OrderPin = Schemas["OrderPin"];
type Me = Schemas["Me"];

const SOON_MS = 2_500;
const PINS_SOON_MS = 6_000;
const AT_LEAST_EVERY_MS = 20_000;

export interface Live {
  me: Resource<Me>;
  board: Resource<Board>;
  pins: Resource<OrderPin[]>;
  /** Counts events about orders and visits, so that views know when to look again. */
  turn: ShallowRef<number>;
  may: (permission: string) => boolean;
}

/** Calls `act` at most once in `everyMs`, the first time at once. */
function throttled(everyMs: number, act: () => void): (isUrgent?: boolean) => void {
  let lastMs = -Infinity;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const run = () => {
    clearTimeout(timer);
    timer = undefined;
    lastMs = performance.now();
    act();
  };
  onScopeDispose(() => clearTimeout(timer));
  return (isUrgent = false) => {
    const waitMs = isUrgent ? 0 : lastMs + everyMs - performance.now();
    if (waitMs <= 0) run();
    else timer ??= setTimeout(run, waitMs);
  };
}

let running: { live: Live; scope: EffectScope } | null = null;

/** The one state of this page; it lives as long as somebody is signed in. */
export function live(): Live {
  if (!running) {
    const scope = effectScope(true);
    running = { scope, live: scope.run(start)! };
    const stop = watch(session.current, (now) => {
      if (now !== null) return;
      stop();
      scope.stop();
      running = null;
    });
  }
  return running.live;
}

function start(): Live {
  const me = useResource((signal) => api.get("/v1/me", { signal }));
  const may = (permission: string) =>
    me.data?.role === "admin" || me.data?.permissions.includes(permission) === true;
  const board = useResource((signal) => api.get("/v1/ops/board", { signal }));
  const pins = useResource(async (signal) => (await api.get("/v1/ops/map", { signal })).orders);
  const turn = shallowRef(0);

  const readBoard = throttled(SOON_MS, () => {
    turn.value += 1;
    void board.reload();
  });
  const readPins = throttled(PINS_SOON_MS, () => void pins.reload());
  const timer = setInterval(() => {
    // Who may not see the board is not asked about it for ever.
    if (board.fault instanceof Problem && board.fault.status === 403) return;
    if (document.visibilityState === "visible") {
      readBoard();
      readPins();
    }
  }, AT_LEAST_EVERY_MS);
  const stop = stream.hear(({ event }) => {
    const subject = event.split(".", 1)[0];
    readBoard(subject === "alarm" || subject === "stream");
    if (subject === "order" || subject === "stream") readPins();
  });
  onScopeDispose(() => {
    clearInterval(timer);
    stop();
    stream.stop();
  });
  return { me, board, pins, turn, may };
}
