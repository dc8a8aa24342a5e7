import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Door,
  doorAt,
  doorKey,
  doorsOf,
  isAccessGate,
  isCallGate,
} from '../../../src/desired/terms/doors.ts';
import { edges, loggedIn, reachesOrigin } from '../request-model.ts';
import { type Compiled, compiled, type GateName } from './compiled-service.ts';

/**
 * The visitors to try: one whom nobody admits, one who is logged in at Authentik, and for each door of Access one whom
 * only that door admits.
 */
function visitorsOf({ service }: Compiled): readonly (string | undefined)[] {
  return [
    undefined,
    loggedIn,
    ...doorsOf(service)
      .filter(({ gate }) => isAccessGate(gate))
      .map(doorKey),
  ];
}

/** True if the file admits the visitor to the path, in both readings of it if an encoded slash makes two. */
function isAdmitted({ service }: Compiled, raw: string, visitor: string | undefined): boolean {
  const door = doorAt(service, raw);
  if (door !== 'refused') return admits(door, visitor);
  const readings = ['/', 'x'].map((slash) => doorAt(service, raw.replace(/%2f/gi, slash)));
  return readings.every((reading) => reading !== 'refused' && admits(reading, visitor));
}

function admits(door: Door, visitor: string | undefined): boolean {
  if (door.gate.type === 'authentik') return visitor === loggedIn;
  // No visitor here has signed anything, and none of these paths is for calls.
  if (isCallGate(door.gate)) return false;
  return !isAccessGate(door.gate) || doorKey(door) === visitor;
}

const ofPath = fc.constantFrom<GateName>('people', 'machine', 'open');
const gate = fc.constantFrom<GateName>('people', 'machine', 'open', 'login', 'proxy', 'domain', 'calls');
const prefixes = ['/a', '/a/b', '/a/b/c', '/ab', '/b', '/b/a'];
const paths = fc
  .uniqueArray(fc.record({ prefix: fc.constantFrom(...prefixes), subtree: fc.boolean(), gate: ofPath }), {
    selector: ({ prefix }) => prefix,
    maxLength: 4,
  })
  .map((all) =>
    Object.fromEntries(all.map(({ prefix, subtree, gate }) => [subtree ? `${prefix}/**` : prefix, gate])),
  );
const plainPath = fc.array(fc.constantFrom('a', 'b', 'c', 'ab', 'x'), { maxLength: 4 });
const piece = fc.constantFrom(
  ...[
    '/a',
    '/b',
    '/c',
    '/A',
    '/x',
    '/',
    '//',
    '/..',
    '/.',
    '/..;',
    '%2F',
    '%2f',
    '/%2e%2e',
    '%5C',
    '\\',
    '%25',
  ],
  ...['%252e%252e', '%2561', ';x', '.', '%20', '%00', '%C3%B6', '%61'],
);
const oddPath = fc
  .array(piece, { minLength: 1, maxLength: 6 })
  .map((parts) => `/${parts.join('').replace(/^\//, '')}`);

describe('the compiled objects together', () => {
  it('never admit anybody whom the file does not admit, however the path is spelled', () => {
    fc.assert(
      fc.property(
        gate,
        paths,
        fc.array(oddPath, { minLength: 20, maxLength: 20 }),
        (host, exceptions, requests) => {
          const file = compiled(host, exceptions);
          for (const raw of requests) {
            for (const visitor of visitorsOf(file).filter((item) => !isAdmitted(file, raw, item))) {
              const through = edges.filter((edge) => reachesOrigin(file.desired, raw, visitor, edge));
              expect({ raw, visitor, through }).toEqual({ raw, visitor, through: [] });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('admit everybody whom the file admits, if the path is plain', () => {
    fc.assert(
      fc.property(
        gate,
        paths,
        fc.array(plainPath, { minLength: 20, maxLength: 20 }),
        (host, exceptions, requests) => {
          const file = compiled(host, exceptions);
          fc.pre(file.desired.refusals.length === 0);
          for (const segments of requests) {
            const raw = `/${segments.join('/')}`;
            for (const visitor of visitorsOf(file).filter((item) => isAdmitted(file, raw, item))) {
              const shut = edges.filter((edge) => !reachesOrigin(file.desired, raw, visitor, edge));
              expect({ raw, visitor, shut }).toEqual({ raw, visitor, shut: [] });
            }
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
