import { afterAll, describe, expect, it } from 'vitest';
import { showFigures } from './figures.ts';
import { guardsOf, home } from './many-services.ts';
import { type Cost, judgedStage, type Order, type Stage, timedStage } from './safety-stage.ts';

/**
 * The cost and the benefit of safety: the order of gates against the plain order, for the same changes of the same
 * files. Counts have bounds; times are only shown. Separate runs without delay find out who gets in on the way, since
 * the oracle judges after every write.
 */
const delay = 20;
const counts = (process.env.GATES_BENCH_SERVICES ?? '7,50').split(',').map(Number);
const seeds = Array.from({ length: 10 }, (_, index) => index + 1);
const costs: (readonly string[])[] = [];
const exposures: (readonly string[])[] = [];

afterAll(() => {
  const columns = ['move', 'order', 'reads', 'writes', 'probes', 'wall time', 'ratio'];
  showFigures({ name: 'safety', columns, rows: costs });
  const judged = ['move', 'situation', 'gates', 'plain', `plain, ${seeds.length} orders by chance`];
  showFigures({ name: 'exposures', columns: judged, rows: exposures });
});

const fine = { situation: 'nothing goes wrong', silent: 0 };
const silent = { situation: 'Traefik does not ask for one host', silent: 1 };
const moves = [
  { name: 'first apply, forward auth', from: [], to: 'forwardAuth', situations: [fine, silent] },
  { name: 'Access → forward auth', from: ['access'], to: 'forwardAuth', situations: [fine, silent] },
  // A host that Traefik does not ask about is open before this move begins, in any order.
  { name: 'forward auth → Access', from: ['forwardAuth'], to: 'access', situations: [fine] },
] as const;
type Move = (typeof moves)[number];

describe.each(counts)('%i services', (count) => {
  it.each(moves)('$name: what it costs', async (move) => {
    const ours = await costOf('gates', move, count);
    const plain = await costOf('plain', move, count);
    expect(plain.probes).toBe(0);
    // Each host gets a cover and loses it again; the probe itself takes two writes.
    expect(ours.writes).toBeLessThanOrEqual(plain.writes + 2 * count + 2);
    const row = ({ reads, writes, probes, seconds }: Cost) =>
      [reads, writes, probes, `${seconds.toFixed(1)} s`].map(String);
    const ratio = (part: (cost: Cost) => number) => `${(part(ours) / part(plain)).toFixed(2)} ×`;
    const summary = `${ratio(({ reads, writes }) => reads + writes)} calls, ${ratio(({ seconds }) => seconds)} time`;
    costs.push(
      [`${count} services: ${move.name}`, 'gates', ...row(ours), summary],
      ['', 'plain', ...row(plain), ''],
    );
  });

  it.each(moves)('$name: who gets in on the way', async (move) => {
    for (const { situation, silent } of move.situations) {
      const hosts = async (order: Order) => exposedBy(order, move, { count, silent });
      const ours = await hosts('gates');
      expect(ours).toBe(0);
      const plain = await hosts('plain');
      // A zero for gates only counts if the oracle does find exposures.
      if (silent > 0) expect(plain).toBeGreaterThan(0);
      const chances: number[] = [];
      for (const seed of seeds) chances.push(await hosts(seed));
      const leaky = chances.filter((exposed) => exposed > 0).length;
      const summary = `${leaky} of ${seeds.length} orders, at most ${hostsOf(Math.max(...chances))}`;
      exposures.push([`${count} services: ${move.name}`, situation, hostsOf(ours), hostsOf(plain), summary]);
    }
  });
});

function hostsOf(count: number): string {
  return count === 1 ? '1 host' : `${count} hosts`;
}

async function costOf(order: Order, { from, to }: Move, count: number): Promise<Cost> {
  const stage = await timedStage(delay);
  try {
    await behindTraefik(stage, count, 0);
    for (const gate of from) await stage.pass(order, home(count, gate));
    const cost = await stage.pass(order, home(count, to));
    expect(cost.unfinished).toEqual([]);
    return cost;
  } finally {
    await stage.stop();
  }
}

/** The number of hosts at which somebody got in whom neither file admits. All orders have the same start and end. */
async function exposedBy(
  order: Order,
  { from, to }: Move,
  { count, silent }: { readonly count: number; readonly silent: number },
): Promise<number> {
  const stage = await judgedStage();
  await behindTraefik(stage, count, 0);
  for (const gate of from) expect((await stage.pass('gates', home(count, gate))).unfinished).toEqual([]);
  await behindTraefik(stage, count, silent);
  await stage.admin('PUT', '/guards', guardsOf(count, [...from, to]));
  const { unfinished } = await stage.pass(order, home(count, to));
  if (silent === 0) {
    expect(unfinished).toEqual([]);
    expect(await stage.pending(order, home(count, to))).toEqual([]);
  }
  return stage.exposed();
}

/** Makes Traefik ask the outpost about all hosts but the first `silent` ones. */
async function behindTraefik(stage: Stage, count: number, silent: number): Promise<void> {
  const asking = Array.from({ length: count }, (_, index) => `s${index}.example.dev`).slice(silent);
  const origin = { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth: asking };
  await stage.admin('PUT', '/origins', origin);
}
