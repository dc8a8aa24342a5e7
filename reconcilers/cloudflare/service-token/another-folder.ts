import type { World } from '../../../src/core/world.ts';
import { tokenVaultName } from './kept-token.ts';

/** Notes of keys whose token another state folder replaced, with the time when this one last replaced it back. */
const topic = 'token-of-another';

/** Milliseconds between two replacements: two state folders must not replace each other's token in every run. */
const takingBack = 86_400_000;

/** Advice on two state folders of one owner. */
const hint = 'Let only one of them run, or give it an owner of its own';

/** The id of the token in the vault, if another state folder of the owner has replaced that token. */
async function replacedId(world: World, key: string, liveId: string): Promise<string | undefined> {
  const own = (await world.vault.get(tokenVaultName(world, key)))?.id;
  return own === liveId ? undefined : own;
}

/** True if another state folder made the live token after this one had replaced it, less than a day ago. */
export async function isLeftToAnother(world: World, key: string, liveId: string): Promise<boolean> {
  if ((await replacedId(world, key, liveId)) === undefined) return false;
  const last = Date.parse((await world.notes.text(topic, noteOf(world, key))) ?? '');
  return world.clock.now().getTime() - last < takingBack;
}

/** Notes that this run replaces a token of another state folder, and reports it. */
export async function noteTakingBack(world: World, what: { key: string; liveId: string }): Promise<void> {
  const { key, liveId } = what;
  const own = await replacedId(world, key, liveId);
  if (own === undefined) return;
  await world.notes.put(topic, noteOf(world, key), world.clock.now().toISOString());
  const text = `Another gates of the owner "${world.scope.owner}", with another state folder, made this token anew (now ${liveId}, before ${own}). ${hint}`;
  world.shared.interferences.push({ severity: 'notice', what: `cloudflare/service-token:${key}`, text });
}

export function leftToAnother(): string {
  return `another gates of this owner, with another state folder, made it anew after this one had taken it back: it is taken back once a day. ${hint}`;
}

function noteOf({ scope }: World, key: string): string {
  return `${scope.owner} ${key}`;
}
