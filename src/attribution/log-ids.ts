import type { Kind } from '../core/objects/address.ts';

/** The parts of an object by which the logs may name it. */
interface Named {
  readonly kind: Kind;
  /** The id of the live object, as its kind observes it. */
  readonly id?: string | undefined;
  readonly document?: string | undefined;
  /** The live spec, or the one that the file asks for. */
  readonly spec?: unknown;
}

/** `own` names only the object; `documents` name a document in which it is one entry of several. */
export interface LogIds {
  readonly own: readonly string[];
  readonly documents: readonly string[];
}

/** Kinds whose objects are entries of another object, with the field of the spec that contains its id. */
const ENTRIES: Readonly<Record<Kind, string>> = {
  'cloudflare/ingress-rule': 'tunnelId',
  'authentik/outpost-entry': 'outpost',
  'authentik/ldap-entry': 'outpost',
  'authentik/provider-link': 'application',
};

const ANY_ID = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}/g;

/**
 * The ids of an object in the logs, as `plainId` writes them. Providers of Authentik are numbers: `provider 7`. Empty
 * for an object that no log names, such as copies of answers.
 */
export function logIds({ kind, id = '', document, spec }: Named): LogIds {
  const field = ENTRIES[kind];
  const value = field === undefined ? undefined : (Object(spec) as Record<string, unknown>)[field];
  const found = [
    ...(id.match(ANY_ID) ?? []),
    ...(typeof value === 'string' ? (value.match(ANY_ID) ?? []) : []),
  ];
  const uuids = [...new Set(found.map(plainId))];
  if (field !== undefined) return { own: [], documents: uuids };
  const provider = /^(?:provider )?(\d+)$/.exec(id)?.[1];
  const isProvider = provider !== undefined && /-provider$|oauth2-row$/.test(kind);
  return {
    own: isProvider ? [`provider ${provider}`] : uuids,
    documents: document === undefined ? [] : [plainId(document)],
  };
}

/** Without dashes, as Authentik's events write a UUID. Cloudflare's ids are compared in this form too. */
export function plainId(id: string): string {
  return id.replaceAll('-', '');
}
