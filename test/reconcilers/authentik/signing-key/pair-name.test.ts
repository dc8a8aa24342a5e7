import { describe, expect, it } from 'vitest';
import {
  currentPair,
  pairName,
  readPairName,
} from '../../../../reconcilers/authentik/signing-key/pair-name.ts';

describe('the name of a key pair', () => {
  it.each([
    { name: 'api', client: 'api', number: 1, because: 'the first has no number' },
    { name: 'api#2', client: 'api', number: 2, because: 'a rotation counts on' },
    { name: 'api#12', client: 'api', number: 12, because: 'and on' },
    { name: 'api-2', client: 'api-2', number: 1, because: 'that is another client' },
  ])('$name: $because', ({ name, client, number }) => {
    expect(readPairName(name)).toEqual({ client, number });
    expect(pairName(client, number)).toBe(name);
  });

  it.each(['api#', 'api#0', 'api#02', 'api#two', '#2'])('%s has no number', (name) => {
    expect(readPairName(name)).toEqual({ client: name, number: 1 });
  });
});

describe('the pair that a client signs with', () => {
  const pairs = [
    { id: 'third', number: 3 },
    { id: 'first', number: 1 },
    { id: 'second', number: 2 },
  ];
  it.each([
    { signing: 'second', current: 'second', because: 'its provider has it' },
    {
      signing: 'first',
      current: 'first',
      because: 'a rotation that ended before the switch changes nothing',
    },
    { signing: 'stock', current: 'first', because: 'a hand gave the provider one of others' },
    { signing: undefined, current: 'first', because: 'there is no provider' },
    { signing: '', current: 'first', because: 'its provider has none' },
  ])('is the $current because $because', ({ signing, current }) => {
    expect(currentPair(pairs, signing)).toBe(current);
  });
});
