import type { ReadConfig } from '../../config/parse-config.ts';
import { fileDoors } from '../../gates/file-doors.ts';
import { actionsOf } from '../actions/applied-actions.ts';
import type { Check } from './verdicts.ts';

/** Judges a file alone, and returns the settings that the daemon needs. */
export function fileCheck(readConfig: ReadConfig): Check {
  return async (bytes) => {
    const read = await readConfig(bytes);
    if (!read.ok) return { mistakes: read.mistakes };
    const { config } = read.parsed;
    const { reconcile: settings, notify, cloudflare, services } = config;
    const hasKeys = [...services.values()].some(({ gate }) => gate.enforcedBy === 'shield');
    const keys = hasKeys ? { sync: cloudflare.apiShield.sync } : {};
    const declared = { notify, actions: actionsOf(config), doors: fileDoors(config) };
    return { settings: { ...settings, ...keys, ...declared } };
  };
}
