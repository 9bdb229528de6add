// What a dispatcher is told of a batch: the best there is, or how far from it; and what by turns would have cost.
import { describe, expect, it } from "vitest";
import { byTurns, verdict, type Proof } from "../operator/proof";

const told = (more: Partial<Proof> = {}): Proof =>
  ({ orders: 3, orders_served: 3, cost: 40, proven: true, checked: true, gap: 0, greedy: { orders_served: 3, cost: 40 }, ...more }) as Proof;

describe("the proof of a batch", () => {
  it("is the best, within a gap, or did not hold", () => {
    expect(verdict(told()).name).toBe("best");
    expect(verdict(told({ gap: 2.5 })).name).toBe("gap");
    expect(verdict(told({ checked: false })).name).toBe("unproven");
    expect(verdict(told({ proven: false, gap: null })).name).toBe("unproven");
  });

  it("tells what by turns would have come to", () => {
    expect(byTurns(told())).toEqual({ name: "same", n: 0 });
    expect(byTurns(told({ greedy: { orders_served: 3, cost: 52 } }))).toEqual({ name: "dearer", n: 12 });
    expect(byTurns(told({ greedy: { orders_served: 2, cost: 20 } }))).toEqual({ name: "fewer", n: 1 });
    expect(byTurns(told({ greedy: { orders_served: 3, cost: 30 } }))?.name).toBe("lessUrgent");
    expect(byTurns(told({ orders: 1, orders_served: 1, greedy: { orders_served: 1, cost: 40 } }))).toBeNull();
  });
});
