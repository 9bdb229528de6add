// An order in the making: it survives a reload and a call in between, and nothing of it is sent before the end.
import { reactive, watch } from "vue";

export interface Draft {
  patientId: string | null;
  addressId: string | null;
  codes: string[];
  earliest: string | null;
  latest: string | null;
  urgency: "routine" | "soon" | "urgent";
  notes: string;
  prescriptionId: string | null;
  preconditions: string[];
  nurseGender: "" | "female" | "male";
  preferredNurseId: string | null;
}

const KEPT = "shangmen.patient.draft";
const EMPTY: Draft = {
  patientId: null,
  addressId: null,
  codes: [],
  earliest: null,
  latest: null,
  urgency: "routine",
  notes: "",
  prescriptionId: null,
  preconditions: [],
  nurseGender: "",
  preferredNurseId: null,
};

function read(): Partial<Draft> {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT) ?? "{}") as Partial<Draft>;
  } catch {
    return {};
  }
}

export const draft: Draft = reactive({ ...structuredClone(EMPTY), ...read() });
watch(draft, () => sessionStorage.setItem(KEPT, JSON.stringify(draft)));

/** Begin anew, from what is known already. */
export function begin(known: Partial<Draft> = {}): void {
  Object.assign(draft, structuredClone(EMPTY), known);
}
