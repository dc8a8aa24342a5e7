import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/lab/sandbox/index.ts';
import type { Report } from '../../../src/run/reconcile.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { type Pass, runProcess } from '../stage/stage.ts';
import { forbidden } from '../stage/trouble.ts';
import { before, filesOf, type OwnedFile, SharedHouse, undone } from './shared-house.ts';

const alpha = filesOf('alpha');
const beta = filesOf('beta');
const formOf = (files: readonly OwnedFile[], name: string): OwnedFile => {
  const found = files.find((file) => file.name.endsWith(`: ${name}`));
  if (found === undefined) throw new Error(name);
  return found;
};

let house: SharedHouse;
let first: Snapshot;
const begun: Record<'alpha' | 'beta', Disk> = { alpha: newDisk(), beta: newDisk() };
let disks: Record<'alpha' | 'beta', Disk>;
const callsOf: number[] = [];

beforeAll(async () => {
  house = await SharedHouse.open(['alpha.example.dev', 'beta.example.dev']);
  for (const [owner, files] of [
    ['alpha', alpha],
    ['beta', beta],
  ] as const) {
    const pass = await house.run(begun[owner], formOf(files, 'ci').text);
    expect(undone(pass.report)).toEqual([]);
  }
  first = house.snapshot();
});

beforeEach(async () => {
  await house.restore(first);
  disks = { alpha: await copyOf(begun.alpha), beta: await copyOf(begun.beta) };
  await house.guard(guards);
});

/** The people of either file of an owner. */
const guards = [
  { host: 'alpha.example.dev', admit: { tokens: ['ci'], groups: ['family'] } },
  { host: 'beta.example.dev', admit: { tokens: ['ci'], emails: ['me@example.dev'] } },
  ...['alpha', 'beta'].map((owner) => ({
    host: `beside-${owner}.example.dev`,
    admit: { groups: ['family'] },
  })),
];
const moveAlpha = formOf(alpha, 'family, by proxy').text;
const moveBeta = formOf(beta, 'me').text;

