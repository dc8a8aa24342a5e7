import { beforeEach, describe, expect, it } from 'vitest';
import { login } from '../../../../src/lab/sandbox/edge/team/login.ts';
import { viewOf } from '../../../../src/lab/sandbox/edge/view/view.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { call } from '../authentik/gate.ts';
import { type AccessScene, AUTH, accessScene, NAS, PROXMOX } from './access-scene.ts';
import { browserOf } from './browser.ts';
import { addPolicy, guardedRule, newWorld, setIngress, visit } from './scene.ts';

let world: World;
let provider: string;
let pin: string;
let proxmox: AccessScene['proxmox'];

beforeEach(async () => {
  world = newWorld();
  ({ provider, pin, proxmox } = await accessScene(world));
});

describe('several login methods', () => {
  const BREAK_GLASS = 'me@example.dev';

  beforeEach(() => {
    const email = { email: { email: BREAK_GLASS } };
    const glass = addPolicy(world, 'allow', [email], { require: [{ login_method: { id: pin } }] });
    proxmox.policies.push({ id: glass.id, precedence: 2 });
    proxmox.settings = { allowed_idps: [provider, pin] };
  });

  it('are a choice, and each admits its people', async () => {
    const page = await browserOf(world, {}).follow(`https://${PROXMOX}/`);
    expect(page).toMatchObject({ status: 200, servedBy: 'access' });
    expect(page.text).toContain('>Authentik</a>');
    expect(page.text).toContain('>PIN <input');
    const jo = browserOf(world, { username: 'jo', chooses: provider });
    expect(await jo.follow(`https://${PROXMOX}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
    const me = browserOf(world, { email: BREAK_GLASS, chooses: pin });
    expect(await me.follow(`https://${PROXMOX}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
    expect(world.sessions.at(-1)).not.toHaveProperty('custom');
  });

  it('include the one-time PIN while Authentik is away, which knows no groups', async () => {
    setIngress(world, [guardedRule(PROXMOX, proxmox), { hostname: AUTH, service: 'http_status:503' }]);
    const me = browserOf(world, { email: BREAK_GLASS, chooses: pin });
    expect(await me.follow(`https://${PROXMOX}/`)).toMatchObject({ status: 200, servedBy: 'origin' });
    const jo = browserOf(world, { email: 'jo@example.dev', chooses: pin });
    expect(await jo.follow(`https://${PROXMOX}/`)).toMatchObject({ status: 403, servedBy: 'access' });
  });

  it('are separate: an address for the PIN does not get in through Authentik', async () => {
    await call(world, 'POST', '/core/users/', { username: 'me', name: 'Me', email: BREAK_GLASS });
    const me = browserOf(world, { username: 'me', chooses: provider });
    expect(await me.follow(`https://${PROXMOX}/`)).toMatchObject({ status: 403, servedBy: 'access' });
  });

  it('are separate: a session of one does not count where only the other is allowed', async () => {
    const me = browserOf(world, { email: BREAK_GLASS, chooses: pin });
    await me.follow(`https://${PROXMOX}/`);
    const landing = await me.follow(`https://${NAS}/`, { until: '/application/o/authorize/' });
    expect(new URL(landing.url).host).toBe(AUTH);
  });

  it('include a device in WARP if the application or the organization says so, for any allowed providers', () => {
    proxmox.settings = { allowed_idps: [provider] };
    const email = { email: { email: 'dev@example.dev' } };
    proxmox.policies.push({ id: addPolicy(world, 'allow', [email]).id, precedence: 3 });
    const entered = (address: string) => login(viewOf(world), proxmox, address) !== null;
    expect(entered('dev@example.dev')).toBe(false);
    proxmox.settings = { allowed_idps: [provider], allow_authenticate_via_warp: true };
    expect([entered('dev@example.dev'), entered('stranger@example.net')]).toEqual([true, false]);
    proxmox.settings = { allowed_idps: [provider] };
    if (world.organization) world.organization.details = { allow_authenticate_via_warp: true };
    expect(entered('dev@example.dev')).toBe(true);
    proxmox.settings = { allowed_idps: [provider], allow_authenticate_via_warp: false };
    expect(entered('dev@example.dev')).toBe(false);
  });

  it('are no choice at an application that redirects', async () => {
    proxmox.settings = { allowed_idps: [provider], auto_redirect_to_identity: true };
    const url = (await visit(world, `https://${PROXMOX}/`)).headers.get('location') ?? '';
    const seen = await visit(world, url, {}, 'POST', new URLSearchParams({ email: BREAK_GLASS }).toString());
    expect(seen).toMatchObject({ status: 403, servedBy: 'access' });
  });
});
