import fc from 'fast-check';

/**
 * Any character: the unit that fast-check calls `binary`, without its table of all characters, which takes longer than a
 * test.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .nat({ max: 0x10f7ff })
  .map((code) => String.fromCodePoint(code < 0xd800 ? code : code + 0x800));
