import { describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Disk, newDisk } from '../stage/disk.ts';
import { type Pass, runProcess } from '../stage/stage.ts';
import type { Trouble } from '../stage/trouble.ts';

const file = (hosts: readonly string[]) => `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
origins: { app: { tunnel: homelab, url: "http://app.lan:80", router: true } }
services:
${hosts
  .map(
    (name) =>
      `  ${name}: { host: ${name}.example.dev, origin: app, gate: { cloudflare: { emails: [${name}@example.dev] } } }`,
  )
  .join('\n')}
`;
const five = file(['a', 'b', 'c', 'd', 'e']);

/** No call fails, and the run takes turns, whose objects are writes too. */
const inTurns: Trouble = { meddle: (_, send) => send(), inTurns: true };

interface Account {
  readonly sandbox: Sandbox;
  readonly disk: Disk;
  run(text?: string): Promise<Pass>;
  /** Changes the content of the sandbox from outside. */
  // biome-ignore lint/suspicious/noExplicitAny: the state of a sandbox is none of the product's types
  edit(change: (state: any) => void): void;
  /** The number of writes since the last call. */
  calls(): readonly string[];
}

async function account(limits: { applications?: number; policies?: number }): Promise<Account> {
  const sandbox = await createSandbox({ zones: ['example.dev'], accessLimits: limits });
  const disk = newDisk();
  let seen = 0;
  return {
    sandbox,
    disk,
    run: (text = five) => runProcess(sandbox, disk, text, inTurns),
    edit(change) {
      const state = JSON.parse(sandbox.snapshot());
      change(state);
      sandbox.restore(JSON.stringify(state));
    },
    calls() {
      const all = sandbox.calls().filter(({ method }) => method !== 'GET');
      const later = all
        .slice(seen)
        .map(({ method, path, status }) => `${status} ${method} ${path.split('/').slice(-1)}`);
      seen = all.length;
      return later;
    },
  };
}

const refused = ({ report }: Pass) =>
  (report?.plan?.changes ?? [])
    .filter(({ verb }) => verb === 'refuse')
    .map(({ address: { key }, reason }) => [key, reason]);

describe('a quota that refuses an object', () => {
  it('is met once in a run, and by no later run while nothing indicates free room', async () => {
    const home = await account({ applications: 3 });
    await home.run();
    expect(home.calls().filter((call) => call === '400 POST apps')).toHaveLength(1);
    const again = await home.run();
    expect(home.calls()).toEqual([]);
    expect(refused(again)).toEqual(
      ['d', 'e'].map((name) => [
        `${name}.example.dev`,
        expect.stringMatching(
          /^waits for the quota of Access applications: 3 exist, and at .+ the API refused another/,
        ),
      ]),
    );
  });

  it('is tried again as soon as an object that counts against it is gone', async () => {
    const home = await account({ applications: 3 });
    await home.run();
    const three = await home.run(file(['b', 'c', 'd']));
    expect(refused(three)).toHaveLength(1);
    home.calls();
    // The previous run has removed the objects that the file no longer asks for.
    expect(refused(await home.run(file(['b', 'c', 'd'])))).toEqual([]);
    expect(home.calls().filter((call) => call.endsWith('POST apps'))).toEqual(['201 POST apps']);
    await home.run(file(['b', 'c', 'd']));
    expect(home.calls()).toEqual([]);
  });

  it('is tried again once a day, with one call, in case its limit was raised', async () => {
    const home = await account({ applications: 3 });
    await home.run();
    home.calls();
    for (const [name, text] of home.disk.notes.texts) {
      if (!name.startsWith('full-quotas')) continue;
      const { at, ...rest } = JSON.parse(text || '{}');
      if (at !== undefined)
        await home.disk.notes.put(
          'full-quotas',
          name.split('\n')[1] ?? '',
          JSON.stringify({ ...rest, at: '2020-01-01T00:00:00Z' }),
        );
    }
    await home.run();
    expect(home.calls().filter((call) => call.endsWith('POST apps'))).toEqual(['400 POST apps']);
    await home.run();
    expect(home.calls()).toEqual([]);
  });

  it('admits all waiting objects once there is room, and is forgotten', async () => {
    const home = await account({ applications: 3 });
    await home.run();
    home.edit((state) => {
      state.accessLimits.applications = 500;
      state.apps.splice(0, 1);
    });
    const later = await home.run();
    expect(refused(later)).toEqual([]);
    expect([...home.disk.notes.texts.keys()].filter((name) => name.startsWith('full-quotas'))).toEqual([]);
    home.calls();
    await home.run();
    expect(home.calls()).toEqual([]);
  });

  it('of reusable policies leaves the hosts that need one closed', async () => {
    const home = await account({ policies: 3 });
    await home.run();
    expect(home.calls().filter((call) => call === '400 POST policies')).toHaveLength(1);
    const again = await home.run();
    expect(home.calls()).toEqual([]);
    expect(refused(again).map(([, reason]) => String(reason).slice(0, 46))).toEqual(
      Array(2).fill('waits for the quota of reusable Access policies'.slice(0, 46)),
    );
    const { records } = JSON.parse(home.sandbox.snapshot());
    expect(records).toHaveLength(3);
  });

  it('is named by the plan before anything is refused', async () => {
    const home = await account({});
    await home.run(file(['a']));
    home.edit((state) => {
      const [one] = state.policies;
      for (let n = state.policies.length; n < 497; n += 1)
        state.policies.push({ ...one, id: `${n}`, name: `other ${n}` });
    });
    const { report } = await runProcess(home.sandbox, home.disk, five, 'dry run');
    expect(report?.plan?.warnings).toEqual([
      expect.stringMatching(/^quota of reusable Access policies: 497 exist, the file asks for 4 more, and/),
    ]);
  });

  it('of DNS records admits as many as there is room for, and rejects the others once', async () => {
    const records = Array.from(
      { length: 203 },
      (_, index) => `    - { name: r${index}, type: A, content: 192.0.2.1 }`,
    );
    const text = `${file([])}\ndns:\n  example.dev:\n${records.join('\n')}\n`.replace(
      /services:\n/,
      'services: {}',
    );
    const home = await account({});
    await home.run(text);
    const { records: made } = JSON.parse(home.sandbox.snapshot());
    expect(made).toHaveLength(200);
    expect(home.calls().filter((call) => call.startsWith('40')).length).toBeLessThan(12);
    const again = await home.run(text);
    expect(home.calls()).toEqual([]);
    expect(refused(again)).toHaveLength(3);
  });
});
