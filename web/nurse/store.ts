// What this account has seen, kept on the phone so that it can be seen without a network; gone when she signs out.
import { openDB, type DBSchema } from "idb";

interface Kept extends DBSchema {
  kept: { key: [account: string, name: string]; value: unknown };
}

export class Store {
  private readonly db = openDB<Kept>("shangmen.nurse", 1, {
    upgrade: (db) => void db.createObjectStore("kept"),
  });

  constructor(private readonly account: string) {}

  async get<T>(name: string): Promise<T | undefined> {
    return (await (await this.db).get("kept", [this.account, name])) as T | undefined;
  }

  async put(name: string, value: unknown): Promise<void> {
    // Of plain data only: what Vue watches over cannot be stored as it is.
    await (await this.db).put("kept", JSON.parse(JSON.stringify(value)), [this.account, name]);
  }

  async drop(name: string): Promise<void> {
    await (await this.db).delete("kept", [this.account, name]);
  }

  /** All whose names begin so, by name. */
  async list<T>(prefix: string): Promise<T[]> {
    const range = IDBKeyRange.bound([this.account, prefix], [this.account, `${prefix}\uffff`]);
    return (await (await this.db).getAll("kept", range)) as T[];
  }

  async forget(): Promise<void> {
    await (await this.db).delete("kept", IDBKeyRange.bound([this.account], [this.account, []]));
  }
}
