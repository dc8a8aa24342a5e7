import { describe, expect, it } from 'vitest';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { type TunnelSpec, tunnel } from '../../../../reconcilers/cloudflare/account/tunnel.ts';
import type { DesiredObject } from '../../../../src/core/objects/object.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';
import { contract } from '../../contract.ts';

const reconcilers = [account, tunnel];
const sink = { file: '/run/lab.env', names: { token: 'TUNNEL_TOKEN' } };
const spec: TunnelSpec = { name: 'lab', configSource: 'cloudflare', token: 'kept', deliver: [sink] };
const lab: DesiredObject = {
  address: { kind: 'cloudflare/tunnel', key: 'lab' },
  spec,
  because: 'cloudflare.tunnels.lab',
};

const tunnels = (test: TestWorld) => `/accounts/${test.sandbox.accountId}/cfd_tunnel`;

contract({
  reconciler: tunnel,
  reconcilers,
  collection: '/accounts/*/cfd_tunnel',
  unmarked: true,
  lasting: true,
  desired: () => [lab],
  drifts: [
    { field: 'deliver', edit: async (_, test) => test.sinks.write(sink.file, { TUNNEL_TOKEN: 'old' }) },
  ],
  async crowd(test, count) {
    for (let n = 1; n <= count; n += 1) {
      await test.edit('POST', tunnels(test), { name: `other-${n}`, config_src: 'cloudflare' });
    }
    return tunnels(test);
  },
  remove: ({ id }, test) => remove(id, test),
});

/** Removes a tunnel, after its connections, as the API demands. */
async function remove(id: string, test: TestWorld): Promise<unknown> {
  await test.edit('DELETE', `${tunnels(test)}/${id}/connections`);
  return test.edit('DELETE', `${tunnels(test)}/${id}`);
}

async function found(test: TestWorld, name: string) {
  return (await test.read(tunnel)).filter(({ address }) => address.key === name);
}

describe('a tunnel that gates makes', () => {
  it('gets its rules from the API, and its token is stored and delivered', async () => {
    const test = await testWorld({ reconcilers });
    expect(failures(await test.apply([lab]))).toEqual([]);
    const [made] = await found(test, 'lab');
    expect(made?.spec.configSource).toBe('cloudflare');
    expect(made?.owner).toBe('home');
    const token = (await test.vault.get('tunnel-home/lab'))?.token;
    expect(token).toBe(await test.edit('GET', `${tunnels(test)}/${made?.id}/token`));
    expect(test.sinks.files.get(sink.file)).toEqual({ TUNNEL_TOKEN: token });
    expect(await test.notes.list('create-tunnel')).toEqual([]);
  });

  it('is recognized after a crash between its creation and the vault, and its token is fetched', async () => {
    const test = await testWorld({ reconcilers });
    await test.notes.put('create-tunnel', 'lab');
    await test.edit('POST', tunnels(test), { name: 'lab', config_src: 'cloudflare' });
    expect(pending(await test.plan([lab])).map(({ verb }) => verb)).toEqual(['update']);
    expect(failures(await test.apply([lab]))).toEqual([]);
    expect(test.sinks.files.get(sink.file)?.TUNNEL_TOKEN).toBeTruthy();
    expect(await test.notes.list('create-tunnel')).toEqual([]);
    expect(pending(await test.plan([lab]))).toEqual([]);
  });

  it('leaves no note behind when the name is taken', async () => {
    const test = await testWorld({ reconcilers });
    const plan = await test.plan([lab]);
    await test.edit('POST', tunnels(test), { name: 'lab', config_src: 'cloudflare' });
    expect(failures(await test.carryOut(plan)).join()).toContain('1013');
    expect(await test.notes.list('create-tunnel')).toEqual([]);
  });

  it('whose creation got no reply is ours once the list has it, though a second try is refused', async () => {
    const test = await testWorld({ reconcilers });
    const plan = await test.plan([lab]);
    await test.fault({
      fault: 'lose-reply',
      times: 1,
      match: { method: 'POST', path: '/accounts/*/cfd_tunnel' },
    });
    const stale = { ...test.pass(), notes: test.notes };
    const world = { ...stale, cloudflare: { ...stale.cloudflare, list: async () => [] } };
    const [change] = plan.changes;
    const ready = {
      id: 'c',
      verb: 'create' as const,
      address: lab.address,
      want: spec,
      have: undefined,
      drift: [],
    };
    expect(change?.verb).toBe('create');
    await tunnel.write?.([ready], world);
    expect(failures((await tunnel.write?.([ready], world)) ?? []).join()).toContain('1013');
    expect(failures(await test.apply([lab]))).toEqual([]);
    expect((await found(test, 'lab'))[0]?.owner).toBe('home');
  });

  it('that a list lacks is requested by its id, and not created again', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([lab]);
    const world = test.pass();
    const list = async () => [];
    const seen = await tunnel.observe({ ...world, cloudflare: { ...world.cloudflare, list } });
    const owners = Object.fromEntries(seen.map(({ address, owner }) => [address.key, owner]));
    expect(owners).toEqual({ lab: 'home', homelab: undefined });
  });

  it('that somebody else made is adopted only on request', async () => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', tunnels(test), { name: 'lab', config_src: 'cloudflare' });
    expect(pending(await test.plan([lab])).map(({ verb }) => verb)).toEqual(['refuse']);
    expect(failures(await test.apply([lab], { adopt: true }))).toEqual([]);
    expect(pending(await test.plan([lab]))).toEqual([]);
    expect(test.sinks.files.get(sink.file)?.TUNNEL_TOKEN).toBeTruthy();
  });

  it('is never removed', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([lab]);
    expect(pending(await test.plan([]))).toEqual([]);
  });
});

describe('an existing tunnel', () => {
  it('is used unchanged, without a write or a secret', async () => {
    const test = await testWorld({ reconcilers });
    const homelab: DesiredObject = {
      address: { kind: 'cloudflare/tunnel', key: 'homelab' },
      spec: { name: 'homelab', configSource: 'cloudflare' },
      mustExist: 'make it first',
      because: 'cloudflare.tunnels.homelab',
    };
    expect(pending(await test.plan([homelab]))).toEqual([]);
    expect(await test.vault.list()).toEqual([]);
  });

  it('with its own configuration is refused, with the steps to move it', async () => {
    const test = await testWorld({ reconcilers });
    await test.edit('POST', tunnels(test), { name: 'lab', config_src: 'local' });
    const [change] = pending(await test.plan([lab], { adopt: true }));
    expect(change?.verb).toBe('refuse');
    expect(change?.reason).toMatch(/config\.yml.*Migrate.*restart cloudflared/s);
  });

  it('that was deleted does not count, though the API still lists it', async () => {
    const test = await testWorld({ reconcilers });
    await test.apply([lab]);
    const [first] = await found(test, 'lab');
    await remove(first?.id ?? '', test);
    expect(await found(test, 'lab')).toEqual([]);
    expect(failures(await test.apply([lab]))).toEqual([]);
    const [second] = await found(test, 'lab');
    expect(second?.id).not.toBe(first?.id);
    expect((await test.vault.get('tunnel-home/lab'))?.id).toBe(second?.id);
  });

  it('is also read from an older reply with remote_config instead of config_src', async () => {
    const test = await testWorld({ reconcilers });
    const world = test.pass();
    const cloudflare = {
      ...world.cloudflare,
      list: async () => [{ id: 'a', name: 'lab', remote_config: false }],
    };
    const [read] = await tunnel.observe({ ...world, cloudflare });
    expect(read?.spec.configSource).toBe('local');
  });
});
