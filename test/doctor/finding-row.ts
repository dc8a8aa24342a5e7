import { expect } from 'vitest';
import { isHealthy } from '../../src/report/doctor/doctor.ts';
import { type State, troubles, type Ward } from './ward.ts';

/** A state, and what the doctor finds in it. */
export interface Row {
  readonly because: string;
  readonly change?: (state: State) => void;
  readonly text?: string;
  readonly finds: readonly string[];
  readonly says: string;
  readonly todo: string;
}

/** Expects exactly these findings, with what to do; the doctor reports health unless one is a problem. */
export async function findsOf(house: Ward, { change, text, finds, says, todo }: Row): Promise<void> {
  const document = await house.examine(change, text === undefined ? {} : { text });
  expect(troubles(document)).toEqual(finds);
  const found = document.findings.find(({ code }) => code === finds[0]);
  expect(found?.text).toContain(says);
  expect(found?.hint).toContain(todo);
  expect(isHealthy(document)).toBe(found?.state !== 'problem');
}
