import { randomBytes } from 'node:crypto';

/** What the suite calls its objects: all of it carries the owner, and nothing else on the server does. */
export interface Names {
  /** Random, `gates-live-x7k2p`, of the 16 characters that an owner may have. */
  readonly owner: string;
  /** Slug of the application, and key of its bindings and its link. */
  readonly application: string;
  /** Never resolves. */
  readonly host: string;
  readonly outpost: string;
  /** Name of a group, a provider or another object that is not marked as ours. */
  own(name: string): string;
}

const owners = /^gates-live-[a-z0-9]{1,5}$/;

/** Under an owner of an earlier run that was killed (`GATES_LIVE_OWNER`), what that left is removed first. */
export function namesFor(given: string | undefined): Names {
  const owner = given || `gates-live-${randomName()}`;
  if (!owners.test(owner)) {
    throw new Error('GATES_LIVE_OWNER is the owner of an earlier run, `gates-live-` and up to 5 characters');
  }
  return {
    owner,
    application: `${owner}-app`,
    host: `app.${owner}.invalid`,
    outpost: `${owner} outpost`,
    own: (name) => `${owner}-${name}`,
  };
}

function randomName(): string {
  return [...randomBytes(5)].map((byte) => (byte % 36).toString(36)).join('');
}
