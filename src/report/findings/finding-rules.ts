/**
 * The harm of a finding, the worst first:
 * - `exposed`: somebody gets in whom probably nobody wanted to admit.
 * - `weak`: a gate keeps out fewer people than it seems to.
 * - `broken`: somebody or something gets an error, or soon will.
 * - `unused`: nothing needs it.
 */
export const findingHarms = ['exposed', 'weak', 'broken', 'unused'] as const;

export type FindingHarm = (typeof findingHarms)[number];

/** A rule about live objects. Its id is public: scripts and code scanning may name it. */
export interface FindingRule {
  readonly harm: FindingHarm;
  /** One sentence that is true of each finding. */
  readonly means: string;
  /** One sentence that says what to do. */
  readonly todo: string;
}

/** The rules, ranked by harm. docs/findings.md has a row for each. */
export const findingRules = {
  'open-door': {
    harm: 'exposed',
    means: 'Everybody gets through to the origin, and no file says why',
    todo: 'Give the host a gate, or write down in gates.yaml that it is `public`, with the reason',
  },
  'unasked-login': {
    harm: 'exposed',
    means: 'Authentik has a login for the host, but the origin lets a stranger in without asking Authentik',
    todo: 'Let the reverse proxy ask the outpost about this host (forward auth), or guard the host with Access',
  },
  'everyone-policy': {
    harm: 'exposed',
    means:
      'An Access policy admits everybody who can log in, and anybody can get an account at one of its logins',
    todo: 'Name the people, the groups or the mail domain that may pass',
  },
  'mail-domain-policy': {
    harm: 'exposed',
    means: 'An Access policy admits every address of a mail provider at which anybody can get one',
    todo: 'Name the addresses that may pass',
  },
  'guard-bypassed': {
    harm: 'exposed',
    means:
      'A DNS record leads visitors straight to a server, so they never meet the Access application of the host',
    todo: 'Lead the name through the tunnel, or switch the proxy of the record on and close the server to all other addresses',
  },
  'way-around': {
    harm: 'weak',
    means: 'An Access application has a setting that lets requests past its login',
    todo: 'Switch the setting off unless something needs it',
  },
  'widened-setting': {
    harm: 'weak',
    means: 'A setting admits more people, or for longer, than its default',
    todo: 'Set it back unless something needs it',
  },
  'around-tunnel': {
    harm: 'weak',
    means:
      'The name of a guarded host leads to an address of a server, which anybody can also reach without Cloudflare',
    todo: 'Lead the name through the tunnel, and close the ports of the server',
  },
  'unchecked-token': {
    harm: 'weak',
    means: 'A tunnel rule passes on requests that did not pass the Access application of the host',
    todo: 'Switch on *Protect with Access* (`originRequest.access.required`) in the tunnel rule',
  },
  'any-token-policy': {
    harm: 'weak',
    means: 'An Access policy admits every service token of the account, also those for other hosts',
    todo: 'Name the service tokens that may pass',
  },
  'unbound-application': {
    harm: 'weak',
    means: 'An application of Authentik has no binding in effect, so everybody with an account gets in',
    todo: 'Bind the groups that may use it',
  },
  'negated-binding': {
    harm: 'weak',
    means: 'A binding of an application of Authentik admits everybody except its group',
    todo: 'Bind the groups that may use the application instead',
  },
  'unbound-directory': {
    harm: 'weak',
    means:
      'An application that an LDAP outpost asks has no binding in effect, so everybody with an account gets in',
    todo: 'Bind the groups that may use it',
  },
  'backchannel-bindings': {
    harm: 'weak',
    means:
      'An LDAP provider belongs to one application, but is a backchannel provider of another one, whose bindings decide who may log in',
    todo: 'Take it out of the backchannel providers of the other application, or bind the right groups there',
  },
  'shared-base-dn': {
    harm: 'weak',
    means:
      'An LDAP outpost serves two providers, and the base DN of one is the end of the other one, so the bindings of the wrong application may decide',
    todo: 'Give one of them a base DN that is not the end of the other one, or take it out of the outpost',
  },
  'cached-directory': {
    harm: 'weak',
    means:
      'An LDAP outpost answers from memory, so people who have lost access, or have left a group, keep it for a while',
    todo: 'Set the mode to `direct`, unless the outpost is too slow',
  },
  'loose-skip-path': {
    harm: 'weak',
    means:
      'An expression for paths without a login has no `^` in front, so it also matches in the middle of other paths',
    todo: 'Begin the expression with `^`',
  },
  'loose-redirect': {
    harm: 'weak',
    means: 'An OIDC client accepts redirects to addresses of other programs, which then get its logins',
    todo: 'List the exact redirect addresses of the application',
  },
  'cached-door': {
    harm: 'weak',
    means:
      'Cloudflare may store answers of a host whose origin decides who gets in, and give the copies to everybody',
    todo: 'Add a cache rule that bypasses the cache for the host',
  },
  'double-login': {
    harm: 'broken',
    means: 'A visitor has to log in at Access and then again at Authentik',
    todo: 'Keep one of them: remove the Access application, or the provider of Authentik',
  },
  'login-loop': {
    harm: 'broken',
    means: "Access asks for a login at the host of Authentik's login page",
    todo: 'Remove the Access application from this host',
  },
  'expired-token': {
    harm: 'broken',
    means: 'A service token that a policy names has expired or is disabled, so its machine is refused',
    todo: 'Renew or rotate the token',
  },
  'expiring-token': {
    harm: 'broken',
    means: 'A service token that a policy names expires within 30 days',
    todo: 'Renew or rotate the token before then',
  },
  'empty-application': {
    harm: 'broken',
    means: 'An Access application has no policy, so it admits nobody',
    todo: 'Give it a policy, or remove it',
  },
  'missing-audience': {
    harm: 'broken',
    means: 'A tunnel rule lets in only requests with the token of an Access application that does not exist',
    todo: 'Name the audience tag of the application that guards the host, or remove the demand',
  },
  'provider-without-application': {
    harm: 'broken',
    means: 'A provider of Authentik has no application, so nobody can log in with it',
    todo: 'Assign it to an application, or remove it',
  },
  'unserved-provider': {
    harm: 'broken',
    means: 'No outpost serves a proxy provider, so nobody can log in at its host',
    todo: 'Add it to an outpost, or remove it',
  },
  'equal-providers': {
    harm: 'broken',
    means: 'Outposts serve several providers for one host, and only one of them counts',
    todo: 'Remove all but one of them',
  },
  'idle-directory': {
    harm: 'broken',
    means: 'An LDAP provider has no application, or no outpost serves it, so nobody can log in with it',
    todo: 'Assign it to an application and add it to an outpost, or remove it',
  },
  'outpost-address': {
    harm: 'broken',
    means:
      'An outpost does not know the address of the login page (`authentik_host`), so its logins lead nowhere',
    todo: 'Set `authentik_host` to the address at which browsers reach Authentik',
  },
  'missing-tunnel': {
    harm: 'broken',
    means: 'A DNS record leads to a tunnel that the account does not have',
    todo: 'Lead it to an existing tunnel, or remove the record',
  },
  'unproxied-name': {
    harm: 'broken',
    means: 'A DNS record leads to a tunnel without the proxy of Cloudflare, so nothing answers',
    todo: 'Switch the proxy of the record on',
  },
  'name-without-rule': {
    harm: 'broken',
    means: 'A DNS record leads to a tunnel that has no rule for the host',
    todo: 'Add a rule to the tunnel, or remove the record',
  },
  'name-to-nowhere': {
    harm: 'broken',
    means: 'A DNS record leads to a name of the same account that has no records',
    todo: 'Correct the target, or remove the record',
  },
  'shadowed-rule': {
    harm: 'broken',
    means: 'An earlier rule of the tunnel takes all requests of a rule',
    todo: 'Move the rule in front of the other one, or remove it',
  },
  'rule-without-name': {
    harm: 'unused',
    means: 'No DNS record leads the host of a tunnel rule to the tunnel',
    todo: 'Add the record, or remove the rule',
  },
  'application-without-host': {
    harm: 'unused',
    means: 'No DNS record exists for the hosts of an Access application',
    todo: 'Remove the application, unless a host is to come back',
  },
  'unused-policy': {
    harm: 'unused',
    means: 'No Access application uses a reusable policy',
    todo: 'Remove the policy',
  },
  'unused-token': {
    harm: 'unused',
    means: 'No policy names a service token',
    todo: 'Remove the token, or name it in a policy',
  },
  'idle-token': {
    harm: 'unused',
    means: 'Nobody has used a service token for 90 days',
    todo: 'Find out whether its machine still exists; if not, remove the token',
  },
  'application-without-provider': {
    harm: 'unused',
    means: 'An application of Authentik has neither a provider nor an address',
    todo: 'Assign a provider, or remove it',
  },
  'idle-outpost': {
    harm: 'unused',
    means: 'An outpost of Authentik serves no provider',
    todo: 'Add a provider, or remove the outpost',
  },
} as const satisfies Readonly<Record<string, FindingRule>>;

export type FindingRuleId = keyof typeof findingRules;

export const findingRuleIds = Object.keys(findingRules) as readonly FindingRuleId[];
