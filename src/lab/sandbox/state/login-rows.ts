import type { JsonObject } from './json.ts';
import type { ProxyPart } from './provider-row.ts';

export interface SessionRow {
  /** The value of the cookie `authentik_session`. */
  id: string;
  user: number;
  /** The login in epoch milliseconds of virtual time. */
  begun: number;
  /** The methods of the login (RFC 8176); absent in older states. */
  amr?: string[];
  /** The flows and policies that the person passes (`authentik/api/passing.ts`). */
  passes?: string[];
}

/** A person whom an application admitted, and the claims that the client requested. */
export interface Consent {
  provider: number;
  user: number;
  scopes: string[];
  nonce: string | null;
  /** The methods of the login. */
  amr?: string[];
  /** Epoch milliseconds of the login. */
  loggedIn: number;
}

export interface CodeRow extends Consent {
  code: string;
  redirectUri: string;
  challenge: string | null;
  challengeMethod: 'plain' | 'S256';
  /** Epoch milliseconds of virtual time. */
  until: number;
}

export interface GrantRow extends Consent {
  kind: 'access' | 'refresh';
  token: string;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** A person's session at one provider of an outpost; changes of the provider's bindings do not end it (facts §4). */
export interface OutpostSession {
  /** The value of the outpost's cookie. */
  id: string;
  provider: number;
  username: string;
  email: string;
  name: string;
  uid: string;
  groups: string[];
  /** Attributes of the person and their groups; the person's own override. */
  attributes: JsonObject;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** The providers that an outpost runs: those with an application, in the order in which they are loaded. */
export interface OutpostLoad {
  name: string;
  embedded: boolean;
  /** The host in its configuration, unchanged. */
  host: string;
  browserHost: string;
  apps: OutpostApp[];
}

/** One provider as an outpost loaded it. */
export interface OutpostApp {
  provider: number;
  providerName: string;
  application: string;
  clientId: string;
  cookieSecret: string;
  mode: ProxyPart['mode'];
  externalHost: string;
  /** Host and port of `externalHost`, which nothing normalizes (facts §2.2). */
  host: string;
  internalHost: string;
  /** The lines of `skip_path_regex`. */
  skipped: string[];
  cookieDomain: string;
  interceptHeaderAuth: boolean;
  /** The attributes of a person that the application gets as `Authorization: Basic`; null if it gets none. */
  basicAuth: { user: string; password: string } | null;
  scopes: string[];
  /** The lifetime of a session in milliseconds. */
  sessionMs: number;
}
