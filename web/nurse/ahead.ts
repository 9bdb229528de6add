// A visit as its nurse knows it: as the server told it last, and what she has done since, which the server has yet to
// hear. Pure.
import type { Schemas } from "@shared/api/client";
import type { Step } from "@shared/queue/queue";
import moves from "./moves.json";

export type Visit = Schemas["Visit"];
export type State = Visit["state"];
export type Move = "depart" | "arrive" | "start" | "complete" | "abort" | "release";

export interface Ahead {
  visit: Visit;
  may: ReadonlySet<string>;
  /** What the server has not heard yet. */
  waiting: readonly Step[];
  /** What it refused: a person has to say how it goes on. */
  refused: Step | null;
}

// What a step makes of a visit: its state, and the time that it sets.
const EFFECTS: Record<Move, { state: State; time: "departed_at" | "arrived_at" | "started_at" | "ended_at" }> = {
  depart: { state: "en_route", time: "departed_at" },
  arrive: { state: "arrived", time: "arrived_at" },
  start: { state: "in_service", time: "started_at" },
  complete: { state: "completed", time: "ended_at" },
  abort: { state: "aborted", time: "ended_at" },
  release: { state: "released", time: "ended_at" },
};
// The nurse's moves of dispatch/lifecycles.py, for when the server cannot be asked; a test holds them equal.
const MOVES: Record<State, string[]> = moves;

export const OPEN: ReadonlySet<State> = new Set(["scheduled", "en_route", "arrived", "in_service"]);
/** On the errand: from the departure to the end. */
export const OUT: ReadonlySet<State> = new Set(["en_route", "arrived", "in_service"]);

export const isMove = (name: string): name is Move => name in EFFECTS;

/** `steps` are those of this visit, in order. What stands behind a refused one has not happened yet. */
export function ahead(told: Visit, steps: readonly Step[]): Ahead {
  let visit = told;
  let may = new Set(told.moves.map((move) => move.name));
  let refused: Step | null = null;
  for (const step of steps) {
    if (step.refusal) {
      refused = step;
      break;
    }
    // Its answer may be here already while it still stands in the queue.
    if (!isMove(step.name) || !MOVES[visit.state].includes(step.name)) continue;
    const { state, time } = EFFECTS[step.name];
    visit = { ...visit, state, [time]: step.at };
    may = new Set(MOVES[state]);
  }
  return { visit, may, waiting: steps, refused };
}
