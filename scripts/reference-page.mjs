// Writes the schema as a page for people: every key with its path, type, default and description.

/** @typedef {Record<string, any>} Schema */

const examples = {
  cloudflare: `cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels:
    homelab: {}
  access:
    team: example`,
  authentik: `authentik:
  url: http://authentik.lan:9000
  service: auth
  outpost: authentik Embedded Outpost
  domains:
    example.dev: { groups: [family] }`,
  origins: `origins:
  traefik: { tunnel: homelab, url: http://traefik.lan:80, forwardAuth: true }
  proxmox: { tunnel: homelab, url: https://192.168.1.51:8006, noTLSVerify: true }`,
  groups: `groups:
  admins: {}
  family: {}`,
  services: `services:
  grafana:
    host: grafana.example.dev
    origin: traefik
    gate: { authentik: { mode: forwardAuth, groups: [admins] } }
    paths:
      /api/health: { public: { reason: uptime probe } }
      /public/**: { public: { reason: shared dashboards } }
  proxmox:
    host: proxmox.example.dev
    origin: proxmox
    gate: { cloudflare: { emails: [me@example.dev], session: 24h } }`,
  expect: `expect:
  - { url: "https://grafana.example.dev/admin", as: anonymous, verdict: login }
  - { url: "https://grafana.example.dev", as: { groups: [family] }, verdict: deny }
  - { url: "https://api.example.dev/v1/items", as: { token: ci }, method: POST, verdict: allow }`,
  clients: `clients:
  vault:
    redirectUris: ["https://vault.example.dev/identity/connect/oidc-signin"]
    groups: [family]
    deliver: [{ file: /var/lib/gates/secrets/vault.env }]`,
  serviceTokens: `serviceTokens:
  ci:
    duration: 8760h
    rotate: { every: 90d, overlap: 7d }
    deliver: [{ file: /var/lib/gates/secrets/ci.env }]`,
  actions: `actions:
  terraform-authentik: { run: [terraform, -chdir=/srv/authentik, apply, -auto-approve], timeout: 10m }`,
  dns: `dns:
  example.dev:
    - { name: "@", type: MX, content: aspmx1.example.net, priority: 10, ttl: 3600 }
    - { name: "@", type: TXT, content: "v=spf1 include:spf.example.net -all", comment: mail }
    - { name: _imaps._tcp, type: SRV, data: { priority: 0, weight: 1, port: 993, target: imap.example.net } }`,
  waf: `waf:
  skip: { hosts: [auth-api.example.dev], products: [securityLevel, bic], phases: [http_request_sbfm] }`,
  reconcile: `reconcile:
  schedule: "*/5 * * * *"
  timezone: Europe/Paris
  drift: repair
  limits: { change: 30%, prune: 30%, floor: 5 }`,
  notify: `notify:
  - { ntfy: { url: https://ntfy.sh/my-topic } }`,
};

/** @param {Schema} schema @param {string} notice */
export function referencePage(schema, notice) {
  const sections = Object.keys(schema.properties).map((key) => section(schema, key));
  return `<!-- ${notice} -->
# gates.yaml, key by key

${schema.description} The same descriptions appear in an editor that knows the schema: begin the file with
\`# yaml-language-server: $schema=./schema/gates.schema.json\` (\`gates schema\` prints it).

In the paths below, \`<name>\` is a name that you choose, and \`[]\` an entry of a list. **Required** means required
if the surrounding map is present. Every other key has the default shown, or no default.

Required in every file: ${schema.required.map((/** @type {string} */ key) => `\`${key}\``).join(', ')}.

${sections.join('\n')}`;
}

/** @param {Schema} root @param {string} key */
function section(root, key) {
  const rows = [...rowsOf(root, root.properties[key], key, root.required.includes(key))];
  const example = /** @type {Record<string, string>} */ (examples)[key];
  return [
    `## ${key}`,
    '',
    root.properties[key].description,
    '',
    ...(example === undefined ? [] : ['```yaml', example, '```', '']),
    '| key | type | default | description |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

/**
 * @param {Schema} root @param {Schema} given @param {string} path @param {boolean} required
 * @returns {Generator<string>}
 */
function* rowsOf(root, given, path, required) {
  const { schema } = resolve(root, given);
  const fallback = required
    ? '**required**'
    : given.default === undefined
      ? ''
      : `\`${JSON.stringify(given.default)}\``;
  yield `| \`${path}\` | ${typeOf(root, schema).replaceAll('|', '\\|')} | ${fallback} | ${description(given, schema)} |`;
  if (schema.title !== undefined && schema.properties === undefined) return;
  for (const [key, value] of Object.entries(schema.properties ?? {})) {
    yield* rowsOf(root, value, `${path}.${key}`, (schema.required ?? []).includes(key));
  }
  if (typeof schema.additionalProperties === 'object') {
    const inner = resolve(root, schema.additionalProperties);
    // A path exception has the same gates as the host itself, so they are listed once.
    if (inner.definition === 'gate')
      yield `| \`${path}.<path>\` | a gate, as under \`gate\` | | The gate of this path. |`;
    else if (inner.schema.type !== undefined && !isScalar(inner.schema))
      yield* rowsOf(root, schema.additionalProperties, `${path}.<name>`, false);
  }
  if (schema.type === 'array' && !isScalar(resolve(root, schema.items).schema)) {
    if (resolve(root, schema.items).schema.title === undefined)
      yield* rowsOf(root, schema.items, `${path}[]`, false);
  }
}

/** @param {Schema} root @param {Schema} given @returns {{ schema: Schema, definition: string | undefined }} */
function resolve(root, given) {
  if (given.$ref === undefined) return { schema: given, definition: undefined };
  const definition = given.$ref.replace('#/$defs/', '');
  return { schema: root.$defs[definition], definition };
}

/** @param {Schema} schema */
function isScalar(schema) {
  return (
    schema.enum !== undefined ||
    schema.const !== undefined ||
    [schema.type].flat().every((type) => ['string', 'number', 'integer', 'boolean'].includes(type))
  );
}

/** @param {Schema} root @param {Schema} schema @returns {string} */
function typeOf(root, schema) {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return `\`${schema.const}\``;
  if (schema.enum !== undefined)
    return schema.enum.map((/** @type {string} */ value) => `\`${value === '' ? '""' : value}\``).join(', ');
  if (schema.type === 'array') {
    const inner = resolve(root, schema.items);
    return `list of: ${typeOf(root, inner.schema)}`;
  }
  if (schema.minProperties === 1 && schema.maxProperties === 1) return 'map with exactly one of these keys';
  if (schema.type === 'integer')
    return `number${schema.maximum === undefined ? '' : `, ${schema.minimum} to ${schema.maximum}`}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'string') return 'text';
  return typeof schema.additionalProperties === 'object' && schema.properties === undefined
    ? 'map by name'
    : 'map';
}

/** @param {Schema} given @param {Schema} schema */
function description(given, schema) {
  const text = given.description ?? schema.description ?? '';
  const example = given.examples?.[0] ?? undefined;
  const isShort = example !== undefined && JSON.stringify(example).length <= 40;
  return `${text}${isShort ? ` Example: \`${typeof example === 'string' ? example : JSON.stringify(example)}\`.` : ''}`.replaceAll(
    '|',
    '\\|',
  );
}
