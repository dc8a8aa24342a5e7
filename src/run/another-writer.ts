import { addressId } from '../core/objects/address.ts';
import type { Interference } from '../core/shared-documents.ts';
import type { World } from '../core/world.ts';

/** The most objects that are named; the others are counted. */
const mostNamed = 3;

/**
 * Reports another gates of the same owner with another state folder. It shows itself by objects with the owner's mark
 * that no run of this state folder made or has seen. An empty state folder knows no objects, so its first run reports
 * whatever was there before.
 */
export async function anotherWriter({ roster, scope }: World): Promise<readonly Interference[]> {
  const strangers = (await roster.strangers()).map(({ address }) => addressId(address)).sort();
  if (strangers.length === 0) return [];
  const more = strangers.length > mostNamed ? ` and ${strangers.length - mostNamed} more` : '';
  const text = `Another gates of this owner, with another state folder, made ${strangers.slice(0, mostNamed).join(', ')}${more}. Let only one of them run, or give it an owner of its own; where the state folder was lost, nothing is to do`;
  return [{ severity: 'notice', what: `owner ${scope.owner}`, text }];
}
