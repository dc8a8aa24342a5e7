import type { Contract, ContractReport } from './schema.ts';

/** The reports of the contracts to which every call of the sandbox is held. The files of the quick suite share them. */
const strict = new Set<ContractReport>();
const counted = new Set<ContractReport>();

/** `held` has the file of tests fail when a call of it breaks the contract. */
export function held<Kept extends Contract | null>(contract: Kept): Kept {
  if (contract !== null) strict.add(contract.report);
  return contract;
}

/** `countedByFile` leaves it to the tests to look at the mistakes, which are those of their own file. */
export function countedByFile<Kept extends Contract | null>(contract: Kept): Kept {
  if (contract !== null) counted.add(contract.report);
  return contract;
}

/** `mistakesOfFile` returns what broke the strict contracts since the last call of it, and forgets all mistakes. */
export function mistakesOfFile(): readonly string[] {
  const mistakes = [...strict].flatMap((report) => report.mistakes);
  for (const report of [...strict, ...counted]) report.mistakes.length = 0;
  return mistakes;
}
