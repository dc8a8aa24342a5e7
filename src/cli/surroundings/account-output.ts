import type { AskedAccount } from './accounts.ts';
import { print, printJson } from './terminal.ts';

/** The JSON of a command that may concern several accounts. */
export interface AccountDocuments {
  /** Prints the document of the only account, or collects that of one of several. */
  of(name: string | undefined): (document: unknown) => void;
  /** Prints what was collected. An account without a document has failed, and has null. */
  end(output: string): void;
}

/** One account without a name keeps the shape of its document; named ones are below `accounts`. */
export function accountDocuments(accounts: readonly AskedAccount[]): AccountDocuments {
  const names = accounts.flatMap(({ name }) => name ?? []);
  const documents = new Map<string, unknown>(names.map((name) => [name, null]));
  return {
    of: (name) => (document) => {
      if (name === undefined) printJson(document);
      else documents.set(name, document);
    },
    end(output) {
      if (output === 'json' && names.length > 0)
        printJson({ version: 1, accounts: Object.fromEntries(documents) });
    },
  };
}

/** The name of an account above its text, if the command concerns several. */
export function printHeading({ name }: AskedAccount, accounts: readonly AskedAccount[]): void {
  if (accounts.length < 2) return;
  print(`${accounts[0]?.name === name ? '' : '\n'}Account ${name}\n\n`);
}
