import { beforeAll, describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Beginning } from '../stage/beginning.ts';
import { isPlayed, playedAt } from '../stage/cut.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { thereAndBack } from './exploration.ts';
import { type Admitted, type Guard, Moves, misfortunes, type State, union } from './moves.ts';

/** Moves of several hosts, or of what a gate depends on: a name, an outpost, a complete file of another owner. */
const me: Admitted = { emails: ['me@example.dev'] };
const admins: Admitted = { groups: ['admins'] };
const behindAccess = '{ cloudflare: { emails: [me@example.dev] } }';
const behindAuthentik = '{ authentik: { groups: [admins] } }';
const machines = (...tokens: readonly string[]) => `{ serviceToken: { tokens: [${tokens.join(', ')}] } }`;
const hosts = ['a.example.dev', 'b.example.dev'] as const;

interface Surroundings {
  readonly owner?: string;
  readonly outpost?: string;
  readonly tokens?: string;
  /** A second tunnel, which another host keeps in use. */
  readonly far?: true;
}

/** The two hosts, each with its gate, its service's name and its people; a host without a gate is not in the file. */
interface Host {
  readonly service?: string;
  readonly origin?: string;
  readonly gate: string;
  readonly admit: Admitted;
}

const surroundings = new Map<string, Surroundings>();

function house(name: string, [a, b]: readonly (Host | undefined)[], around: Surroundings = {}): State {
  surroundings.set(name, around);
  const services = [a, b].flatMap((of, index) =>
    of === undefined
      ? []
      : [
          `  ${of.service ?? `s${index}`}: { host: ${hosts[index]}, origin: ${of.origin ?? 'traefik'}, gate: ${of.gate} }`,
        ],
  );
  const guards: Guard[] = hosts.map((host, index) => ({ host, admit: (index === 0 ? a : b)?.admit ?? {} }));
  return { name, service: services.join('\n'), guards };
}

function file({ name, service }: State): string {
  const {
    owner = 'home',
    outpost = 'authentik Embedded Outpost',
    tokens = 'ci: {}, backup: {}',
    far = false,
  } = surroundings.get(name) ?? {};
  return `version: 1
owner: ${owner}
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {}${far ? ', second: { create: true }' : ''} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth, outpost: "${outpost}" }
groups: { admins: {} }
origins:
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  moved: { tunnel: homelab, url: "http://traefik-moved.lan:80", forwardAuth: true }
${far ? '  far: { tunnel: second, url: "http://traefik.lan:80", forwardAuth: true }' : ''}
serviceTokens: { ${tokens} }
services:
  auth: { host: ${owner === 'home' ? 'auth' : 'login'}.example.dev, origin: traefik, gate: { identityProvider: {} } }
${far ? '  anchor: { host: anchor.example.dev, origin: far, gate: { public: { reason: keeps the tunnel } } }' : ''}
${service ?? ''}
`;
}

const guarded = (gate: string, admit: Admitted, service?: string): Host => ({
  gate,
  admit,
  ...(service !== undefined && { service }),
});
const access = guarded(behindAccess, me);
const outposts = guarded(behindAuthentik, admins);
const byProxy = guarded('{ authentik: { mode: proxy, groups: [admins] } }', admins);
const behindOrigin = (origin: string, of: Host): Host => ({ ...of, origin });

const moves: readonly { readonly because: string; readonly from: State; readonly to: State }[] = [
  {
    because: 'a service gets another host, behind Access',
    from: house('at a', [guarded(behindAccess, me, 'app')]),
    to: house('at b', [undefined, guarded(behindAccess, me, 'app')]),
  },
  {
    because: 'a service gets another host, behind Authentik',
    from: house('asked at a', [guarded(behindAuthentik, admins, 'app')]),
    to: house('asked at b', [undefined, guarded(behindAuthentik, admins, 'app')]),
  },
  {
    because: 'a service gets another name in the file, which means nothing',
    from: house('called so', [guarded(behindAccess, me, 'one')]),
    to: house('called otherwise', [guarded(behindAccess, me, 'other')]),
  },
  {
    because: 'two hosts change gates',
    from: house('one way', [access, outposts]),
    to: house('the other way', [outposts, access]),
  },
  {
    because: 'a token that a gate named is there no more',
    from: house('both tokens', [guarded(machines('ci', 'backup'), { tokens: ['ci', 'backup'] })]),
    to: house('one token', [guarded(machines('ci'), { tokens: ['ci'] })], { tokens: 'ci: {}' }),
  },
  {
    because: 'what is behind the gates stands elsewhere',
    from: house('at traefik', [access, outposts]),
    to: house('moved', [behindOrigin('moved', access), behindOrigin('moved', outposts)]),
  },
  {
    because: 'what is behind the gates is reached by another tunnel',
    from: house('near', [access, outposts], { far: true }),
    to: house('far', [behindOrigin('far', access), behindOrigin('far', outposts)], { far: true }),
  },
  {
    because: 'what is behind a gate of mode proxy is reached by another tunnel',
    from: house('proxied near', [byProxy], { far: true }),
    to: house('proxied far', [behindOrigin('far', byProxy)], { far: true }),
  },
  {
    because: 'another outpost serves the gates',
    from: house('embedded', [outposts, access]),
    to: house('second', [outposts, access], { outpost: 'second' }),
  },
  {
    because: 'both leave',
    from: house('both', [access, outposts]),
    to: house('none', []),
  },
];

