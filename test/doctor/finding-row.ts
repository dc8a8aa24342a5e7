import { expect } from 'vitest';
import { isHealthy } from '../../src/report/doctor/doctor.ts';
import { type State, troubles, type Ward } from './ward.ts';

/** A state of the house, and what is found in it. */
export interface Row {
  readonly because: string;
  readonly change?: (state: State) => void;
  readonly text?: string;
  readonly finds: readonly string[];
  readonly says: string;
  readonly todo: string;
}

/** Exactly this is found, with what to do, and all is well unless it is a problem. */
export async function findsOf(house: Ward, { change, text, finds, says, todo }: Row): Promise<void> {
  const document = await house.examine(change, text === undefined ? {} : { text });
  expect(troubles(document)).toEqual(finds);
  const found = document.findings.find(({ code }) => code === finds[0]);
  expect(found?.text).toContain(says);
  expect(found?.hint).toContain(todo);
  expect(isHealthy(document)).toBe(found?.state !== 'problem');
}
