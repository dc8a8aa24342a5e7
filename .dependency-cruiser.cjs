// The layers of the house. Imports run only downward; pure layers do no I/O; the sandbox shares nothing.
// test/architecture/layers.test.ts plants a breach of each sort and sees it caught.

/** Layers that turn data into data. Reading, writing and clocks are done at the rim and passed in. */
const PURE =
  '^(src/(core|doors|interlock|expect|attribution|config|import|init|gates|desired|plan|report|why|page|doctor|conformance|findings)|reconcilers)/';

/** Packages that open sockets or files: their place is the rim. */
const IO_PACKAGES = 'node_modules/(@hono|@octokit|cloudflare|hono|node-cron|pino|write-file-atomic)/';

const systems = ['reconcilers/shared', 'reconcilers/cloudflare', 'reconcilers/authentik'];

/**
 * What each layer may import of the project, beside itself. `schema/` holds generated data and types.
 * @type {Record<string, string[]>}
 */
const MAY_IMPORT = {
  'src/core': [],
  'src/doors': ['src/core'],
  'src/interlock': ['src/core', 'src/doors', 'reconcilers'],
  'src/expect': [
    ...['src/core', 'src/doors', 'src/interlock', 'src/config', 'src/gates', 'src/desired', 'src/apply'],
    'reconcilers',
  ],
  // The model of a file is below the gates, whose folders read their own part of a file; the rest of src/config is above them.
  'src/config/model': ['src/core', 'schema'],
  'src/config/mistakes': ['src/core'],
  'src/config': ['src/core', 'src/gates', 'schema'],
  'src/desired/terms': ['src/core', 'src/config/model', 'reconcilers', 'schema'],
  'src/gates': [
    ...[
      'src/core',
      'src/config/model',
      'src/config/mistakes',
      'src/desired/terms',
      'src/desired/logins',
      'reconcilers',
      'schema',
    ],
  ],
  'src/desired': ['src/core', 'src/config', 'src/gates', 'reconcilers', 'schema'],
  'src/observed': ['src/core'],
  'src/plan': ['src/core'],
  'src/apply': ['src/core', 'src/plan'],
  'src/attribution': ['src/core', 'src/plan', 'reconcilers'],
  'src/report': ['src/core', 'src/plan', 'src/apply'],
  'src/why': ['src/core', 'src/doors', 'src/interlock', 'src/report'],
  'src/page': ['src/core', 'src/config', 'src/report'],
  'src/doctor': ['src/core', 'src/config', 'src/desired', 'src/report', 'reconcilers', 'schema'],
  'src/conformance': ['src/core', 'src/observed', 'src/plan', 'src/apply', 'reconcilers'],
  'src/import': [
    ...['src/core', 'src/doors', 'src/interlock', 'src/expect', 'src/config', 'src/gates', 'src/desired'],
    ...['src/observed', 'src/plan', 'reconcilers', 'schema'],
  ],
  'src/findings': [
    ...['src/core', 'src/doors', 'src/interlock', 'src/config', 'src/desired', 'src/observed', 'src/import'],
    ...['src/report', 'reconcilers'],
  ],
  'src/init': ['src/core', 'src/expect', 'src/config', 'src/import', 'schema'],
  'src/clients': ['src/core'],
  'src/export': ['src/core', 'src/clients', 'src/report'],
  reconcilers: ['src/core'],
  'reconcilers/shared': ['src/core'],
  'reconcilers/authentik': ['src/core', 'reconcilers/shared'],
  'reconcilers/cloudflare': ['src/core', 'reconcilers/shared', 'reconcilers/authentik'],
  'reconcilers/edge': ['src/core', ...systems],
  'reconcilers/turns': ['src/core', ...systems],
  'reconcilers/parts': ['src/core', ...systems],
  'src/lab/sandbox': [],
};

const layers = Object.entries(MAY_IMPORT).map(([layer, below]) => ({
  name: `layer-${layer.replace('src/', '')}`,
  comment: `${layer} may import ${['itself', ...below].join(', ')} and nothing else of the project.`,
  severity: 'error',
  from: { path: `^${layer}/` },
  to: {
    path: '^(src|reconcilers|schema|scripts|test)/',
    pathNot: [layer, ...below].map((folder) => `^${folder}/`),
  },
}));

module.exports = {
  forbidden: [
    ...layers,
    {
      name: 'layer-run',
      comment: 'reconcile.ts calls the six words; who calls it is above.',
      severity: 'error',
      from: { path: '^src/run/' },
      to: { path: '^(src/(daemon|cli|lab|clients)|scripts|test)/' },
    },
    {
      name: 'layer-rehearsal',
      comment: 'A rehearsal calls the six words on a sandbox; who asks for one is above.',
      severity: 'error',
      from: { path: '^src/lab/rehearsal/' },
      to: { path: '^(src/(daemon|cli)|scripts|test)/' },
    },
    {
      name: 'layer-daemon',
      comment: 'The daemon knows neither the command line nor the lab.',
      severity: 'error',
      from: { path: '^src/daemon/' },
      to: { path: '^(src/(cli|lab)|scripts|test)/' },
    },
    {
      name: 'daemon-without-lab',
      comment: 'No daemon loads the lab: sandbox, rehearsal and demo.',
      severity: 'error',
      from: { path: '^src/cli/commands/run\\.ts$' },
      to: { path: '^src/lab/', reachable: true },
    },
    {
      name: 'layer-cli',
      comment: 'The command line is the top; scripts and tests are not part of the product.',
      severity: 'error',
      from: { path: '^src/cli/' },
      to: { path: '^(scripts|test)/' },
    },
    {
      name: 'sandbox-entry',
      comment: 'Only the public entry of the sandbox may be imported; its own tests may look inside.',
      severity: 'error',
      from: { path: '^(src|reconcilers|test|scripts)/', pathNot: '^(src|test)/lab/sandbox/' },
      to: { path: '^src/lab/sandbox/', pathNot: '^src/lab/sandbox/index\\.ts$' },
    },
    {
      name: 'pure-no-io',
      comment: 'A pure layer may use node:crypto and node:url; anything else of Node is I/O.',
      severity: 'error',
      from: { path: PURE },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|url)$' },
    },
    {
      name: 'pure-no-io-packages',
      comment: 'A pure layer uses no package that opens a socket or a file.',
      severity: 'error',
      from: { path: PURE },
      to: { path: IO_PACKAGES },
    },
    {
      name: 'folders-one-way',
      comment: 'Two folders that import each other are one folder that nobody can read from the bottom.',
      severity: 'error',
      scope: 'folder',
      from: { path: '^(src|reconcilers)/' },
      to: { circular: true },
    },
    {
      name: 'not-circular',
      comment: 'A circle has no bottom to read from.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that resolves to nothing would be invisible to every rule above.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^test/fixtures/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.cjs', '.js', '.json', '.d.ts'],
    },
  },
};
