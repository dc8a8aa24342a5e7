import type * as file from '../../../schema/generated/config.ts';
import type { SecretSource } from './secret-source.ts';

/**
 * A gate in the terms that hold for every gate. The folder of the gate (`src/gates/<gate>`) derives them from the settings of
 * the file and adds fields of its own, so that no other code has to know which gate it is.
 */
export interface Gate {
  /** The key in the file: `authentik`. Names the gate in findings; only its folder compares it. */
  readonly type: GateType;
  /** The name for people: `authentik (oidc)`. */
  readonly name: string;
  readonly enforcedBy: GateEnforcer;
  readonly visitors: 'everybody' | 'people' | 'machines';
  /** The system at which people log in to pass; undefined if nobody logs in. */
  readonly login: 'access' | 'authentik' | undefined;
  /** The host shows the login page of Authentik, so it must ask for nothing. */
  readonly showsLogin: boolean;
  /** The login is that of a domain of `authentik.domains`, with the groups of the domain. */
  readonly sharesLogin: boolean;
  /** It decides by the path as the tunnel reads it, decoded once; if false, by the path as sent. */
  readonly readsDecoded: boolean;
  /** Names of Authentik groups whose members it admits. */
  readonly groups: readonly string[];
  /** User names in Authentik of people whom it admits whatever their groups. */
  readonly users: readonly string[];
  /** It admits people by their groups alone; false also if it admits nobody who logs in. */
  readonly admitsByGroup: boolean;
  /** Names of lists of the file, below `people` and `networks`, and of authorities below `certificateAuthorities`. */
  readonly lists: Readonly<Record<'people' | 'networks' | 'certificateAuthorities', readonly string[]>>;
  /** It admits everybody who can log in, on purpose. */
  readonly everyone: Everyone | undefined;
  /** Slug of the authorization flow of its own login; undefined: that of `authentik.flows`. */
  readonly flow: string | undefined;
  /** Names of policies of Authentik that have to agree about each of its people. */
  readonly policies: readonly string[];
  /** Names of service tokens, one of which a visitor must bring. */
  readonly tokens: readonly string[];
  /** Name of the client of Authentik at which people log in. */
  readonly client: string | undefined;
  /** The keys that sign the tokens of callers. */
  readonly keys: KeySource | undefined;
  /** The secret that signs calls of the daemon. */
  readonly secret: SecretSource | undefined;
  /** Names of actions of the file that a call may start, `reconcile` or `sync-jwks`. */
  readonly actions: readonly string[];
}

export type GateType = keyof file.Gate;

/**
 * The part that refuses visitors who may not pass. `access` and `shield` (API Shield) decide at the edge; `outpost`
 * receives the requests in place of the origin; `origin` asks the outpost or the daemon before it answers;
 * `application` asks by itself; `daemon` is the origin, and checks the signature of each call.
 */
export type GateEnforcer = 'access' | 'shield' | 'outpost' | 'origin' | 'application' | 'daemon' | 'nobody';

export interface Everyone {
  readonly reason: string;
}

/** The keys of a client of the file, or a JWKS document. */
export type KeySource = { readonly client: string } | { readonly url: string };
