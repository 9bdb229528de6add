// What can go wrong with a request: the server refused it (a problem, RFC 9457), or nobody was reached.
export interface FieldFault {
  loc: (string | number)[];
  msg: string;
}

export class Problem extends Error {
  override readonly name = "Problem";

  constructor(
    readonly status: number,
    /** The last part of `type`, such as `offer-expired`. */
    readonly slug: string,
    readonly title: string,
    readonly detail: string,
    readonly errors: FieldFault[],
    /** All members of the document: some types carry more. */
    readonly members: Record<string, unknown>,
    readonly retryAfterS: number | null,
  ) {
    super(detail || title);
  }

  /** The sentence for one field of the body, by the end of its path. */
  fault(...path: (string | number)[]): string | undefined {
    return this.errors.find((each) => {
      const end = each.loc.slice(-path.length);
      return path.every((part, place) => String(end[place]) === String(part));
    })?.msg;
  }
}

/** Nobody was reached: no network, or the server is away. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

export async function problemOf(answer: Response): Promise<Problem> {
  const told = await answer.json().catch(() => ({}));
  const members = (typeof told === "object" && told !== null ? told : {}) as Record<string, unknown>;
  const wait = Number(answer.headers.get("Retry-After"));
  return new Problem(
    answer.status,
    String(members.type ?? "").replace(/^.*\//, ""),
    String(members.title ?? answer.statusText),
    String(members.detail ?? ""),
    Array.isArray(members.errors) ? (members.errors as FieldFault[]) : [],
    members,
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}
