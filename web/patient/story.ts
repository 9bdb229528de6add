// How an order stands, in the words of somebody who waits for a nurse: from its state and its visits' states.
import type { Order } from "./app";

export type Tone = "accent" | "good" | "warn" | "alarm" | "";

export const ENDED = new Set(["fulfilled", "failed", "rejected", "cancelled", "lapsed"]);
export const isOver = (order: Order): boolean => ENDED.has(order.state);

/** The key of the headline, and of the sentence under it. */
export function headline(order: Order): { key: string; lead: string } {
  const name = stage(order);
  return { key: `patient.stage.${name}.title`, lead: `patient.stage.${name}.lead` };
}

export function stage(order: Order): string {
  if (order.state === "submitted" && order.review === "patient") return "need_info";
  if (order.state === "open" && order.paused) return "paused";
  if (order.state !== "assigned") return order.state;
  const states = new Set(order.visits.map((visit) => visit.state));
  for (const state of ["in_service", "arrived", "en_route"] as const) if (states.has(state)) return state;
  return states.has("completed") ? "completed" : "assigned";
}

export function toneOf(order: Order): Tone {
  const now = stage(order);
  if (now === "fulfilled" || now === "completed") return "good";
  if (["need_info", "paused", "held"].includes(now)) return "warn";
  if (["failed", "rejected", "lapsed"].includes(now)) return "alarm";
  return now === "cancelled" ? "" : "accent";
}

/** The steps of an order that goes well; `done` of them lie behind. */
export const STEPS = ["submitted", "open", "assigned", "en_route", "in_service", "fulfilled"] as const;

export function stepsDone(order: Order): number {
  const place: Record<string, number> = {
    submitted: 0,
    need_info: 0,
    open: 1,
    paused: 1,
    held: 1,
    assigned: 2,
    en_route: 3,
    arrived: 4,
    in_service: 4,
    completed: 5,
    fulfilled: 6,
  };
  return place[stage(order)] ?? 0;
}
