import { expect, it } from 'vitest';
import { bearer, gate, Home } from '../homes/bearer-home.ts';
import { inTurn } from '../stage/cut.ts';
import { unfinished } from '../stage/stage.ts';
import { misfortunes } from '../stage/trouble.ts';

const machine = '{ cloudflare: { emails: [me@example.dev] } }';

const starts = [
  { name: 'nothing', from: '', admit: {} },
  { name: 'people', from: machine, admit: { emails: ['me@example.dev'] } },
];

it.each(inTurn(starts))(
  'a host with jwt at the origin moves there and back, from $name, with faults at each write, and admits nobody else',
  async (row) => {
    for (const [from, to] of [
      [row.from, gate],
      [gate, row.from],
    ] as const) {
      for (let write = 1, last = 1; write <= last; write += 1) {
        for (const kind of misfortunes) {
          const home = await Home.open();
          expect(unfinished(await home.pass(from))).toEqual([]);
          await home.guard({ ...bearer, ...row.admit });
          const before = home.sandbox.calls().length;
          await home.pass(to, { write, kind });
          last = Math.max(
            last,
            home.sandbox
              .calls()
              .slice(before)
              .filter(({ write: wrote }) => wrote).length,
          );
          const where = `${row.name}, ${from === gate ? 'back' : 'there'}, ${kind} at write ${write}`;
          expect(home.sandbox.exposures(), where).toEqual([]);
          expect(unfinished(await home.pass(to)), where).toEqual([]);
          expect(home.sandbox.exposures(), where).toEqual([]);
        }
      }
    }
  },
);
