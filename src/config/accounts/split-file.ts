import type { Finding } from '../mistakes/finding.ts';
import { accountFindings } from './account-findings.ts';
import { type AccountPart, accountPart } from './account-part.ts';
import { entryAccounts } from './entry-accounts.ts';
import { isMap, namedSystems, soundParts } from './named-systems.ts';

export interface SplitFile {
  readonly parts: readonly AccountPart[];
  /** Mistakes between the accounts, with paths of the complete file. */
  readonly findings: readonly Finding[];
}

/**
 * Splits the values of a file with several accounts into one file for each; undefined for a file with one account. Each
 * entry is in one part at least, also if it has mistakes. The values may have any shape.
 */
export function splitFile(value: unknown): SplitFile | undefined {
  const systems = isMap(value) ? namedSystems(value) : undefined;
  if (!isMap(value) || systems === undefined) return undefined;
  const { accounts } = systems;
  const { cloudflare: _, authentik: __, ...rest } = value;
  const common = soundParts(rest);
  const entries = entryAccounts(value, common, accounts);
  const parts = accounts.map((account, index) => accountPart(value, account, { index, accounts, entries }));
  return { parts, findings: accountFindings({ value, common, systems, entries, parts }) };
}
