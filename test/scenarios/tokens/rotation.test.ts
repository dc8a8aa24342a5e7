import { describe, expect, it } from 'vitest';
import { isPending } from '../../../src/core/change.ts';
import { RotatingHome, rotatingFile, sink } from '../homes/rotating-home.ts';
import { standingTime } from '../stage/tally.ts';

standingTime();

describe('a service token with automatic rotation', () => {
  it('appears in the plan once it is due, and not before', async () => {
    const home = await RotatingHome.open();
    home.sleep(89);
    expect((await home.plan()).report?.plan?.changes.filter(isPending)).toEqual([]);
    home.sleep(1);
    const due = await home.plan();
    expect(due.writes).toBe(0);
    expect(due.report?.plan?.changes.filter(isPending)).toMatchObject([
      {
        verb: 'update',
        address: { key: 'ci' },
        drift: [{ field: 'rotation', before: 'due', after: 'fresh' }],
        foreseen: true,
        because: 'serviceTokens.ci',
      },
    ]);
  });

  it('does not expire as long as it is rotated', async () => {
    const home = await RotatingHome.open();
    for (let quarter = 1; quarter <= 6; quarter += 1) {
      home.sleep(90);
      await home.pass();
      expect(await home.getsIn(home.disk.sinks.files.get(sink) ?? {}), `quarter ${quarter}`).toBe(true);
    }
  });

  it('has its old secret refused when the overlap is over, and not before', async () => {
    const home = await RotatingHome.open();
    const old = home.disk.sinks.files.get(sink) ?? {};
    home.sleep(90);
    await home.pass();
    home.sleep(6);
    expect(await home.getsIn(old)).toBe(true);
    home.sleep(2);
    expect(await home.getsIn(old)).toBe(false);
  });

  it('counts from the creation of the token, if an earlier version stored its secret', async () => {
    const home = await RotatingHome.open(rotatingFile(''));
    const entry = await home.disk.vault.get('service-token-home/ci');
    const { rotatedAt: _, ...before } = entry ?? {};
    await home.disk.vault.put('service-token-home/ci', before);
    home.sleep(40);
    expect((await home.pass()).writes).toBe(0);
    home.sleep(50);
    expect((await home.pass()).writes).toBe(2);
    expect((await home.pass()).writes).toBe(0);
  });

  it('is not rotated, due or not, after its secret is lost with the disk, until a person decides', async () => {
    const home = await RotatingHome.open();
    home.sleep(100);
    await home.disk.vault.remove('service-token-home/ci');
    const { report, writes } = await home.pass();
    expect(writes).toBe(0);
    expect(report?.plan?.changes.filter(isPending)).toMatchObject([
      { verb: 'refuse', reason: expect.stringContaining('`gates rotate ci`') },
    ]);
  });
});
