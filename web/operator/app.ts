// What the views of this client share.
import type { Schemas } from "@shared/api/client";
import { connect } from "@shared/connect";

export type Board = Schemas["Board"];
export type Alarm = Board["alarms"][number];
export type Nurse = Schemas["NurseView"];
export type Order = Schemas["Order"];
export type OpsOrder = Schemas["OpsOrder"];
export type Move = Schemas["MoveView"];
export type Candidate = Schemas["CandidateView"];
export type Reach = Schemas["ReachView"];

export const { session, api, stream, syncClock, signIn, signOut, services, nameOf, namesOf } = connect(
  "operator",
  "/v1/ops/stream",
);
