import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { accessHost, authentikHost, type HandMade, handMadeHome } from '../homes/hand-made-home.ts';
import { type Disk, newDisk, type Pass, runCommand, unfinished } from '../stage/stage.ts';
import { chiefMisfortunes, type Meddling } from '../stage/trouble.ts';

/** The changes of a plan, as `update cloudflare/dns-record:CNAME a.example.dev: comment`. */
function pendingIn({ report }: Pass): readonly string[] {
  return (report?.plan?.changes ?? [])
    .filter(isPending)
    .map(({ id, drift, reason }) =>
      [id, ...drift.map(({ field }) => field), reason].filter(Boolean).join(' · '),
    );
}

async function adopted(home: HandMade, service: string): Promise<void> {
  const run = await runCommand('adopt', home, service);
  expect(unfinished(run.report)).toEqual([]);
  expect(pendingIn(await runCommand('plan', home, service))).toEqual([]);
  expect(home.sandbox.exposures()).toEqual([]);
}

describe('adopting a host that somebody guards with Access', () => {
  it.each(['inline', 'reusable'] as const)('leaves nothing to plan if its policy is %s', async (policy) => {
    const home = await handMadeHome({ policy });
    const before = await home.state();
    const cookie = await home.login(accessHost, 'me@example.dev');
    expect(await home.visit(accessHost)).toBe('302 access');
    expect(await home.visit(accessHost, cookie)).toBe('200 origin');
    await adopted(home, 'proxmox');
    const after = await home.state();
    expect(after.apps.map(({ id, aud }) => ({ id, aud }))).toEqual(
      before.apps.map(({ id, aud }) => ({ id, aud })),
    );
    expect(after.apps[0]).toMatchObject({ tags: ['gates-home'] });
    expect(JSON.stringify(after.apps)).toContain('Go away');
    expect(after.policies.find(({ id }) => id === before.policies[0]?.id)).toMatchObject({
      appId: null,
      name: `gates:home/${accessHost}`,
    });
    expect(await home.visit(accessHost)).toBe('302 access');
    expect(await home.visit(accessHost, cookie)).toBe('200 origin');
    expect(after.records.find(({ name }) => name === accessHost)?.comment).toBe(
      `gates:home set up by hand: ${accessHost}`,
    );
  });
});

describe('adopting a host that somebody guards with Authentik', () => {
  it('finds provider, application, binding and entry by what they do', async () => {
    const home = await handMadeHome();
    const before = await home.state();
    await adopted(home, 'grafana');
    const after = await home.state();
    expect(after.authentik.bindings).toEqual(before.authentik.bindings);
    expect(after.authentik.outposts).toEqual(before.authentik.outposts);
    expect(after.authentik.applications).toMatchObject([{ slug: 'grafana-example-dev' }, { slug: 'vault' }]);
    expect(after.authentik.providers).toMatchObject([
      { name: 'gates:home/grafana-example-dev', client_id: before.authentik.providers[0]?.client_id },
      { name: 'Provider for Vaultwarden' },
    ]);
    expect(await home.visit(authentikHost)).toBe('302 authentik');
  });
});

describe('adopting a client that somebody made in Authentik', () => {
  it('keeps its id and secret, and gates knows both', async () => {
    const home = await handMadeHome();
    const [, before] = (await home.state()).authentik.providers;
    await adopted(home, 'vault');
    const [, after] = (await home.state()).authentik.providers;
    expect(after).toEqual({ ...before, name: 'gates:home/vault' });
    expect(home.disk.vault.entries.get('client-vault')).toMatchObject({
      clientId: before?.client_id,
      clientSecret: before?.client_secret,
    });
  });
});

/** A run that is watched: after each of its writes, a visitor asks every host. */
function watched(home: HandMade, seen: Set<string>, cookie: string): Meddling {
  return {
    meddle: async ({ request }, send) => {
      const reply = await send();
      if (request.method !== 'GET') {
        const strangers = await Promise.all([accessHost, authentikHost].map((host) => home.visit(host)));
        seen.add([...strangers, await home.visit(accessHost, cookie)].join(', '));
      }
      return reply;
    },
  };
}

describe.each(['proxmox', 'grafana', 'vault', 'auth'])('adopting %s', (service) => {
  it('closes no door and ends no session, after any of its writes', async () => {
    const home = await handMadeHome();
    const cookie = await home.login(accessHost, 'me@example.dev');
    const seen = new Set<string>();
    const run = await runCommand('adopt', home, service, watched(home, seen, cookie));
    expect(unfinished(run.report)).toEqual([]);
    expect([...seen]).toEqual(['302 access, 302 authentik, 200 origin']);
  });

  it('is finished by the next adopt if a write fails, whichever it is', async () => {
    const home = await handMadeHome();
    const start = home.sandbox.snapshot();
    const { writes } = await runCommand('adopt', home, service);
    for (const kind of chiefMisfortunes)
      for (let write = 1; write <= writes; write += 1) {
        home.sandbox.restore(start);
        const disk: Disk = newDisk();
        await runCommand('adopt', { ...home, disk }, service, { kind, write });
        await adopted({ ...home, disk }, service);
        expect(await home.visit(accessHost), `${kind} at ${write}`).toBe('302 access');
        expect(await home.visit(authentikHost), `${kind} at ${write}`).toBe('302 authentik');
      }
  });
});
