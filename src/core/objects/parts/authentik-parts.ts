export interface ProxyProviderPart {
  readonly part: 'proxy-provider';
  readonly id: string;
  readonly mode: 'forward_single' | 'forward_domain' | 'proxy';
  /** `https://grafana.example.dev` */
  readonly externalHost: string;
  /** Only for mode `proxy`. */
  readonly internalHost: string;
  /** Only for mode `forward_domain`: `example.dev`. */
  readonly cookieDomain: string;
  /** Expressions of the paths that it opens without a login, one a line. */
  readonly skipPaths: string;
  /** Ids of providers whose tokens it accepts like its own. */
  readonly trusts: readonly string[];
  /** Id of the authorization flow that people pass before they are admitted; absent: that of all providers. */
  readonly flow?: string;
}

/** An OIDC client of Authentik. */
export interface ClientPart {
  readonly part: 'client';
  readonly id: string;
  /** The same. */
  readonly flow?: string;
  readonly trusts: readonly string[];
}

/** A client of Authentik that speaks SAML or LDAP. */
export interface OtherClientPart {
  readonly part: 'other-client';
  readonly id: string;
  /** The same. LDAP has none. */
  readonly flow?: string;
}

/** An application of Authentik. */
export interface ApplicationPart {
  readonly part: 'application';
  readonly id: string;
  /** `any`: one binding that agrees is enough. */
  readonly engine: 'any' | 'all';
}

/** The application of a provider: everybody whom its bindings admit may log in at the provider. */
export interface ProviderLinkPart {
  readonly part: 'provider-link';
  readonly application: string;
  readonly provider: string;
}

/** A binding of an application. */
export interface BindingPart {
  readonly part: 'binding';
  readonly application: string;
  /** Id of a group. */
  readonly group: string | undefined;
  /** Id of a user. */
  readonly user?: string;
  /** Id of a policy. Without a group and a user too: a binding whose verdict gates cannot know. */
  readonly policy?: string;
  readonly enabled: boolean;
  readonly negated: boolean;
  /** Tells bindings of policies apart, as for `EdgeRulePart`. Default: its place. */
  readonly id?: string;
}

/** All members of a group are members of another one too. */
export interface GroupParentPart {
  readonly part: 'group-parent';
  /** Ids. */
  readonly group: string;
  readonly parent: string;
  /** Their names, which claims have. */
  readonly names: { readonly group: string; readonly parent: string };
}

/** An outpost serves a provider. */
export interface OutpostEntryPart {
  readonly part: 'outpost-entry';
  readonly outpost: string;
  readonly provider: string;
}
