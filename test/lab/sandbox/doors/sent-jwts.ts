import type { AccessApp, AccessPolicy, Tunnel, World } from '../../../../src/lab/sandbox/state/world.ts';
import type { Question } from './requests.ts';

/** A host whose tunnel demands the JWT of an application elsewhere, which only visitors can send: Access adds none. */
interface DemandingHost {
  readonly world: World;
  readonly host: string;
}

const suffix = '.cfargotunnel.com';
const paths = ['/', '/below', '/open', '/health/x', '/admin'] as const;

/** Ways in which Access adds no JWT: it has no application there, one that lets everybody by, or one that lets preflights by. */
const forms = ['uncovered', 'bypassed', 'preflight'] as const;

/** The world with such a host, in one of three worlds. */
export function withDemandingHost(world: World, pick: () => number): DemandingHost | undefined {
  const [turn, atHost, atElsewhere, atForm] = [pick(), pick(), pick(), pick()];
  const hosts = world.records.filter(
    ({ name, type, content }) => type === 'CNAME' && content.endsWith(suffix) && !name.startsWith('*'),
  );
  const record = hosts[atHost % Math.max(1, hosts.length)];
  if (turn % 3 !== 0 || record === undefined) return undefined;
  const host = record.name.toLowerCase();
  const others = world.apps.filter((app) => !isAbout(app, host));
  const elsewhere = others[atElsewhere % Math.max(1, others.length)];
  if (elsewhere === undefined) return undefined;
  const tunnels = world.tunnels.map((tunnel) =>
    record.content.startsWith(tunnel.id) ? demanding(tunnel, host, elsewhere, world) : tunnel,
  );
  const open = withoutJwt({ ...world, tunnels, apps: others }, elsewhere, host, atForm);
  return { world: open, host };
}

/** The questions, of which the first are about this host: most visitors, two ways of asking. */
export function asksAbout(host: string, asked: readonly Question[], pick: () => number): readonly Question[] {
  return asked.map((each, index) => {
    if (index >= 30) return each;
    const [path, method] = [paths[pick() % paths.length] as string, pick() % 2 === 0 ? 'GET' : 'OPTIONS'];
    return { host, path, method, visitor: index };
  });
}

function isAbout({ destinations }: AccessApp, host: string): boolean {
  return destinations.some(({ uri }) => String(uri).toLowerCase().split('/', 1)[0] === host);
}

/** The tunnel, whose rules for the host demand the JWT of an application. */
function demanding(tunnel: Tunnel, host: string, { aud }: AccessApp, { organization }: World): Tunnel {
  const teamName = (organization?.authDomain ?? '').replace(/\.cloudflareaccess\.com$/, '');
  const access = { required: true, teamName, audTag: [aud] };
  const versions = tunnel.versions.map((version) => {
    const { ingress } = version.config;
    const rules = ingress.map((rule) =>
      rule.hostname?.toLowerCase() === host
        ? { ...rule, originRequest: { ...rule.originRequest, access } }
        : rule,
    );
    return { ...version, config: { ...version.config, ingress: rules } };
  });
  return { ...tunnel, versions };
}

/** The world with the application that Access has at the host, a copy of another one. */
function withoutJwt(world: World, model: AccessApp, host: string, atForm: number): World {
  const form = forms[atForm % forms.length];
  const [link] = model.policies;
  const policy = world.policies.find(({ id }) => id === link?.id);
  if (form === 'uncovered' || policy === undefined) return world;
  const id = 'demanding';
  const decision = form === 'bypassed' ? 'bypass' : 'allow';
  const open: AccessPolicy = {
    ...{ ...policy, id: `${id}-policy`, uid: `${id}-policy`, appId: null, name: 'hand everybody', decision },
    ...{ include: [{ everyone: {} }], exclude: [], require: [], settings: {} },
  };
  const app: AccessApp = {
    ...{ ...model, id, uid: id, aud: 'd'.repeat(64), name: `hand ${host}`, tags: [] },
    destinations: [{ type: 'public', uri: host }],
    policies: [{ id: open.id, precedence: 1 }],
    settings: { domain: host, ...(form === 'preflight' && { options_preflight_bypass: true }) },
  };
  return { ...world, apps: [...world.apps, app], policies: [...world.policies, open] };
}
