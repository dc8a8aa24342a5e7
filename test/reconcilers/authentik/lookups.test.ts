import { describe, expect, it } from 'vitest';
import { authentikOf } from '../../../reconcilers/authentik/reading/api.ts';
import { flow } from '../../../reconcilers/authentik/reading/flow.ts';
import { readLifetime } from '../../../reconcilers/authentik/reading/lifetime.ts';
import { isAtLeast, version } from '../../../reconcilers/authentik/reading/version.ts';
import type { Kind } from '../../../src/core/objects/address.ts';
import type { DesiredObject } from '../../../src/core/objects/object.ts';
import { AUTHENTIK_VERSIONS } from '../../../src/lab/sandbox/index.ts';
import { createWorld } from '../../../src/observed/world.ts';
import { pending, testWorld } from '../../support/world.ts';
import { authentikKinds, flows } from './grafana.ts';

describe('the version of Authentik', () => {
  it.each(AUTHENTIK_VERSIONS)('%s is new enough', async (authentikVersion) => {
    const test = await testWorld({ reconcilers: [version], authentikVersion });
    const wanted: DesiredObject = {
      address: { kind: 'authentik/version', key: 'server' },
      spec: { supported: true },
      mustExist: 'Authentik does not say its version',
      because: 'authentik',
    };
    expect(pending(await test.plan([wanted]))).toEqual([]);
  });

  it('that is too old is refused', async () => {
    const test = await testWorld({ reconcilers: [version] });
    const pass = test.pass();
    const wire = pass.authentik;
    if (wire === undefined) throw new Error('the test world has no Authentik');
    const old = { ...wire, get: async () => ({ version_current: '2024.12.5' }) };
    const [have] = await createWorld({ ...pass, authentik: old }).read(version);
    if (have === undefined) throw new Error('no version was read');
    expect(have.spec.supported).toBe(false);
    expect(version.remedy?.(['supported'], { supported: true }, have, true)).toMatchObject({
      verb: 'refuse',
      reason: expect.stringContaining('2024.12.5'),
    });
  });

  it.each([
    ['2026.5.0-rc1', '2026.5', true],
    ['2026.10.0', '2026.5', true],
    ['2025.12.4', '2026.5', false],
    ['2026.2.2', '2026.5', false],
  ])('%s is at least %s: %s', (current, wanted, expected) => {
    expect(isAtLeast(current, wanted)).toBe(expected);
  });
});

describe('an Authentik flow', () => {
  it('is found by its slug', async () => {
    const test = await testWorld({ reconcilers: [flow] });
    expect(pending(await test.plan(flows))).toEqual([]);
  });

  it('with another designation is refused', async () => {
    const test = await testWorld({ reconcilers: [flow] });
    const [first] = flows;
    const wrong = { ...(first as DesiredObject), spec: { designation: 'enrollment' } };
    expect(pending(await test.plan([wrong]))).toMatchObject([
      { verb: 'refuse', reason: expect.stringContaining('a flow for authorization') },
    ]);
  });

  it('that does not exist is refused', async () => {
    const test = await testWorld({ reconcilers: [flow] });
    const missing = {
      ...(flows[0] as DesiredObject),
      address: { kind: 'authentik/flow' as Kind, key: 'none' },
    };
    expect(pending(await test.plan([missing]))).toMatchObject([{ reason: 'there is no such flow' }]);
  });
});

describe('a file without Authentik', () => {
  it('makes no call to Authentik', async () => {
    const test = await testWorld({ reconcilers: authentikKinds });
    const world = createWorld({ ...test.pass(), authentik: undefined });
    for (const reconciler of authentikKinds) expect(await world.read(reconciler)).toEqual([]);
    expect(test.sandbox.calls()).toEqual([]);
    expect(() => authentikOf(world)).toThrow('no Authentik');
  });
});

describe('a lifetime', () => {
  it.each([
    ['minutes=1', 60],
    ['hours=1;minutes=30', 5400],
    ['days=30', 2_592_000],
    ['weeks=1', 604_800],
    ['milliseconds=1500', 1.5],
    ['fortnights=2', 0],
  ])('%s is %d seconds', (text, seconds) => {
    expect(readLifetime(text)).toBe(seconds);
  });
});
