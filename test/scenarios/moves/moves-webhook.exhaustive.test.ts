import { describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { Beginning } from '../stage/beginning.ts';
import { inTurn, playedAt } from '../stage/cut.ts';
import { copyOf, type Disk } from '../stage/disk.ts';
import { Settled } from '../stage/settled.ts';
import { unfinished } from '../stage/stage.ts';
import { tallied } from '../stage/tally.ts';
import { thereAndBack } from './exploration.ts';
import { type Admitted, host, Moves, type State, state, union } from './moves.ts';

const signed = (...tokens: readonly string[]) =>
  `{ webhook: { actions: [reconcile], secret: { env: GATES_ACTIONS_SECRET }, tokens: [${tokens.join(', ')}] } }`;
const open = '{ public: { reason: open } }';
const all: Admitted = { public: true };
const ci: Admitted = { tokens: ['ci'] };
const me: Admitted = { emails: ['me@example.dev'] };
const person = '{ cloudflare: { emails: [me@example.dev] } }';

const webhook = state('webhook', signed('ci'), ci);
const alone = state('webhook without tokens', signed(), {}, {}, 'daemon');

const others: readonly State[] = [
  state('none', undefined, {}),
  state('me', person, me),
  state('ci', '{ serviceToken: { tokens: [ci] } }', ci),
  state('public', open, all),
  state('webhook of another token', signed('backup'), { tokens: ['backup'] }),
  state('public, with a path for calls', open, all, { '/admin/**': [signed('ci'), ci] }),
];

/** The gates before and after the gate without tokens; some have another origin. */
const beside: readonly State[] = [
  ...others,
  webhook,
  state('admins', '{ authentik: { groups: [admins] } }', { groups: ['admins'] }, {}, 'traefik'),
  state('admins, by proxy', '{ authentik: { mode: proxy, groups: [admins] } }', { groups: ['admins'] }),
  state('family, by their domain', '{ authentik: { mode: domain } }', { groups: ['family'] }, {}, 'traefik'),
  state('the application itself asks', '{ authentik: { mode: oidc, client: app } }', all),
  state('webhook without tokens, with an open path', signed(), {}, { '/open/**': [open, all] }, 'daemon'),
  state('webhook without tokens, with a path for me', signed(), {}, { '/admin/**': [person, me] }, 'daemon'),
  state('public, at the daemon', open, all, {}, 'daemon'),
];

function file(of: State): string {
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik: { url: "http://authentik.lan:9000", service: auth, domains: { example.dev: { groups: [family] } } }
groups: { admins: {}, family: {} }
clients: { app: { redirectUris: ["https://app.example.dev/callback"], groups: [family] } }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
  daemon: { tunnel: homelab, url: "http://gates.lan:8421" }
serviceTokens: { ci: {}, backup: {} }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
  beside: { host: beside.example.dev, origin: app, gate: { serviceToken: { tokens: [ci, backup] } } }
${of.service ?? ''}
`;
}

const tally = tallied('moves of a webhook gate');

describe('a host for signed calls', () => {
  async function moves(): Promise<Moves> {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const made = new Moves(sandbox, file, [], tally);
    await made.sendThroughOutpost([host]);
    return made;
  }

  it.each(inTurn(others))('moves behind Access and back: $name', async (other) => {
    await thereAndBack(await moves(), other, webhook);
  });

  it.each(inTurn(beside))('moves to the daemon alone and back: $name', async (other) => {
    await thereAndBack(await moves(), other, alone);
  });
});

const url = 'http://gates.lan:8421';
const listener = { url, kind: 'application', hooks: 'all' };
const another = { url, kind: 'application', hooks: [] };

/**
 * Another program runs in place of the daemon, and each write also fails, in ways that change from write to write:
 * nobody reaches it, except through the previous gate. Then the daemon runs, and one run opens the host.
 */
describe('a host for signed calls, at a program that is not the daemon', () => {
  it.each(inTurn(others))('from $name', async (from) => {
    const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
    const moves = new Moves(sandbox, file, [], tally);
    const text = file(alone);
    const scene = await moves.sceneOf(sandbox.snapshot(), from);
    const start = async () => {
      sandbox.restore(scene.snapshot);
      await moves.admin('PUT', '/origins', another);
      await moves.guard(union(from, alone));
      return copyOf(scene.disk);
    };
    const [beginning, settled] = [new Beginning(), new Settled()];
    const { writes, report } = await moves.process(await start(), text, undefined, beginning);
    expect(unfinished(report).join()).toContain('the origin of the host is another program');
    const waits = async (disk: Disk, where: string) => {
      expect((await moves.process(disk, text)).writes, `${where}: waits`).toBe(0);
      // The people of the previous gate may get in while the new one is unconfirmed; a public host is closed.
      const waiting = union(from, alone).map(({ admit: { public: _, ...admit }, ...guard }) => ({
        ...guard,
        admit,
      }));
      expect(await moves.judgedBy(waiting), `${where}: closed`).toEqual([]);
      await moves.admin('PUT', '/origins', listener);
      expect(unfinished((await moves.process(disk, text)).report), where).toEqual([]);
      expect((await moves.process(disk, text)).writes, where).toBe(0);
      expect(await moves.judgedBy(alone.guards), where).toEqual([]);
    };
    for (const { write, kind } of playedAt(writes)) {
      const where = `${from.name}, ${kind} at write ${write}`;
      const disk = await start();
      await moves.process(disk, text, { write, kind }, beginning);
      expect(sandbox.exposures(), where).toEqual([]);
      const isNew = await settled.once(sandbox, disk, async () => {
        await moves.process(disk, text);
        expect(sandbox.exposures(), where).toEqual([]);
        await settled.once(sandbox, disk, () => waits(disk, where));
      });
      if (isNew) tally.worlds += 1;
      tally.interrupted += 1;
    }
    tally.moves += 1;
  });
});