/** A second outpost with a foreign provider; Traefik asks the outpost that the world names. */
async function secondOutpost(at: Moves): Promise<void> {
  const authentik = (method: string, path: string, body?: unknown) =>
    at.byHand(method, `/api/v3${path}`, body, 'authentik');
  const { results } = (await authentik('GET', '/flows/instances/')) as {
    results: readonly { pk: string; designation: string }[];
  };
  const flow = (designation: string) => results.find((found) => found.designation === designation)?.pk;
  const { pk } = (await authentik('POST', '/providers/proxy/', {
    name: 'theirs',
    mode: 'forward_single',
    external_host: 'https://theirs.example.dev',
    authorization_flow: flow('authorization'),
    invalidation_flow: flow('invalidation'),
  })) as { pk: number };
  await authentik('POST', '/outposts/instances/', {
    name: 'second',
    type: 'proxy',
    providers: [pk],
    config: { authentik_host: 'https://auth.example.dev' },
  });
}

async function world(): Promise<Moves> {
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  const at = new Moves(sandbox, file, [], tally);
  await secondOutpost(at);
  for (const url of ['http://traefik.lan:80', 'http://traefik-moved.lan:80'])
    await at.admin('PUT', '/origins', { url, kind: 'traefik', forwardAuth: hosts });
  return at;
}

const tally = tallied('hosts and what their gates stand on');

describe('hosts and the objects that their gates depend on', () => {
  it.each(moves.filter(({ to }) => surroundings.get(to.name)?.outpost === undefined))(
    'move there and back: $because',
    async ({ from, to }) => thereAndBack(await world(), from, to),
  );

  /** Traefik is reconfigured by a person, before or after; until then, no gate is confirmed, and nothing opens. */
  it('move to another outpost, and nobody is exposed, whatever write fails, and whichever outpost Traefik asks', async () => {
    const move = moves.find(({ to }) => surroundings.get(to.name)?.outpost !== undefined);
    if (move === undefined) throw new Error('there is no such move');
    const { from, to } = move;
    const at = await world();
    const scene = await at.sceneOf(at.sandbox.snapshot(), from);
    const start = async () => {
      at.sandbox.restore(scene.snapshot);
      await at.guard(union(from, to));
      return copyOf(scene.disk);
    };
    const [beginning, settled] = [new Beginning(), new Settled()];
    const { writes } = await at.process(await start(), file(to), undefined, beginning);
    const settles = async (disk: Disk, where: string) => {
      await at.process(disk, file(to));
      expect(at.sandbox.exposures(), where).toEqual([]);
      await at.admin('PUT', '/origins', {
        url: 'http://traefik.lan:80',
        kind: 'traefik',
        forwardAuth: hosts,
        outpost: 'second',
      });
      expect(unfinished((await at.process(disk, file(to))).report), where).toEqual([]);
      expect((await at.process(disk, file(to))).writes, where).toBe(0);
      expect(at.sandbox.exposures(), where).toEqual([]);
    };
    for (const { write, kind } of playedAt(writes)) {
      const where = `${kind} at write ${write}`;
      const disk = await start();
      await at.process(disk, file(to), { write, kind }, beginning);
      expect(at.sandbox.exposures(), where).toEqual([]);
      if (await settled.once(at.sandbox, disk, () => settles(disk, where))) tally.worlds += 1;
      tally.interrupted += 1;
    }
    tally.moves += 1;
  });
});

describe('a service that moves between the files of two owners', () => {
  const before = house('home has it', [access]);
  const after = house('home had it', [undefined, access]);
  const theirs = house('work has it', [outposts], { owner: 'work' });
  const admitted: readonly Guard[] = hosts.map((host) => ({ host, admit: { ...me, ...admins } }));
  let at: Moves;

  beforeAll(async () => {
    at = await world();
  });

  it.each(misfortunes)('is exposed at no write of either, %s at some of them', async (kind) => {
    const scene = await at.sceneOf(at.sandbox.snapshot(), before);
    const start = async () => {
      at.sandbox.restore(scene.snapshot);
      await at.guard(admitted);
      return { home: await copyOf(scene.disk), work: newDisk() };
    };
    for (let write = 1; write <= 40; write += 1) {
      if (!isPlayed({ write, kind })) continue;
      const { home, work } = await start();
      const first = await at.process(home, file(after), { write, kind });
      await at.process(work, file(theirs), { write, kind });
      for (let round = 0; round < 2; round += 1) {
        await at.process(home, file(after));
        await at.process(work, file(theirs));
      }
      const [ofHome, ofWork] = [await at.process(home, file(after)), await at.process(work, file(theirs))];
      const where = `${kind} at write ${write}`;
      expect([ofHome.writes, ofWork.writes], where).toEqual([0, 0]);
      expect(ofWork.report?.plan?.changes.filter(isPending), where).toEqual([]);
      expect(at.sandbox.exposures(), where).toEqual([]);
      tally.interrupted += 1;
      if (first.writes < write) break;
    }
    tally.moves += 1;
    at.sandbox.restore(scene.snapshot);
  });
});
