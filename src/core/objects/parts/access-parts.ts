/** The Zero Trust organization of the account. */
export interface OrganizationPart {
  readonly part: 'organization';
  /** Access blocks hosts without an application. Undefined: the organization does not say, so it does not. */
  readonly requiresAccess: boolean | undefined;
  readonly exemptedZones: readonly string[];
}

/** A self-hosted Access application. */
export interface AccessApplicationPart {
  readonly part: 'access-application';
  readonly id: string;
  /** Audience of the JWTs that it issues. */
  readonly audience: string;
  /** Public destinations: `host`, `host/path`, `host/path/*`, with `*` anywhere. */
  readonly destinations: readonly string[];
  /** Ids of its policies, by precedence. */
  readonly policies: readonly string[];
  /** Ids of the identity providers by which people may log in; undefined: by any. */
  readonly logins: readonly string[] | undefined;
  /** Settings that admit past the policies: `allow_authenticate_via_warp`, `options_preflight_bypass`, … */
  readonly waysAround: readonly string[];
}

/** An Access policy. */
export interface AccessPolicyPart {
  readonly part: 'access-policy';
  readonly id: string;
  readonly decision: 'allow' | 'deny' | 'bypass' | 'non_identity';
  /** Selectors as the API has them: `{ email: { email: "me@example.dev" } }`. */
  readonly include: readonly Selector[];
  readonly require: readonly Selector[];
  readonly exclude: readonly Selector[];
  /** The approvers without whom an Allow policy admits nobody, in words; absent: it needs none. Equal words: the same fact. */
  readonly approval?: string;
}

export type Selector = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A service token of the account. One that is disabled or expired admits nobody. */
export interface ServiceTokenPart {
  readonly part: 'service-token';
  readonly id: string;
  readonly valid: boolean;
}

/** A host at which the client certificates of an authority are valid. */
export interface CertificateHostPart {
  readonly part: 'certificate-host';
  readonly authority: string;
  /** In lower case. */
  readonly host: string;
}

/** A Worker of gates that passes requests on with the identity of the visitor. Foreign Workers have no part. */
export interface WorkerPart {
  readonly part: 'worker';
  /** Its name. */
  readonly id: string;
  /** The audience of the Access JWT without which nobody passes; undefined: it is not as gates uploaded it. */
  readonly audience: string | undefined;
}

/** A route of a zone to a Worker, which gets each request that Access lets past. The most specific one decides. */
export interface WorkerRoutePart {
  readonly part: 'worker-route';
  readonly zone: string;
  /** `app.example.dev/*`, `https://*example.dev/api/*` */
  readonly pattern: string;
  /** The name of the Worker; empty: no Worker runs there, nor one of a less specific route. */
  readonly script: string;
  /** Requests beyond the account's limit pass the Worker. Undefined: Cloudflare does not say. */
  readonly failsOpen: boolean | undefined;
}
