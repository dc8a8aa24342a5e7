import fc from 'fast-check';
import type { Gate, RandomFile, Service } from '../random-files/file.ts';
import { textOf } from '../random-files/file-text.ts';

/** For each service, its change between two consecutive files. */
type Turn = readonly ('keep' | 'none' | Pick<Service, 'gate' | 'inside' | 'origin'>)[];

const slots = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

const some = <T>(values: readonly T[]) => fc.subarray([...values], { minLength: 1 });
const groups = some(['admins', 'family']);

const gate: fc.Arbitrary<Gate> = fc.oneof(
  some(['me@example.dev', 'you@example.dev']).map((emails): Gate => ({ type: 'people', emails })),
  some(['ci', 'backup']).map((tokens): Gate => ({ type: 'tokens', tokens })),
  fc.constant<Gate>({ type: 'public' }),
  ...(['forwardAuth', 'proxy', 'oidc'] as const).map((type) =>
    groups.map((list): Gate => ({ type, groups: list })),
  ),
);

const service = fc.tuple(gate, fc.constantFrom('app', 'box', 'traefik'), fc.boolean()).map(
  ([own, origin, hasHealth]): Pick<Service, 'gate' | 'inside' | 'origin'> => ({
    gate: own,
    origin: own.type === 'forwardAuth' ? 'traefik' : origin,
    inside:
      hasHealth && own.type !== 'public' && own.type !== 'oidc' ? [['/health', { type: 'public' }]] : [],
  }),
);

const first: fc.Arbitrary<Turn> = fc.tuple(
  ...slots.map((_, index) => (index < 4 ? service : fc.constant('none' as const))),
);
const turn: fc.Arbitrary<Turn> = fc.tuple(
  ...slots.map(() =>
    fc.oneof(
      { weight: 6, arbitrary: fc.constant('keep' as const) },
      { weight: 1, arbitrary: fc.constant('none' as const) },
      { weight: 3, arbitrary: service },
    ),
  ),
);

const records = [
  '{ name: "@", type: MX, content: mx.example.net, priority: 10 }',
  '{ name: "@", type: TXT, content: "v=spf1 -all", comment: mail }',
  '{ name: www, type: CNAME, content: example.net }',
];

/** The changes that lead to a first file, and from one file to another. */
export const firstFile = fc.tuple(first, fc.subarray(records));
export const nextFile = fc.tuple(turn, fc.subarray(records));

export function turned(before: RandomFile, [turns, plain]: readonly [Turn, readonly string[]]): RandomFile {
  const services = slots.flatMap((slot, index): readonly Service[] => {
    const is = turns[index] ?? 'keep';
    if (is === 'none') return [];
    if (is === 'keep') return before.services.filter(({ name }) => name === slot);
    return [{ name: slot, host: `${slot}.example.dev`, ...is }];
  });
  return { ...before, services, records: plain };
}

/** The gates.yaml with its receivers. The limits are raised, since days are random. */
export function houseText(file: RandomFile, receiver: string): string {
  const limits = 'limits: { prune: 100%, change: 100% }';
  return `${textOf(file).replace('reconcile: { ', `reconcile: { ${limits}, `)}notify:
  - ntfy: { url: ${JSON.stringify(`${receiver}/my-topic`)} }
  - webhook: { url: ${JSON.stringify(`${receiver}/webhook`)} }
`;
}

/** The file with a mistake, each of another sort. */
export const mistakes: Readonly<Record<string, (text: string) => string>> = {
  'an unknown key': (text) => `${text}servces: {}\n`,
  'an origin that is not there': (text) => text.replace('origin: traefik', 'origin: trafik'),
  'no YAML': (text) => `${text}  - ][\n`,
  'two gates on one door': (text) =>
    text.replace('identityProvider: {}', 'identityProvider: {}, public: { reason: both }'),
};
