import type { Details } from './cloudflare-state.ts';
import type { JsonObject } from './json.ts';

/* What Zero Trust keeps of an account: who may come in where, and who has. */

export interface Organization {
  name: string;
  /** `<team>.cloudflareaccess.com`; the issuer is `https://` and this. */
  authDomain: string;
  createdAt: string;
  updatedAt: string;
  details?: Details;
}

export interface AccessApp {
  id: string;
  uid: string;
  /** 64 hex digits; never changes while the application lives. */
  aud: string;
  /** Under which prefix it was made; an app made for a zone is seen in the account's list too. */
  scope: { kind: 'accounts' | 'zones'; id: string };
  name: string;
  type: string;
  destinations: JsonObject[];
  /** In order of precedence; reusable policies, or legacy ones whose `appId` is this app, never both. */
  policies: PolicyLink[];
  tags: string[];
  sessionDuration: string;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
  /** Sessions begun at or before this moment (epoch ms) are over; null when never revoked. */
  revokedAt: number | null;
}

export interface PolicyLink {
  id: string;
  precedence: number;
}

export interface AccessPolicy {
  id: string;
  uid: string;
  /** Null for a reusable policy of the account; else the application it belongs to. */
  appId: string | null;
  name: string;
  decision: 'allow' | 'deny' | 'bypass' | 'non_identity';
  /** One-key maps such as `{ email: { email: "…" } }`. */
  include: JsonObject[];
  exclude: JsonObject[];
  require: JsonObject[];
  sessionDuration: string | null;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
}

/** People, and whoever else rules are about, under one name: policies and other groups refer to it by its id. */
export interface AccessGroup {
  id: string;
  name: string;
  /** As in a policy. */
  include: JsonObject[];
  exclude: JsonObject[];
  require: JsonObject[];
  createdAt: string;
  updatedAt: string;
}

export interface AccessTag {
  name: string;
  createdAt: string;
  updatedAt: string;
}

export interface ServiceToken {
  id: string;
  /** `<32 hex>.access`. */
  clientId: string;
  name: string;
  /** Go duration or `forever`. */
  duration: string;
  enabled: boolean;
  secret: string;
  secretVersion: number;
  /** Accepted too until `expiresAt`. */
  previous: { secret: string; expiresAt: string } | null;
  expiresAt: string | null;
  lastSeenAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** The payload of an Access application token (facts §9). Times are epoch seconds. */
export interface AccessClaims {
  iss: string;
  aud: string[];
  iat: number;
  nbf: number;
  exp: number;
  type: 'app';
  sub: string;
  identity_nonce: string;
  country: string;
  /** Of a person. */
  email?: string;
  /** The client id of a service token. */
  common_name?: string;
  /** What the identity provider said beyond the address. */
  custom?: JsonObject;
  /** Of a person's session: kept beside the token, and never in it. */
  identity?: Identity;
}

/** Who logged in to Access, as their identity provider told. */
export interface Identity {
  email: string;
  /** Null for a one-time code in an account without any provider. */
  provider: string | null;
  /** Those that the provider's configuration names; null where nobody here knows what it says. */
  claims: JsonObject | null;
}

/** A browser that Access sent off to an identity provider. */
export interface IdentityLogin {
  /** What comes back in the address. */
  state: string;
  /** What comes back in the cookie of the team's host. */
  session: string;
  provider: string;
  /** The application and the page on its host that the person wants. */
  aud: string;
  host: string;
  returnTo: string;
  /** RFC 7636; null where the provider does not ask for it. */
  verifier: string | null;
  /** Epoch milliseconds of virtual time. */
  until: number;
}
