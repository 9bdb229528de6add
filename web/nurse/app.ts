// What the views of this client share. All that is kept on the phone belongs to the account that the page was
// opened with: another one opens it anew.
import { watch } from "vue";
import type { Schemas } from "@shared/api/client";
import { online } from "@shared/api/network";
import { Unreachable } from "@shared/api/problem";
import { connect } from "@shared/connect";
import { turnOff } from "@shared/push";
import { useResource, type Resource } from "@shared/resource";
import { Store } from "./store";

export type Offer = Schemas["Offer"];
export type Profile = Schemas["NurseProfile"];

const connection = connect("nurse", "/v1/stream", kept);
export const { session, api, stream, syncClock, signIn, services, nameOf, namesOf } = connection;

export const account = session.current.value?.accountId ?? "";
export const store = new Store(account);

/** What `read` answers, or without a network what it answered last. */
export async function kept<T>(name: string, read: () => Promise<T>): Promise<T> {
  const before = online.value ? undefined : await store.get<T>(name);
  if (before !== undefined) return before;
  try {
    const value = await read();
    await store.put(name, value);
    return value;
  } catch (error) {
    const known = error instanceof Unreachable ? await store.get<T>(name) : undefined;
    if (known === undefined) throw error;
    return known;
  }
}

/** A resource that is kept on the phone, and read anew when the network is back. */
export function useKept<T>(name: string, read: (signal: AbortSignal) => Promise<T>): Resource<T> {
  const resource = useResource((signal) => kept(name, () => read(signal)));
  watch(online, (is) => {
    if (is) void resource.reload();
  });
  return resource;
}

/** Also forgets what this phone knows of patients. What waits to be sent stays until it is sent. */
export async function signOut(): Promise<void> {
  await store.forget();
  await turnOff("/nurse/").catch(() => undefined);
  await connection.signOut();
}
