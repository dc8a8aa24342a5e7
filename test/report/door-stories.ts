import type { DoorMoment, HostStory } from '../../src/report/plan/host-stories.ts';

/** A step, or 0 for before the plan, and the visitors from then on. */
type StoryStep = readonly [step: number, ...admits: string[]];

/** The story of a host whose paths are all alike. */
export function storyOf(host: string, ...told: readonly StoryStep[]): HostStory {
  return { host, doors: [{ paths: ['/**'], moments: momentsOf(told) }] };
}

export function momentsOf(told: readonly StoryStep[]): readonly DoorMoment[] {
  return told.map(([step, ...admits]) => ({ step, admits, to: [] }));
}
