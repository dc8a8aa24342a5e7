import type { Contract, ContractReport } from './schema.ts';

/** The reports of the contracts that every call of the sandbox must fit. The files of the quick suite share them. */
const strict = new Set<ContractReport>();
const counted = new Set<ContractReport>();

/** Makes the test file fail when one of its calls breaks the contract. */
export function held<Kept extends Contract | null>(contract: Kept): Kept {
  if (contract !== null) strict.add(contract.report);
  return contract;
}

/** Leaves it to the tests of a file to check the mistakes in it. */
export function countedByFile<Kept extends Contract | null>(contract: Kept): Kept {
  if (contract !== null) counted.add(contract.report);
  return contract;
}

/** Returns the mistakes in the strict contracts since its last call, and forgets all mistakes. */
export function mistakesOfFile(): readonly string[] {
  const mistakes = [...strict].flatMap((report) => report.mistakes);
  for (const report of [...strict, ...counted]) report.mistakes.length = 0;
  return mistakes;
}
