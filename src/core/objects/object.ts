import type { Address, AddressId, Kind } from './address.ts';
import type { IneffectiveWrite } from './ineffective.ts';
import type { ProtectedEntry, Protection } from './protection.ts';
import type { FullQuota } from './quota.ts';
import type { Linked } from './reference.ts';
import type { Widening } from './widening.ts';

/** The account, zones and tunnels that a run reads, from the file alone. */
export interface Scope {
  /** Written on every object of ours; see marker.ts. */
  readonly owner: string;
  /** An account id (32 hex digits) or the exact name of the account. */
  readonly account: string;
  readonly zones: readonly string[];
  /** Zones with an API token of their own, each with the name of the token; absent if none has one. */
  readonly zoneTokens?: Readonly<Record<string, string>>;
  readonly tunnels: readonly string[];
  /** Hosts that plain records of the file lead into a tunnel, whichever of its rules they reach. */
  readonly plainHosts?: readonly string[];
  /** `<team>.cloudflareaccess.com`; absent when the file uses no Access. */
  readonly team?: string;
  /** Seconds after which a service token gets a new secret, by the token's key; absent if the file rotates none. */
  readonly rotations?: Readonly<Record<string, number>>;
  /** Access logs people in through Authentik, so that identity providers matter. */
  readonly accessLogin?: true;
  /** Kinds of objects of others that the file names. gates reads them only then: they need a permission of their own. */
  readonly looksUp?: readonly Kind[];
  /** The file names authorities of client certificates. */
  readonly certificates?: true;
  /** The zone of the login host, where Access logs people in through Authentik. */
  readonly loginZone?: string;
  /** Absent when the file has no `authentik` block. */
  readonly authentik?: AuthentikScope;
  /** Zones for which the file has WAF rules. */
  readonly wafZones?: readonly string[];
  /** Zones with a host whose answers Cloudflare must not store. */
  readonly cacheZones?: readonly string[];
  /** Zones with a host whose Worker passes on the identity. */
  readonly workerZones?: readonly string[];
  /** Hosts that API Shield guards by the file. */
  readonly apiHosts?: readonly string[];
  /** Key sets that the file names. Their keys sign the tokens of such hosts. */
  readonly keySets?: readonly KeySetPlace[];
}

/** The place of a set of public keys: a client of the file, or an address. */
export type KeySetPlace = { readonly client: string } | { readonly url: string };

/** The Authentik that the file names. */
export interface AuthentikScope {
  /** The API as this process reaches it, without `/api/v3`. */
  readonly url: string;
  /** Name of the outpost that serves our proxy providers. */
  readonly outpost: string;
  /** Slugs of the applications that the file asks for: a token that may not list all finds them by these. */
  readonly applications: readonly string[];
  /** The applications that the file opens to everybody with an account: they may lose their last binding. */
  readonly open?: readonly string[];
  /** Names of the users that the file names; absent: no user is read. */
  readonly users?: readonly string[];
  /** Slug of the authorization flow of every provider for which the file names no other one. */
  readonly flow?: string;
  /** Names of the policies that the file names; absent: no policy is read. */
  readonly policies?: readonly string[];
  /** Slugs of applications that admit everybody about whom their policies agree, by the file. */
  readonly tested?: readonly string[];
  /** The file has clients or scopes, so that key pairs and scope mappings matter. */
  readonly clients: boolean;
  /** The file has SAML clients, so that SAML providers and their mappings matter. */
  readonly saml?: true;
  /** Name of the outpost that serves our LDAP providers; absent: the file has no LDAP clients. */
  readonly ldapOutpost?: string;
  /** The file asks nothing of it: it is read only for our objects that an earlier file left there. */
  readonly idle?: true;
}

/** One object that gates.yaml asks for. Fields that `spec` lacks are not ours to decide. */
export interface DesiredObject<Spec = unknown> {
  readonly address: Address;
  readonly spec: Linked<Spec>;
  /** The reason why the object has to exist already: what to do if it does not. Absent: it may be created. */
  readonly mustExist?: string;
  /** Further objects that must exist first, in addition to those that the spec refers to. */
  readonly needs?: readonly AddressId[];
  /** Fields of the spec that another tool owns: gates sets them in a new object, and never afterwards. */
  readonly ignore?: readonly string[];
  /** The entry that the object is to protect by its mark, when the file says `protect: true`. */
  readonly protect?: ProtectedEntry;
  /** The service (or other entry) of the file that asks for it, and where: `services.grafana`. */
  readonly because: string;
}

/**
 * A check that a host's gate must pass before gates relies on the gate alone. It is planned only for a host that
 * changes, and carried out by the reconciler of its kind, as the verb `verify`.
 */
