import type { ReadAccounts } from '../../config/parse-config.ts';
import { fileDoors } from '../../gates/file-doors.ts';
import { actionsOf } from '../actions/applied-actions.ts';
import type { AccountName, Check } from './verdicts.ts';

/** Judges a file alone, and returns the settings that the daemon needs, of all its accounts. */
export function fileCheck(readAccounts: ReadAccounts): Check {
  return async (bytes) => {
    const read = await readAccounts(bytes);
    if (!read.ok) return { mistakes: read.mistakes };
    const configs = read.accounts.map(({ config }) => config);
    const [first] = configs;
    if (first === undefined) return { mistakes: read.warnings };
    // Every account has the settings of the complete file.
    const { reconcile: settings, notify } = first;
    const checking = configs.find(({ services }) =>
      [...services.values()].some(({ gate }) => gate.enforcedBy === 'shield'),
    );
    const keys = checking === undefined ? {} : { sync: checking.cloudflare.apiShield.sync };
    const actions = configs.map(actionsOf);
    const accounts = read.accounts.flatMap(({ name, server }): readonly AccountName[] =>
      name === undefined ? [] : [{ name, server }],
    );
    return {
      settings: {
        ...settings,
        ...keys,
        notify,
        actions: {
          gates: actions.flatMap(({ gates }) => gates),
          declared: new Map(actions.flatMap(({ declared }) => [...declared])),
        },
        doors: configs.flatMap(fileDoors),
        ...(accounts.length > 0 && { accounts }),
      },
    };
  };
}
