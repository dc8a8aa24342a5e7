import { type Outline, outline } from '../../../schema/generated/validate.js';
import type { Finding, Path } from '../mistakes/finding.ts';
import { plain } from '../mistakes/plain-text.ts';
import { gateExample, gateNames } from './gate-forms.ts';

/** The most likely meaning of a key that gates.yaml does not have. */
export interface Meaning {
  /** Keys from the map that contains the unknown key to the meant one; above that map, from the top of the file. */
  readonly means: Path;
  readonly isFromTop?: true;
  readonly hint: string;
}

type Reading = (value: unknown) => Meaning;

const { $defs } = outline;
const gates = $defs.gate?.properties ?? {};

/** Keys that only `require` and `exclude` have: beside `groups`, they may be meant as a further way in or as a limit. */
const conditions = [
  'networks',
  'countries',
  'identityProviders',
  'authenticationMethod',
  'devicePosture',
  'warp',
  'gateway',
  'certificate',
  'certificateAuthorities',
  'commonNames',
];

const accessRule: Readonly<Record<string, Reading>> = {
  ...each(['users', 'allow', 'addresses'], () => ({
    means: ['emails'],
    hint: 'write `emails:` with a list of addresses',
  })),
  ...each(['services', 'serviceTokens', 'token'], () => ({
    means: ['tokens'],
    hint: 'write `tokens:` with names of `serviceTokens`',
  })),
  ...Object.fromEntries(conditions.map((key) => [key, () => conditionWord(key)])),
};

/** Words of other programs, and slips, by the map in which people write them. */
const readings: ReadonlyMap<Outline | undefined, Readonly<Record<string, Reading>>> = new Map([
  [
    outline,
    {
      ...each(['zones', 'zone', 'domains', 'domain'], () => under('cloudflare', 'zones')),
      ...each(['account', 'accountId', 'account_id'], () => under('cloudflare', 'account')),
      ...each(['tunnels', 'tunnel'], () => under('cloudflare', 'tunnels')),
      ...each(['access'], () => under('cloudflare', 'access')),
      ...each(['hosts', 'ingress', 'apps', 'applications'], () => ({
        means: ['services'],
        hint: 'hosts are written under `services`',
      })),
    },
  ],
  [
    $defs.cloudflare,
    each(['domain', 'domains'], () => ({ means: ['zones'], hint: 'write `zones:` with a list of domains' })),
  ],
  [
    $defs.service,
    {
      ...each(['hostname', 'domain', 'fqdn', 'hosts', 'hostnames', 'domains', 'names'], hostWord),
      ...each(['url', 'upstream', 'backend', 'target', 'server', 'address', 'proxy', 'service'], originWord),
      ...Object.fromEntries(gateNames.map((name) => [name, () => gateWord(name)])),
      ...each(['auth', 'access', 'policy', 'gates'], () => ({
        means: ['gate'],
        hint: `write \`gate:\` with one of ${gateNames.join(', ')}`,
      })),
      ...each(['groups', 'group'], () => admissionWord('authentik')),
      ...each(['emails', 'email', 'users', 'allow'], () => admissionWord('cloudflare')),
      ...each(['tunnel'], () => ({
        means: ['tunnel'],
        hint: 'remove it: the origin of the service names the tunnel',
      })),
    },
  ],
  [
    $defs.origin,
    each(['host', 'hostname', 'address', 'service', 'upstream', 'target', 'server', 'port'], () => ({
      means: ['url'],
      hint: 'write `url:` with scheme, host and port, such as http://traefik.lan:80',
    })),
  ],
  [
    $defs.gate,
    {
      ...each(['type', 'kind', 'provider', 'name'], typeWord),
      ...each(['groups', 'group'], () => ({ ...admissionWord('authentik'), means: [] })),
      ...each(['emails', 'email'], () => ({ ...admissionWord('cloudflare'), means: [] })),
      ...each(['access'], () => ({
        means: ['cloudflare'],
        hint: 'Cloudflare Access is the gate `cloudflare`',
      })),
      ...each(['open', 'none', 'bypass'], () => ({
        means: ['public'],
        hint: 'a gate that lets everybody in is `public: { reason: … }`',
      })),
    },
  ],
  [gates.cloudflare, accessRule],
  [$defs.accessRule, accessRule],
  [
    $defs.accessConditions,
    {
      ...each(['mfa', 'authenticationMethods'], () => ({
        means: ['authenticationMethod'],
        hint: 'write `authenticationMethod: mfa`',
      })),
      ...each(['certificateAuthority', 'authorities', 'ca'], () => ({
        means: ['certificateAuthorities'],
        hint: 'write `certificateAuthorities:` with a list of names',
      })),
    },
  ],
  [
    $defs.certificateAuthority,
    each(['certificate', 'cert', 'file', 'ca'], () => ({
      means: ['pem'],
      hint: 'write `pem: |` with the certificate below it, as PEM',
    })),
  ],
  [
    gates.public,
    each(['because', 'why', 'comment', 'description'], () => ({
      means: ['reason'],
      hint: 'write `reason:`',
    })),
  ],
  [
    $defs.dnsRecord,
    {
      ...each(['value', 'target', 'address', 'ip'], () => ({
        means: ['content'],
        hint: 'write `content:`',
      })),
      ...each(['host', 'hostname'], () => ({ means: ['name'], hint: 'write `name:`' })),
    },
  ],
  [
    $defs.secret,
    each(['var', 'variable', 'environment', 'name'], () => ({
      means: [],
      hint: 'write `env:` with the name of the variable',
    })),
  ],
]);

