import type { Details } from './cloudflare-state.ts';
import type { JsonObject } from './json.ts';

/* The state of Zero Trust in an account: its rules of access, and the sessions. */

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
  /** 64 hex digits; constant while the application exists. */
  aud: string;
  /** The prefix under which it was made; the account's list also contains applications made for a zone. */
  scope: { kind: 'accounts' | 'zones'; id: string };
  name: string;
  type: string;
  destinations: JsonObject[];
  /** In order of precedence; either reusable policies or legacy ones whose `appId` is this application. */
  policies: PolicyLink[];
  tags: string[];
  sessionDuration: string;
  /** Every other writable field, as it was sent. */
  settings: JsonObject;
  createdAt: string;
  updatedAt: string;
  /** Sessions that began at or before this moment (epoch ms) have ended; null if never revoked. */
  revokedAt: number | null;
}

export interface PolicyLink {
  id: string;
  precedence: number;
}

export interface AccessPolicy {
  id: string;
  uid: string;
  /** Null for a reusable policy of the account; else the application to which it belongs. */
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

/** Named rules about people and other visitors, to which policies and other groups refer by its id. */
export interface AccessGroup {
  id: string;
  name: string;
  /** The same as in a policy. */
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
  /** Also accepted until `expiresAt`. */
  previous: { secret: string; expiresAt: string } | null;
  expiresAt: string | null;
  lastSeenAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** A check of the device client, made in the dashboard; policies name it by its id. */
export interface PostureRule {
  id: string;
  name: string;
  /** `warp` and `gateway` check the connection of the device, the others its content. */
  type: string;
  /** Every other field, as it was sent. */
  settings: JsonObject;
}

/** A certificate authority whose client certificates are valid at its hostnames. */
export interface AccessCertificate {
  id: string;
  name: string;
  /** PEM; no reply shows it. */
  certificate: string;
  hostnames: string[];
  /** MD5 of the certificate, as Access shows it. */
  fingerprint: string;
  expiresOn: string;
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
  /** Only for a person. */
  email?: string;
  /** The client id of a service token. */
  common_name?: string;
  /** Further claims of the identity provider. */
  custom?: JsonObject;
  /** Only for a person's session: stored next to the token, and never in it. */
  identity?: Identity;
  /**
   * The Allow and Block policies by which the session began, if Access judges some of their rules again with every
   * request. Stored like `identity`.
   */
  admission?: Pick<AccessPolicy, 'decision' | 'include' | 'exclude' | 'require'>[];
  /** Only for a session without a duration, which is good for one request. Stored like `identity`. */
  once?: 'unused' | 'used';
  /** Only for a session that approvers granted. Stored like `identity`. */
  approved?: true;
}

/** The approval of one person at one application. */
export interface Approval {
  aud: string;
  /** Lower case, as `by`. */
  email: string;
  by: string;
  /** Epoch milliseconds of virtual time. */
  until: number;
}

/** The identity of a person at Access, as their provider reported it. */
export interface Identity {
  email: string;
  /** Null for a one-time code in an account without any provider. */
  provider: string | null;
  /** The claims that the provider's configuration names; null if they are unknown here. */
  claims: JsonObject | null;
  /** The methods of authentication that the provider reported (RFC 8176); absent if they are unknown here. */
  amr?: string[];
}

/** A browser that Access sent to an identity provider. */
export interface IdentityLogin {
  /** The state that returns in the address. */
  state: string;
  /** The value that returns in the cookie of the team's host. */
  session: string;
  provider: string;
  /** The application and the page on its host that the person wants. */
  aud: string;
  host: string;
  returnTo: string;
  /** RFC 7636; null if the provider does not use it. */
  verifier: string | null;
  /** Epoch milliseconds of virtual time. */
  until: number;
}
