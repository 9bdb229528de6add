// What the views of this client share.
import type { Schemas } from "@shared/api/client";
import { connect } from "@shared/connect";

export type Order = Schemas["Order"];
export type Patient = Schemas["PatientView"];
export type Address = Schemas["AddressView"];
export type { Service } from "@shared/connect";

export const { session, api, stream, syncClock, signIn, signOut, services, nameOf, namesOf } = connect("patient");