/** Sets the hosts about which the origin asks the outpost. */
const forwardAuthOf = ({ sandbox }: SharedHouse, forwardAuth: readonly string[]) =>
  askAdmin(sandbox, 'PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });

describe('two owners that share a tunnel and an outpost', () => {
  it('take turns: a run that begins between any two calls of another loses nothing and opens nothing', async () => {
    const alone = await house.run(disks.alpha, moveAlpha, async ({ n }, send) => {
      callsOf[0] = n;
      return send();
    });
    expect(undone(alone.report)).toEqual([]);
    await house.run(disks.beta, moveBeta);
    const end = await house.ruleTexts();
    const waited: number[] = [];
    for (let n = 1; n <= (callsOf[0] ?? 0); n += 9) {
      await house.restore(first);
      disks = { alpha: await copyOf(begun.alpha), beta: await copyOf(begun.beta) };
      let inner: Pass | undefined;
      const outer = await house.run(
        disks.alpha,
        moveAlpha,
        before(n, async () => {
          inner = await house.run(disks.beta, moveBeta);
        }),
      );
      for (const pass of [inner, outer]) {
        expect(
          pass?.report?.interferences.filter(({ severity }) => severity === 'loss'),
          `${n}`,
        ).toEqual([]);
        if (pass?.report?.waitsFor !== undefined) waited.push(n);
      }
      expect(house.turns(), `${n}`).toEqual([]);
      await house.run(disks.beta, moveBeta);
      expect(undone((await house.run(disks.alpha, moveAlpha)).report), `${n}`).toEqual([]);
      expect(await house.ruleTexts(), `${n}`).toEqual(end);
      expect(house.exposures(), `${n}`).toEqual([]);
    }
    expect(waited.length).toBeGreaterThan(1);
  });

  it('do not wait for a run that has nothing to do', async () => {
    const { writes, report } = await house.run(disks.alpha, formOf(alpha, 'ci').text);
    expect([writes, report?.waitsFor]).toEqual([0, undefined]);
  });

  it('take no turn for a host that waits for its check, and one as soon as the check allows opening it', async () => {
    const { text } = formOf(alpha, 'family');
    await forwardAuthOf(house, []);
    expect(undone((await house.run(disks.alpha, text)).report)).not.toEqual([]);
    const waiting = await house.run(disks.alpha, text);
    expect(undone(waiting.report)).not.toEqual([]);
    expect(waiting.writes).toBe(0);
    await forwardAuthOf(house, ['alpha.example.dev', 'beta.example.dev']);
    expect(undone((await house.run(disks.alpha, text)).report)).toEqual([]);
    expect((await house.run(disks.alpha, text)).writes).toBe(0);
    expect(house.exposures()).toEqual([]);
  });

  it('open a host whose check failed before in the very run that a person agreed to', async () => {
    const { text } = formOf(alpha, 'family');
    const agreed = () =>
      runProcess(house.sandbox, disks.alpha, text, {
        meddle: (_, send) => send(),
        inTurns: true,
        isAgreed: true,
      });
    await forwardAuthOf(house, []);
    expect(undone((await agreed()).report)).not.toEqual([]);
    await forwardAuthOf(house, ['alpha.example.dev', 'beta.example.dev']);
    const { report, ended } = await agreed();
    expect([report?.waitsFor, undone(report)]).toEqual([undefined, []]);
    // The checks before the turn are repeated in it, and reported once.
    expect(ended.toSorted()).toEqual(report?.outcomes?.map(({ change }) => change).sort());
    expect(house.exposures()).toEqual([]);
  });

  it('say whom they wait for, and change nothing then', async () => {
    let inner: Pass | undefined;
    await house.run(disks.alpha, moveAlpha, async ({ request }, send) => {
      if (request.method === 'PUT' && request.url.endsWith('/configurations') && inner === undefined)
        inner = await house.run(disks.beta, moveBeta);
      return send();
    });
    expect(inner?.report?.waitsFor).toContain('a run of the owner "alpha"');
    // The write is the attempt to take the turn.
    expect(inner?.writes).toBe(1);
    expect(undone(inner?.report).every((text) => text.includes('waits for'))).toBe(true);
  });
});

describe('a run that may not take a turn', () => {
  /** Our run, which is refused the object of a turn, with a run of the other owner between our GET and our PUT of the rules. */
  async function besideOther(
    turn: '/core/groups/' | '/cfd_tunnel',
  ): Promise<readonly (Report | undefined)[]> {
    let inner: Pass | undefined;
    const outer = await house.run(disks.alpha, moveAlpha, async ({ system, request }, send) => {
      if (request.method === 'POST' && request.url.endsWith(turn)) return forbidden[system]();
      if (request.method === 'PUT' && request.url.endsWith('/configurations'))
        inner ??= await house.run(disks.beta, openBeta);
      return send();
    });
    expect(undone(outer.report)).toEqual([]);
    expect(house.turns()).toEqual([]);
    return [inner?.report, outer.report];
  }
  /** Changes the rule of a host. */
  const openBeta = formOf(beta, 'public').text;
  beforeEach(() => house.guard([...guards, { host: 'beta.example.dev', admit: { public: true } }]));
  const noTurns = (report: Report | undefined) =>
    report?.plan?.warnings.filter((text) => text.includes('No turn')) ?? [];

  it('at the outpost still takes the turn at the tunnel, and says what it writes without one', async () => {
    const [inner, outer] = await besideOther('/core/groups/');
    expect(inner?.waitsFor).toContain('a run of the owner "alpha"');
    expect(outer?.interferences).toEqual([]);
    expect(noTurns(outer)).toEqual([
      expect.stringMatching(/^No turn could be taken at outpost [-0-9a-f]+, .*add_group/),
    ]);
    expect(house.exposures()).toEqual([]);
  });

  it('at the tunnel reports that rules of another owner were lost, whose next run restores them', async () => {
    const [inner, outer] = await besideOther('/cfd_tunnel');
    expect(undone(inner)).toEqual([]);
    expect(noTurns(outer)).toEqual([expect.stringMatching(/^No turn could be taken at tunnel [-0-9a-f]+, /)]);
    expect(outer?.interferences).toMatchObject([{ severity: 'loss', what: 'cloudflare/tunnel:homelab' }]);
    const { writes, report } = await house.run(disks.beta, openBeta);
    expect([writes > 0, undone(report)]).toEqual([true, []]);
    expect(house.exposures()).toEqual([]);
  });
});

describe('a turn', () => {
  /** Kills a run that holds the turn. */
  async function killed(): Promise<void> {
    let gone = false;
    const pass = house.run(disks.alpha, moveAlpha, async ({ request }, send) => {
      gone ||= request.method === 'PUT' && request.url.endsWith('/configurations');
      if (gone) throw new Error('gone');
      return send();
    });
    await pass.catch(() => undefined);
    expect(house.turns()).not.toEqual([]);
  }

  it('of a killed run is released by the next run of its state folder', async () => {
    await killed();
    expect(undone((await house.run(disks.alpha, moveAlpha)).report)).toEqual([]);
    expect(house.turns()).toEqual([]);
  });

  it('of a killed run is released even if nothing is left to do', async () => {
    await killed();
    await house.run(disks.alpha, formOf(alpha, 'ci').text);
    expect(house.turns()).toEqual([]);
    expect((await house.run(disks.alpha, formOf(alpha, 'ci').text)).writes).toBe(0);
  });

  it('without a holder is taken over by another state folder after five minutes, and not before', async () => {
    await killed();
    expect((await house.run(disks.beta, moveBeta)).report?.waitsFor).toContain('"alpha"');
    expect((await house.run(disks.beta, moveBeta)).report?.waitsFor).toContain('"alpha"');
    for (const [key, text] of disks.beta.notes.texts) {
      if (!key.startsWith('turn-of-another\n')) continue;
      const [id, stamp, since = ''] = text.split(' ');
      const earlier = new Date(Date.parse(since) - 300_000).toISOString();
      await disks.beta.notes.put('turn-of-another', key.split('\n')[1] ?? '', [id, stamp, earlier].join(' '));
    }
    expect(undone((await house.run(disks.beta, moveBeta)).report)).toEqual([]);
    expect(house.exposures()).toEqual([]);
  });

  it('that was taken over stops its earlier holder before the next write of the rules', async () => {
    let isTakenOver = false;
    let puts = 0;
    const pass = await house.run(disks.alpha, moveAlpha, async ({ request }, send) => {
      if (request.method === 'PATCH' && request.url.includes('/outposts/')) {
        const { tunnels } = JSON.parse(house.sandbox.snapshot()) as {
          tunnels: { id: string; name: string; deletedAt: string | null }[];
        };
        const turn = tunnels.find(
          ({ name, deletedAt }) => name.startsWith('gates-turn-') && deletedAt === null,
        );
        if (turn !== undefined) {
          await house.byHand(
            'cloudflare',
            'DELETE',
            `/accounts/${house.sandbox.accountId}/cfd_tunnel/${turn.id}`,
            undefined,
          );
          isTakenOver = true;
        }
      }
      if (isTakenOver && request.method === 'PUT' && request.url.endsWith('/configurations')) puts += 1;
      return send();
    });
    expect(isTakenOver).toBe(true);
    expect(puts).toBe(0);
    expect(undone(pass.report).join()).toContain('was lost');
    expect(house.exposures()).toEqual([]);
  });
});
