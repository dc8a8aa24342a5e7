/** The names of the objects of a run of stories. Each name contains the owner; no other object of the server does. */
export interface Names {
  /** `conformance-7x2k` */
  readonly owner: string;
  /** Slug of the application, and key of its bindings and its link. */
  readonly application: string;
  /** Never resolves. */
  readonly host: string;
  readonly outpost: string;
  /** Name of a user without a superuser's rights, and of the user's role, group and token. */
  readonly limited: string;
  /** Name of a group, a provider or another object without a mark. */
  own(name: string): string;
}

export function namesFor(owner: string): Names {
  const own = (name: string) => `gates-${owner}-${name}`;
  return {
    owner,
    application: own('app'),
    host: `app.gates-${owner}.invalid`,
    outpost: `gates-${owner} outpost`,
    limited: own('limited'),
    own,
  };
}
