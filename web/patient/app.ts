// What the views of this client share.
import type { Schemas } from "@shared/api/client";
import { connect } from "@shared/connect";
import { turnOff } from "@shared/push";

export type Order = Schemas["Order"];
export type Patient = Schemas["PatientView"];
export type Address = Schemas["AddressView"];
export type { Service } from "@shared/connect";

const connection = connect("patient");
export const { session, api, stream, syncClock, signIn, services, nameOf, namesOf } = connection;

export async function signOut(): Promise<void> {
  await turnOff("/patient/").catch(() => undefined);
  await connection.signOut();
}