export interface GateCheck<Spec = unknown> {
  readonly address: Address;
  readonly host: string;
  /** The expected answer, in the vocabulary of the kind that checks. */
  readonly spec: Linked<Spec>;
  /** `attest`: read back before anything routes to the host. `prove`: checked from outside once it is open. */
  readonly step: 'attest' | 'prove';
  /** Objects that make up the gate: if one of them is made anew, earlier checks no longer count. */
  readonly needs: readonly AddressId[];
  /**
   * The cover, which admits only our own probe until the gate has passed the check. Absent if another layer refuses
   * everybody in the meantime, or if nothing can be checked from outside.
   */
  readonly cover?: DesiredObject;
  /**
   * Objects of the file in their form under the cover: they let requests through only with the cover's token, so that
   * nobody depends on how fast the cover reaches the edge. Each becomes what the file asks for once the gate has been
   * checked, before the cover is removed.
   */
  readonly behind?: readonly DesiredObject[];
  /**
   * Objects that act behind the gate, on the requests of everybody who passes it. While one of them is made, changed or
   * removed, nobody but the probe may pass.
   */
  readonly inner?: readonly AddressId[];
  /** The entry of the file: `services.grafana`. */
  readonly because: string;
}

/** A host whose answers Cloudflare must not store. */
export interface Unstored {
  readonly host: string;
  /** The rule that keeps them out of the cache; undefined if the origin does (`cache: header`). */
  readonly rule: AddressId | undefined;
  /** The entry of the file: `services.grafana`. */
  readonly because: string;
}

/** A service that is not compiled, with the reason and what to do. gates does not change its live objects. */
export interface Refusal {
  /** Its name in the file; undefined for a protected service that left the file. */
  readonly service: string | undefined;
  readonly host: string;
  readonly reason: string;
  /** The kind that could not be read, if that is the only reason. */
  readonly unread?: Kind;
}

/** A service at whose host gates writes nothing (`manage: report`), with the objects that it asks for. */
export interface WatchedService {
  readonly service: string;
  readonly host: string;
  readonly objects: readonly DesiredObject[];
  /** The objects of the complete file: those to which `objects` refer are among them. */
  readonly among: readonly DesiredObject[];
  /** The reason why gates would refuse the service, if it managed it. */
  readonly refusal?: string;
}

/** Everything gates.yaml asks for. */
export interface Desired {
  readonly scope: Scope;
  readonly objects: readonly DesiredObject[];
  /** The checks of the gates, at most one for each service. */
  readonly proofs: readonly GateCheck[];
  /** Hosts that must not be stored; absent: none. */
  readonly unstored?: readonly Unstored[];
  readonly refusals: readonly Refusal[];
  /** Services that gates only compares; none of their objects are among `objects`. Absent: none. */
  readonly watched?: readonly WatchedService[];
  /** Parts of the file that this version does not support yet. They have no effect and are only reported. */
  readonly warnings: readonly string[];
}

/** One object as the live system has it, in the vocabulary of the kind's spec. */
export interface Observed<Spec = unknown> {
  readonly address: Address;
  /** The API's own id. */
  readonly id: string;
  /** The owner that its mark names; undefined if nobody has marked it. */
  readonly owner: string | undefined;
  /** The key by which it was read, if a run that adopts recognized it by what it does. */
  readonly foundAs?: string;
  readonly spec: Spec;
  /** Id of the document that contains it, such as the ruleset of a rule: a log may name only that. */
  readonly document?: string;
  /** Values that references may use: `id`, `aud`, … */
  readonly attributes: Readonly<Record<string, string>>;
  /** Ids of other objects that this one needs; they are not removed before it releases them. */
  readonly uses: readonly string[];
  /**
   * Addresses of objects that it does not need but must outlive: if both are removed, those come first. The last
   * binding exists as long as there is a login behind it.
   */
  readonly outlives?: readonly AddressId[];
  /** Fields outside the file that somebody changed to admit more people, or for longer; gates only reports them. */
  readonly widenings?: readonly Widening[];
  /** A write to it, in an earlier run, that had no effect. */
  readonly ineffective?: IneffectiveWrite;
  /** An earlier run began to remove it: it is pruned even with pruning off. */
  readonly unfinished?: true;
  /** Another object does its work rightly: if the file asks for that one, this one is pruned even with pruning off. */
  readonly replacedBy?: AddressId;
  /** Present if no run may remove it while the file does not ask for the object that carries the mark. */
  readonly protection?: Protection;
  /** The reason why gates keeps it, though the file does not ask for it; the plan reports it. */
  readonly staysBecause?: string;
  /**
   * The object that this one is part of, although it has no effect at any door by itself. It is removed before that
   * object is replaced.
   */
  readonly partOf?: AddressId;
  /** RFC 3339; of several of ours with one key, the oldest is kept. */
  readonly createdAt?: string;
  /** RFC 3339; when it expires. No change is planned because of it, but notices report it. */
  readonly expiresAt?: string;
  /** RFC 3339; when gates rotates its secret. */
  readonly rotatesAt?: string;
  /** The reply itself, for APIs whose update replaces the complete object. Never printed, never saved. */
  readonly raw?: unknown;
}

/** The observation of a kind. A kind that could not be read is unknown, never empty. */
export type Observation =
  | {
      readonly kind: Kind;
      readonly state: 'known';
      readonly objects: readonly Observed[];
      /** Quotas that have no room for another object of the kind, by their names. */
      readonly full?: Readonly<Record<string, FullQuota>>;
    }
  | { readonly kind: Kind; readonly state: 'unknown'; readonly error: Error };
