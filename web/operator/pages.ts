// A list that is read page by page.
import { ref, shallowRef, type Ref, type ShallowRef, type WatchSource } from "vue";
import { useDoing, type Doing } from "@shared/doing";
import { useResource, type Resource } from "@shared/resource";

interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}
export interface Pages<T> {
  first: Resource<Page<T>>;
  further: ShallowRef<T[]>;
  cursor: Ref<string | null>;
  more: Doing;
  showMore: () => Promise<void>;
}

/** Reads the first page at once and whenever `when` changes; `showMore` adds the next one. */
export function usePages<T>(
  read: (cursor: string | undefined, signal?: AbortSignal) => Promise<Page<T>>,
  when: WatchSource<unknown>[] = [],
): Pages<T> {
  const further = shallowRef<T[]>([]);
  const cursor = ref<string | null>(null);
  const more = useDoing();
  const first = useResource(async (signal) => {
    const page = await read(undefined, signal);
    further.value = [];
    cursor.value = page.next_cursor ?? null;
    return page;
  }, when);
  async function showMore(): Promise<void> {
    await more.run(cursor.value, async () => {
      const page = await read(cursor.value ?? undefined);
      further.value = [...further.value, ...page.items];
      cursor.value = page.next_cursor ?? null;
    });
  }
  return { first, further, cursor, more, showMore };
}
