// Her visits as she knows them: ahead of the server by what waits on this phone.
import { computed, type ComputedRef } from "vue";
import { ahead, OPEN, OUT, type Ahead } from "./ahead";
import type { Entry } from "./form";
import { records, told } from "./visits";
import { queue } from "./work";

const stepsOf = (id: string) => queue.steps.value.filter((step) => step.lane === id);

/** A visit ahead of the server; null while nothing is known of it. */
export function aheadOf(id: () => string): ComputedRef<Ahead | null> {
  return computed(() => {
    const visit = told.value.get(id());
    return visit ? ahead(visit, stepsOf(visit.id)) : null;
  });
}

/** All that is known, ahead of the server, earliest first. */
export const all = computed<Ahead[]>(() =>
  [...told.value.values()]
    .map((visit) => ahead(visit, stepsOf(visit.id)))
    .sort((a, b) => a.visit.planned_start.localeCompare(b.visit.planned_start)),
);
export const open = computed(() => all.value.filter(({ visit }) => OPEN.has(visit.state)));
export const out = computed(() => all.value.filter(({ visit }) => OUT.has(visit.state)));

/** How she has tried to be let in, by this phone and by what the server knows. */
export function attemptsOf(id: string): ReadonlySet<string> {
  const sent = told.value.get(id)?.door?.attempts ?? [];
  const waiting = stepsOf(id).filter((step) => step.name === "door");
  return new Set([...sent.map((each) => each.kind), ...waiting.map((step) => (step.body as { kind: string }).kind)]);
}

/** What was recorded at a visit, with what waits on this phone, in order. */
export function entriesOf(id: string): Entry[] {
  const sent = records.value.get(id) ?? [];
  const known = new Set(sent.map((each) => each.client_id));
  const waiting = stepsOf(id)
    .filter((step) => step.name === "record")
    .map((step) => step.body as Entry & { client_id: string })
    .filter((each) => !known.has(each.client_id));
  return [...sent, ...waiting];
}
