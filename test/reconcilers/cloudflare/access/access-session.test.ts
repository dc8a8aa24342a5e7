import { describe, expect, it } from 'vitest';
import { accessSession } from '../../../../reconcilers/cloudflare/access/access-session.ts';
import { account } from '../../../../reconcilers/cloudflare/account/account.ts';
import { failures, pending, type TestWorld, testWorld } from '../../../support/world.ts';

const reconcilers = [account, accessSession];

async function application(test: TestWorld): Promise<string> {
  const made = await test.edit('POST', `/accounts/${test.sandbox.accountId}/access/apps`, {
    type: 'self_hosted',
    name: 'app',
    domain: 'app.example.dev',
  });
  return (made as { readonly id: string }).id;
}

describe('sessions that a crash left open', () => {
  it('are ended by the next run, and once more before it ends', async () => {
    const test = await testWorld({ reconcilers });
    const id = await application(test);
    await test.notes.put('revoke', id);
    expect(pending(await test.plan([])).map(({ verb }) => verb)).toEqual(['prune']);
    expect(failures(await test.apply([]))).toEqual([]);
    expect(test.writes().map(({ path }) => path.endsWith(`/access/apps/${id}/revoke_tokens`))).toEqual([
      true,
      true,
    ]);
    expect(pending(await test.plan([]))).toEqual([]);
  });

  it('end together with everything that guards their hosts, before anything opens there', async () => {
    const test = await testWorld({ reconcilers });
    await test.notes.put('revoke', await application(test));
    const [change] = pending(await test.plan([]));
    expect(change?.doors).toEqual([{ host: 'app.example.dev', step: 'guard' }]);
    expect(change?.phase).toBe('guard');
  });

  it('of an application that is gone need nothing more', async () => {
    const test = await testWorld({ reconcilers });
    await test.notes.put('revoke', '7b2ea0a9-33d1-4f6f-8f0c-6bd0b0a1c0de');
    expect(failures(await test.apply([]))).toEqual([]);
    expect(await test.notes.list('revoke')).toEqual([]);
  });

  it('stay noted while the API does not answer', async () => {
    const test = await testWorld({ reconcilers });
    const id = await application(test);
    await test.notes.put('revoke', id);
    await test.fault({ fault: 'drop', match: { method: 'POST' } });
    expect(failures(await test.apply([]))).toHaveLength(1);
    expect(await test.notes.list('revoke')).toEqual([id]);
  });
});

describe('sessions that a narrowing ended', () => {
  const revocations = (test: TestWorld) =>
    test.writes().filter(({ path }) => path.endsWith('/revoke_tokens')).length;
  const narrowed = async () => {
    const test = await testWorld({ reconcilers });
    const id = await application(test);
    const begun = test.clock.now().getTime();
    await test.notes.put('revoke', id, new Date(begun).toISOString());
    return { test, id, waited: () => test.clock.now().getTime() - begun };
  };

  it('end once more half a minute later, when a run ends, and no later', async () => {
    const { test, waited } = await narrowed();
    await accessSession.moments?.arrive?.(test.pass());
    expect([revocations(test), waited()]).toEqual([1, 30_000]);
    expect(await test.notes.list('revoke')).toEqual([]);
    await accessSession.moments?.arrive?.(test.pass());
    expect([revocations(test), waited()]).toEqual([1, 30_000]);
  });

  it('are over everywhere before anything is removed at their host', async () => {
    const { test, waited } = await narrowed();
    await accessSession.moments?.arrive?.(test.pass(), [{ host: 'app.example.dev', step: 'unguard' }]);
    expect([revocations(test), waited()]).toEqual([1, 60_000]);
    expect(await test.notes.list('revoked')).toEqual([]);
  });

  it('end first if the reply of the narrowing was lost, so that nobody knows since when it holds', async () => {
    const { test, id, waited } = await narrowed();
    await test.notes.put('revoke', id);
    await accessSession.moments?.arrive?.(test.pass(), [{ host: 'app.example.dev', step: 'unguard' }]);
    expect([revocations(test), waited()]).toEqual([2, 60_000]);
  });

  it('that the previous run ended are awaited as well', async () => {
    const { test, waited } = await narrowed();
    await accessSession.moments?.arrive?.(test.pass());
    await accessSession.moments?.arrive?.(test.pass(), [{ host: '*.example.dev', step: 'unguard' }]);
    expect([revocations(test), waited()]).toEqual([1, 60_000]);
  });

  it('delay nothing at another host', async () => {
    const { test, waited } = await narrowed();
    await accessSession.moments?.arrive?.(test.pass(), [{ host: 'other.example.dev', step: 'unguard' }]);
    expect([revocations(test), waited()]).toEqual([0, 0]);
  });
});
