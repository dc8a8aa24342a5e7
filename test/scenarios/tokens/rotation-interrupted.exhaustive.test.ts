import { describe, expect, it } from 'vitest';
import { RotatingHome } from '../homes/rotating-home.ts';
import type { Disk } from '../stage/disk.ts';
import { unfinished } from '../stage/stage.ts';
import { standingTime } from '../stage/tally.ts';
import { misfortunes, type Trouble } from '../stage/trouble.ts';

standingTime();

/** Makes writes to the disk fail from the nth on, as in a power failure; with `kept`, the nth is still written. */
function cutDisk(
  disk: Disk,
  from: number,
  kept: boolean,
): { readonly disk: Disk; readonly writes: () => number } {
  let writes = 0;
  const cut = async (write: () => Promise<void>) => {
    writes += 1;
    if (writes > from || (writes === from && !kept)) throw new TypeError('the machine is off');
    await write();
    if (writes === from) throw new TypeError('the machine is off');
  };
  const { vault, sinks, notes } = disk;
  return {
    writes: () => writes,
    disk: {
      notes,
      vault: {
        ...vault,
        put: (name, secret) => cut(() => vault.put(name, secret)),
        remove: (name) => cut(() => vault.remove(name)),
      },
      sinks: { ...sinks, write: (path, lines) => cut(() => sinks.write(path, lines)) },
    },
  };
}

describe('a service token with automatic rotation', () => {
  it('is rotated twice in 200 days, and no machine is ever refused', async () => {
    const home = await RotatingHome.open();
    const rotated: number[] = [];
    for (let day = 1; day <= 200; day += 1) {
      home.sleep(1);
      await home.comeBy(`day ${day}, before the pass`);
      const { report, writes } = await home.pass();
      expect(unfinished(report), `day ${day}`).toEqual([]);
      if (writes > 0) rotated.push(day);
      await home.comeBy(`day ${day}`);
    }
    expect(rotated).toEqual([90, 180]);
    expect(home.secrets.size).toBe(3);
    expect(await home.tokens()).toEqual(['gates:home/ci']);
  });
});

describe('a rotation that fails', () => {
  /** Makes a new secret, and kills the process before the reply. */
  const lost: Trouble = { write: 2, kind: 'kill' };

  /** Runs day by day until nothing of the rotation is left. */
  async function goesOn(home: RotatingHome, where: string): Promise<void> {
    await home.comeBy(`${where}: at once`);
    for (let day = 1; day <= 12; day += 1) {
      await home.pass();
      await home.comeBy(`${where}: day ${day}`);
      home.sleep(1);
      await home.comeBy(`${where}: day ${day}, in the evening`);
    }
    expect(unfinished((await home.pass()).report), where).toEqual([]);
    expect((await home.pass()).writes, where).toBe(0);
    expect((await home.tokens()).length, where).toBe(1);
    expect(home.secrets.size, where).toBe(2);
  }

  it.each(misfortunes)('at a call (%s) locks no machine out', async (kind) => {
    for (const write of [1, 2]) {
      const home = await RotatingHome.open();
      home.sleep(90);
      expect((await home.pass({ write, kind })).writes).toBeGreaterThanOrEqual(write);
      await goesOn(home, `${kind} at write ${write}`);
    }
  });

  it.each(misfortunes)('and whose repair fails at a call (%s) locks no machine out', async (kind) => {
    for (let write = 1; write <= 4; write += 1) {
      const home = await RotatingHome.open();
      home.sleep(90);
      await home.pass(lost);
      await home.pass({ write, kind });
      await goesOn(home, `${kind} at write ${write} of what mends it`);
    }
  });

  it.each([true, false])('at a write to the disk (kept: %s) locks no machine out', async (kept) => {
    for (const first of [undefined, lost]) {
      for (let write = 1; ; write += 1) {
        const home = await RotatingHome.open();
        home.sleep(90);
        if (first !== undefined) await home.pass(first);
        const cut = cutDisk(home.disk, write, kept);
        await home.pass(undefined, undefined, cut.disk);
        if (cut.writes() < write) break;
        await goesOn(home, `write ${write} to the disk${first === undefined ? '' : ', while it is mended'}`);
      }
    }
  });

  it('delivers no secret before a policy admits it', async () => {
    for (const write of [1, 2, 3]) {
      const home = await RotatingHome.open();
      home.sleep(90);
      await home.pass(lost);
      // The second token is made, and the policy is still unchanged.
      await home.pass({ write: 2, kind: 'reject' });
      await home.pass({ write, kind: 'reject' });
      await goesOn(home, `write ${write} of the pass after that`);
    }
  });

  it('is repaired with an overlap: the first token stays admitted until it is over, and goes then', async () => {
    const home = await RotatingHome.open();
    home.sleep(90);
    await home.pass({ write: 2, kind: 'lose-reply' });
    expect(await home.tokens()).toEqual(['gates:home/ci']);
    await home.pass();
    expect([...(await home.tokens())].sort()).toEqual(['gates:home/ci', 'gates:home/ci#2']);
    home.sleep(6);
    await home.pass();
    expect(await home.tokens()).toHaveLength(2);
    home.sleep(2);
    await home.pass();
    expect(await home.tokens()).toEqual(['gates:home/ci#2']);
    home.sleep(83);
    expect(unfinished((await home.pass()).report)).toEqual([]);
    expect(await home.tokens()).toEqual(['gates:home/ci#2']);
    await home.comeBy();
  });
});