function conditionWord(key: string): Meaning {
  return {
    means: ['require', key],
    hint: `write it below \`require:\`, to admit nobody else, or below \`exclude:\``,
  };
}

/** The meaning of a key in a map of this shape, if people write it for another key. */
export function meaningOf(shape: Outline, key: string, value: unknown): Meaning | undefined {
  const words = readings.get(shape);
  return words !== undefined && Object.hasOwn(words, key) ? words[key]?.(value) : undefined;
}

function each(keys: readonly string[], reading: Reading): Readonly<Record<string, Reading>> {
  return Object.fromEntries(keys.map((key) => [key, reading]));
}

function under(section: string, key: string): Meaning {
  return { means: [section, key], isFromTop: true, hint: `write it under \`${section}\`, as \`${key}\`` };
}

function hostWord(value: unknown): Meaning {
  if (Array.isArray(value))
    return { means: ['host'], hint: 'write `host:`: each host is a service of its own' };
  return { means: ['host'], hint: `write \`host: ${typeof value === 'string' ? plain(value) : '…'}\`` };
}

function originWord(): Meaning {
  const hint = 'write `origin:` with a name under `origins`, where `url` says the address';
  return { means: ['origin'], hint };
}

function gateWord(name: string): Meaning {
  return { means: ['gate'], hint: `the gate is written under \`gate\`: \`gate: { ${gateExample(name)} }\`` };
}

function admissionWord(gate: 'authentik' | 'cloudflare'): Meaning {
  const hint = `who gets in is written in the gate: \`gate: { ${gateExample(gate)} }\``;
  return { means: ['gate'], hint };
}

function typeWord(value: unknown): Meaning {
  const name = gateNames.find((gate) => gate === value);
  const hint =
    name === undefined
      ? `the key says which gate it is: one of ${gateNames.join(', ')}`
      : `the key says which gate it is: \`gate: { ${gateExample(name)} }\``;
  return { means: [], hint };
}

/** A name of one account or server beside the keys of another. */
export function nameAmongKeys(shape: Outline, value: unknown): Pick<Finding, 'message' | 'hint'> | undefined {
  const has = (key: string) => typeof value === 'object' && value !== null && Object.hasOwn(value, key);
  if (shape === outline.$defs.cloudflare && (has('account') || has('zones'))) {
    const hint =
      'with several accounts, `cloudflare` has only names: put the other keys below one of their own';
    return { message: 'the name of an account beside the keys of another', hint };
  }
  if (shape !== outline.$defs.authentik || !has('url')) return undefined;
  const hint = 'with several servers, `authentik` has only names, and so has `cloudflare`';
  return { message: 'the name of a server where its keys belong', hint };
}
