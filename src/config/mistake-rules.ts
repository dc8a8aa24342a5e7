import { fileInvariants } from './invariants/invariants.ts';
import { mistakeKinds } from './mistakes/mistake-kinds.ts';

/** Every rule that a mistake can name, with one line that explains it. */
export const mistakeRules: ReadonlyMap<string, string> = new Map([
  ...Object.entries(mistakeKinds),
  ...fileInvariants.map(({ code, title }): [string, string] => [
    code,
    `${title.charAt(0).toUpperCase()}${title.slice(1)}.`,
  ]),
]);
