import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { leftAfterAdopt } from '../import/applied-file.ts';
import { importedFrom } from '../import/imported.ts';
import { stateOf } from '../random-files/neighbours.ts';
import { drawnWorld } from './drawn-world.ts';
import { foreignChanges } from './foreign-changes.ts';

/** The result for one world. */
export interface AdoptedWorld {
  /** Mistakes of the file, changes that are left to plan, and foreign objects that changed. Empty: the world holds. */
  readonly faults: readonly string[];
  readonly services: number;
  /** The reasons of everything that the import left out. */
  readonly leftovers: readonly string[];
  readonly story: readonly string[];
}

/** Imports the world of a seed, and adopts the file. */
export async function adoptedWorld(seed: number): Promise<AdoptedWorld> {
  const { sandbox, disk, story } = await drawnWorld(seed);
  const { text, draft, mistakes } = await importedFrom({ sandbox, disk });
  const read = checkedConfig(text);
  const leftovers = draft.leftovers.map(({ what, reason }) => `${what}: ${reason}`);
  if (!read.ok)
    return {
      faults: mistakes.map(({ path, message }) => `mistake at ${path}: ${message}`),
      services: 0,
      leftovers,
      story: [...story, text],
    };
  const before = stateOf(sandbox);
  const left = await leftAfterAdopt({ sandbox, disk, text });
  const hosts = new Set([...read.parsed.config.services.values()].map(({ host }) => host));
  const faults = [
    ...left.filter((text) => !isBlockedCheck(text) && !isCopyThatGoes(text)),
    ...foreignChanges(before, stateOf(sandbox), hosts),
  ];
  return { faults, services: hosts.size, leftovers, story: [...story, text] };
}

/** The answers of somebody else's firewall rule, which blocks or challenges. */
const foreignAnswers = [
  'another WAF rule than ours refuses',
  'met the bot challenge',
  'was answered before Cloudflare asked its cache',
];

/** True for a check at which a rule of somebody else's firewall answers: it changes nothing, and says so. */
function isBlockedCheck(text: string): boolean {
  return text.startsWith('verify edge/proof:') && foreignAnswers.some((answer) => text.includes(answer));
}

/** True for the removal of a second token or binding of ours, where the file has one. */
function isCopyThatGoes(text: string): boolean {
  return /^prune (cloudflare\/service-token|authentik\/binding):.* \((\S+)\) \2$/.test(text);
}
