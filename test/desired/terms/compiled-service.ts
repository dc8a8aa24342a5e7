import type { Service } from '../../../src/config/model/config.ts';
import type { Desired } from '../../../src/core/objects/object.ts';
import { compile } from '../../../src/desired/compile.ts';
import { configOf } from '../sample.ts';

const gates = {
  people: '{ cloudflare: { emails: [me@example.dev] } }',
  machine: '{ serviceToken: { tokens: [ci] } }',
  open: '{ public: { reason: test } }',
  login: '{ authentik: { groups: [admins] } }',
  proxy: '{ authentik: { mode: proxy, groups: [admins] } }',
  domain: '{ authentik: { mode: domain } }',
  calls: '{ webhook: { actions: [reconcile], secret: { env: SECRET } } }',
};
export type GateName = keyof typeof gates;

export interface Compiled {
  readonly service: Service;
  readonly desired: Desired;
}

/** A service with the gates of these names at its host and at its paths. */
export function compiled(host: GateName, paths: Readonly<Record<string, GateName>>): Compiled {
  const entries = Object.entries(paths).map(([path, gate]) => `${path}: ${gates[gate]}`);
  const text = `auth: { host: auth.example.dev, origin: app, gate: { identityProvider: {} } }
app: { host: app.example.dev, origin: app, gate: ${gates[host]}, paths: { ${entries.join(', ')} } }`;
  const config = configOf(
    text,
    `authentik: { url: "http://authentik.lan:9000", domains: { example.dev: { groups: [admins] } } }
groups: { admins: {} }`,
  );
  const service = config.services.get('app');
  if (service === undefined) throw new Error('the file of this test has no service');
  return { service, desired: compile(config) };
}
