// Who is signed in on this device, shared by all tabs of one client.
import { computed, shallowRef } from "vue";

export interface Session {
  access: string;
  refresh: string;
  role: string;
  accountId: string;
}

export class SessionStore {
  private readonly kept = shallowRef<Session | null>(null);
  readonly current = computed(() => this.kept.value);

  constructor(private readonly name: string) {
    this.kept.value = this.read();
    globalThis.addEventListener?.("storage", (event) => {
      if (event.key === this.name) this.kept.value = this.read();
    });
  }

  /** As the device has it: another tab may have refreshed the tokens since. */
  read(): Session | null {
    try {
      return JSON.parse(localStorage.getItem(this.name) ?? "null") as Session | null;
    } catch {
      return null;
    }
  }

  keep(session: Session | null): void {
    if (session) localStorage.setItem(this.name, JSON.stringify(session));
    else localStorage.removeItem(this.name);
    this.kept.value = session;
  }
}
