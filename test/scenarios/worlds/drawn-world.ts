import fc from 'fast-check';
import { createSandbox, parseLag } from '../../../src/lab/sandbox/index.ts';
import { type Addition, add, addition } from '../../lab/sandbox/doors/additions.ts';
import { dropMarks } from '../import/dropped-marks.ts';
import type { ImportPlace } from '../import/imported.ts';
import { anyDeed, type Deed, perform } from '../random-files/drift.ts';
import { emptyFile, hosts, type Revision, revised, revision } from '../random-files/file.ts';
import { textOf } from '../random-files/file-text.ts';
import { type Neighbours, neighbours, settle } from '../random-files/neighbours.ts';
import { labHosts, OtherOwner } from '../random-files/second-writer.ts';
import { newDisk } from '../stage/disk.ts';
import { askAdmin } from '../stage/hand.ts';
import { runProcess } from '../stage/stage.ts';
import { dropRemainingMarks } from './remaining-marks.ts';

/** The calls that make a world: those of three owners, and those of a person in the dashboards. */
interface Course {
  readonly neighbours: Neighbours;
  readonly revision: Revision;
  /** The file of the owner `lab`. */
  readonly lab: number;
  /** Hosts whose origin asks nobody, although the file says so. */
  readonly deaf: readonly string[];
  readonly deeds: readonly Deed[];
  readonly additions: readonly Addition[];
}

const course: fc.Arbitrary<Course> = fc.record({
  neighbours,
  revision,
  lab: fc.nat(1000),
  deaf: fc.subarray([...hosts], { maxLength: 4 }),
  deeds: fc.array(anyDeed, { maxLength: 4 }),
  additions: fc.array(addition, { maxLength: 5 }),
});

/** A world before an import, and how it came to be. */
export interface DrawnWorld extends ImportPlace {
  readonly story: readonly string[];
}

/**
 * The world of a seed: the owners `work` and `homer` have made objects by calls of the API, the owners `home` and `lab` with
 * gates. People then change some of them, and add others. Nothing carries the mark of `home` any more.
 */
export async function drawnWorld(seed: number): Promise<DrawnWorld> {
  const [drawn] = fc.sample(course, { seed, numRuns: 1 });
  if (drawn === undefined) throw new Error('Nothing was drawn');
  const sandbox = await createSandbox({ zones: ['example.dev'], callBudget: 100_000_000 });
  await settle(sandbox, drawn.neighbours);
  const forwardAuth = [...hosts, ...labHosts].filter((host) => !drawn.deaf.includes(host));
  await askAdmin(sandbox, 'PUT', '/origins', { url: 'http://traefik.lan:80', kind: 'traefik', forwardAuth });
  const disk = newDisk();
  const text = textOf(revised(emptyFile, drawn.revision));
  await runProcess(sandbox, disk, text);
  const lab = new OtherOwner();
  lab.choose(drawn.lab);
  await lab.run(sandbox, parseLag('revocations=0'));
  const story = [`seed ${seed}`, JSON.stringify(drawn.neighbours), text];
  for (const each of drawn.deeds) story.push(await perform(sandbox, each));
  await dropMarks(sandbox);
  for (const each of drawn.additions) story.push(await add(sandbox, each));
  await dropRemainingMarks(sandbox);
  return { sandbox, disk: { ...newDisk(), vault: disk.vault }, story };
}
