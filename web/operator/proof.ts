// What the proof of a batch says, as names of texts: how good the choice was, and what by turns would have come to.
import type { Schemas } from "@shared/api/client";

export type Proof = Schemas["BatchProof"];
// Costs are told to a tenth of a minute.
const LEAST_MIN = 0.05;

export function verdict(one: Proof): { name: "best" | "gap" | "unproven"; look: "good" | "warn" | "alarm" } {
  if (!one.proven || !one.checked || one.gap == null) return { name: "unproven", look: "alarm" };
  return one.gap < LEAST_MIN ? { name: "best", look: "good" } : { name: "gap", look: "warn" };
}

/** Had each order in turn taken those who cost it least; null for an order by itself, where it is the same thing. */
export function byTurns(one: Proof): { name: "fewer" | "lessUrgent" | "dearer" | "same"; n: number } | null {
  if (one.orders === 1) return null;
  const fewer = one.orders_served - one.greedy.orders_served;
  const dearer = one.greedy.cost - one.cost;
  if (fewer > 0) return { name: "fewer", n: fewer };
  // It never is both as many, as urgent and cheaper: the choice was the best.
  if (fewer < 0 || dearer <= -LEAST_MIN) return { name: "lessUrgent", n: -fewer };
  return { name: dearer < LEAST_MIN ? "same" : "dearer", n: dearer };
}
