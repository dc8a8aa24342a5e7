import type { Story } from '../story.ts';
import { gateStories } from './gate-stories.ts';
import { healingStories } from './healing-stories.ts';
import { storiesOf } from './kind-stories.ts';
import { limitedStories } from './limited-stories.ts';
import { lookupStories } from './lookup-stories.ts';
import { troubleStories } from './trouble-stories.ts';
import { usedStories } from './used-stories.ts';
import { writtenKinds } from './written-kinds.ts';

/**
 * Every story for a release, in playing order. Those of tokens with few rights come first: gates has such a token, so
 * even a run that a person stops early has reported on it.
 */
export function storiesFor(release: string): readonly Story[] {
  return [
    ...limitedStories,
    ...troubleStories,
    ...lookupStories,
    ...writtenKinds.flatMap((kind) => storiesOf(kind, release)),
    ...usedStories,
    ...gateStories,
    ...healingStories,
  ];
}
