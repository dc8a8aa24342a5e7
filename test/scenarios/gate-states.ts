/**
 * One host in every way that the gates of Cloudflare can guard it, each as a file says it and as the sandbox's
 * oracle is told it.
 */
export const host = 'app.example.dev';

/** People; each is admitted by one half of the states at least. */
export const ann = 'ann@example.dev';
export const bob = 'bob@example.dev';

export interface Guard {
  readonly host: string;
  readonly path?: string;
  readonly admit: Admitted;
}

/** Both lists always stand, so that the oracle judges every person and every token at every door. */
interface Admitted {
  readonly emails: readonly string[];
  readonly tokens: readonly string[];
  readonly public: boolean;
}

interface Gate {
  readonly text: string;
  readonly admit: Admitted;
}

/** A gate state: what one file asks of the host. */
export interface GateState {
  readonly name: string;
  /** Undefined: the file does not have the host. */
  readonly gate: Gate | undefined;
  readonly paths: Readonly<Record<string, Gate>>;
  readonly origin: 'app' | 'other' | 'far';
  /** Declared in this file alone, so that they are made and removed on the way. */
  readonly tokens: readonly string[];
}

const nobody: Admitted = { emails: [], tokens: [], public: false };

function people(...emails: readonly string[]): Gate {
  return { text: `{ cloudflare: { emails: [${emails.join(', ')}] } }`, admit: { ...nobody, emails } };
}

function machines(...tokens: readonly string[]): Gate {
  return { text: `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`, admit: { ...nobody, tokens } };
}

const open: Gate = { text: '{ public: { reason: "open" } }', admit: { ...nobody, public: true } };
const login: Gate = { text: '{ identityProvider: {} }', admit: { ...nobody, public: true } };

function state(name: string, gate: Gate | undefined, more: Partial<GateState> = {}): GateState {
  return { name, gate, paths: {}, origin: 'app', tokens: [], ...more };
}

/** The paths of different states meet, and an exact one meets its subtree. */
export const gateStates: readonly GateState[] = [
  state('none', undefined),
  state('cloudflare(ann)', people(ann)),
  state('cloudflare(ann, bob)', people(ann, bob)),
  state('cloudflare(bob)', people(bob)),
  state('serviceToken(ci)', machines('ci')),
  state('serviceToken(ci, backup)', machines('ci', 'backup')),
  state('serviceToken(once)', machines('once'), { tokens: ['once'] }),
  state('public', open),
  state('identityProvider', login),
  state('cloudflare(ann), public paths', people(ann), { paths: { '/a': open, '/s/**': open } }),
  state('cloudflare(ann), serviceToken path', people(ann), { paths: { '/a/**': machines('ci') } }),
  state('public, guarded path', open, { paths: { '/a/**': people(ann) } }),
  state('public, exact guarded path', open, { paths: { '/a': people(ann) } }),
  state('serviceToken(ci), cloudflare path', machines('ci'), { paths: { '/s/**': people(ann) } }),
  state('cloudflare(ann), other tunnel', people(ann), { origin: 'far' }),
  state('cloudflare(ann), other origin', people(ann), { origin: 'other' }),
];

/** The file of a state; everything but the host and its own tokens is the same in all of them. */
export function fileOf({ gate, paths, origin, tokens }: GateState): string {
  const inside = Object.entries(paths).map(([path, { text }]) => `      ${path}: ${text}`);
  const service = [
    'services:',
    '  app:',
    `    host: ${host}`,
    `    origin: ${origin}`,
    `    gate: ${gate?.text}`,
    ...(inside.length > 0 ? ['    paths:', ...inside] : []),
  ];
  return [
    'version: 1',
    'owner: home',
    'cloudflare:',
    '  account: 0123456789abcdef0123456789abcdef',
    '  zones: [example.dev]',
    '  tunnels: { homelab: {}, second: {} }',
    '  access: { team: example }',
    ...(gate === login ? ['authentik: { url: "http://authentik.lan:9000", service: app }'] : []),
    'origins:',
    '  app: { tunnel: homelab, url: "http://app.lan:80" }',
    '  other: { tunnel: homelab, url: "http://other.lan:80" }',
    '  far: { tunnel: second, url: "http://app.lan:80" }',
    'serviceTokens:',
    ...['ci', 'backup', ...tokens].map((token) => `  ${token}: { duration: 8760h }`),
    ...(gate === undefined ? [] : service),
    '',
  ].join('\n');
}

/** Whom the file admits where, and nobody else. */
export function guardsOf(of: GateState): readonly Guard[] {
  return doorsOf([of]).map((path) => guard(path, admittedAt(of, path)));
}

/** Whom one of two files admits: all that may get through while one follows the other. */
export function unionOf(before: GateState, after: GateState): readonly Guard[] {
  return doorsOf([before, after]).map((path) => {
    const [one, other] = [admittedAt(before, path), admittedAt(after, path)];
    return guard(path, {
      emails: [...one.emails, ...other.emails],
      tokens: [...one.tokens, ...other.tokens],
      public: one.public || other.public,
    });
  });
}

function guard(path: string | undefined, admit: Admitted): Guard {
  return { host, ...(path !== undefined && { path }), admit };
}

function doorsOf(of: readonly GateState[]): readonly (string | undefined)[] {
  return [undefined, ...new Set(of.flatMap(({ paths }) => Object.keys(paths)))];
}

/** At a subtree of the other file: for what is below it, since an exact path there has a guard of its own. */
function admittedAt({ gate, paths }: GateState, path: string | undefined): Admitted {
  const subtree = path?.endsWith('/**') === true ? path : `${path}/**`;
  const own = paths[path ?? ''] ?? paths[subtree] ?? gate;
  return own?.admit ?? nobody;
}
