import type * as file from '../../../schema/generated/config.ts';

/**
 * The effect of a field, in the words of a mistake. Undefined: nothing about who gets in, where a request goes, or what
 * is cached, so another tool may own it.
 */
type Decided = string | undefined;

const who = 'decides who gets in';
const where = 'decides where a request goes';

type FieldsOf<Entry> = Readonly<Record<Exclude<keyof Entry, 'protect' | 'ignore' | 'manage'>, Decided>>;

const ofService: FieldsOf<file.Service> & { readonly name: Decided } = {
  name: undefined,
  host: where,
  origin: where,
  hostHeader: where,
  gate: who,
  identityHeader: 'decides whom the application takes a visitor for',
  paths: who,
  cache: 'decides what is cached',
  alias: 'is no field of a live object',
  expect: 'is no field of a live object',
};

const ofClient: FieldsOf<file.Client> & { readonly name: Decided } = {
  name: undefined,
  saml: 'decides who a person is to the application, and where a login goes',
  ldap: 'decides who a person is to the application, and who gets in',
  type: who,
  account: where,
  redirectUris: 'decides where a login goes',
  logoutUris: 'decides where a logout goes',
  grantTypes: who,
  signingKey: who,
  scopes: 'decides what the application learns of a person',
  subject: 'decides who a person is to the application',
  lifetimes: 'decides how long somebody gets in',
  groups: who,
  users: who,
  everyone: who,
  flow: who,
  policies: who,
  deliver: 'is no field of a live object',
};

const ofRecord: FieldsOf<file.DnsRecord> = {
  name: where,
  type: where,
  content: where,
  data: where,
  priority: where,
  proxied: 'decides whether a request passes Cloudflare',
  ttl: undefined,
  comment: undefined,
  tags: undefined,
};

/** The fields of each entry that `ignore` may or may not name. */
export const ignorable = { services: ofService, clients: ofClient, dns: ofRecord } as const;

/** The names that `ignore` of the entry may contain. */
export function ignorableFields(section: keyof typeof ignorable): readonly string[] {
  return Object.entries(ignorable[section]).flatMap(([field, decided]) =>
    decided === undefined ? [field] : [],
  );
}
