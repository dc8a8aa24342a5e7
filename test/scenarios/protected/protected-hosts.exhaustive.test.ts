import { describe, expect, it } from 'vitest';
import { addressId } from '../../../src/core/objects/address.ts';
import { EveryGateMoves, everyGateHome, gates } from '../homes/every-gate-home.ts';
import { host, type State } from '../moves/moves.ts';
import { copyOf, newDisk } from '../stage/disk.ts';
import { type Pass, unfinished } from '../stage/stage.ts';
import { Tally } from '../stage/tally.ts';

const withKey = ({ service }: State, protect: boolean) =>
  everyGateHome({ service: service?.replace('    gate:', `    protect: ${protect}\n    gate:`) });
const without = everyGateHome(gates.none);
const refusal = `refuse cloudflare/service:${host}: its service is protected and has left the file, so gates removes nothing of it: to remove it, put it back with \`protect: false\`, apply, and then take it out`;
const moves = await EveryGateMoves.open(new Tally());
const first = moves.sandbox.snapshot();
const { none: _, ...built } = gates;

/** The removed objects, without the token of gates' own probe, which no host may need any more. */
function removed(report: Pass['report']): readonly string[] {
  const pruned = report?.plan?.changes.filter(({ verb }) => verb === 'prune') ?? [];
  return pruned.map(({ address }) => addressId(address)).filter((id) => !id.endsWith(':probe'));
}

describe('a protected service that leaves the file', () => {
  it.each(Object.values(built))('keeps its host and its gate: $name', async (gate) => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    expect(unfinished((await moves.process(disk, withKey(gate, true))).report)).toEqual([]);
    expect((await moves.process(disk, withKey(gate, true))).writes, 'the second run').toBe(0);
    await moves.guard(gate.guards);
    // Another machine of the owner sees the mark, but has no secrets of this one.
    const left = await moves.process(await copyOf(disk), without);
    expect(unfinished(left.report)).toEqual([refusal]);
    expect(removed(left.report)).toEqual([]);
    expect(await moves.judgedBy(gate.guards)).toEqual([]);
    await moves.process(disk, withKey(gate, false));
    const { report } = await moves.process(disk, without);
    expect(unfinished(report)).toEqual([]);
    expect(removed(report)).toContain(`cloudflare/dns-record:CNAME ${host}`);
    expect(await moves.judgedBy(gates.none.guards)).toEqual([]);
  });

  it('keeps the groups of the login of Access while another host needs fewer', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    const docs =
      '  docs: { host: docs.example.dev, origin: app, gate: { cloudflare: { groups: [family] } } }\n';
    const text = (of: string) => of.replace('  beside:', `${docs}  beside:`);
    await moves.process(disk, text(withKey(gates.groups, true)));
    const { report, writes } = await moves.process(disk, text(without));
    expect(unfinished(report)).toEqual([refusal]);
    expect(writes).toBe(0);
    expect(await moves.judgedBy(gates.groups.guards)).toEqual([]);
  });

  it('keeps a login of Access that admits everybody with an account', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    const docs =
      '  docs: { host: docs.example.dev, origin: app, gate: { cloudflare: { groups: [family] } } }\n';
    const text = (of: string) => of.replace('  beside:', `${docs}  beside:`);
    await moves.process(disk, text(withKey(gates.people, true)));
    const { report, writes } = await moves.process(disk, text(without));
    expect(unfinished(report)).toEqual([refusal]);
    expect(writes).toBe(0);
  });

  it('keeps its name when the file gives it to a plain record', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    await moves.process(disk, withKey(gates.people, true));
    const taken = `${without}dns: { example.dev: [{ name: app, type: A, content: 192.0.2.1 }] }\n`;
    const { report, writes } = await moves.process(disk, taken);
    expect(unfinished(report)).toEqual([refusal]);
    expect(writes).toBe(0);
  });

  it('keeps nothing more when its key left the entry first', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    await moves.process(disk, withKey(gates.people, true));
    await moves.process(disk, everyGateHome(gates.people));
    expect(unfinished((await moves.process(disk, without)).report)).toEqual([]);
    expect((await moves.process(disk, without)).writes).toBe(0);
  });

  it('is not refused while pruning is off', async () => {
    moves.sandbox.restore(first);
    const disk = newDisk();
    await moves.process(disk, withKey(gates.people, true));
    const { report, writes } = await moves.process(disk, `${without}reconcile: { prune: false }\n`);
    expect(unfinished(report)).toEqual([]);
    expect(writes).toBe(0);
  });
});
