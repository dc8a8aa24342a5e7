import { type Admission, allOf, anyOf, formulaKey, negated, nobody } from '../doors/admission/admission.ts';
import { assuming, unsatisfiable } from '../doors/admission/decision.ts';
import type { DoorCourse } from '../interlock/door-courses.ts';
import type { DoorMoment, DoorStory, HostStory } from '../report/plan/host-stories.ts';
import { admissionWords, isProbe } from './admission-words.ts';
import { pathLabels } from './door-map.ts';
import { withShortNames } from './names.ts';

/**
 * The doors of each host whose words change during a plan: a host, or a group of its paths. Paths that always have the
 * same words share one story.
 */
export function hostStories(courses: readonly DoorCourse[]): readonly HostStory[] {
  const words = rememberedWords();
  const byHost = new Map<string, DoorCourse[]>();
  for (const course of courses) {
    const { host } = course;
    byHost.set(host, [...(byHost.get(host) ?? []), course]);
  }
  return [...byHost].flatMap(([host, ofHost]) => {
    const doors = storiesOf(ofHost, words);
    return doors.length === 0 ? [] : [{ host, doors }];
  });
}

function storiesOf(courses: readonly DoorCourse[], words: Words): readonly DoorStory[] {
  const methods = new Set(courses.map(({ door }) => door.method));
  const groups = new Map<string, { readonly story: Omit<DoorStory, 'paths'>; readonly paths: string[] }>();
  for (const { door, moments } of courses) {
    const worded = distinct(
      moments.map(({ step, admits, to }) => ({ step, admits: words(admits), to: originsOf(to) })),
    );
    const story = { ...(methods.size > 1 && { method: door.method }), moments: worded };
    const key = JSON.stringify(story);
    groups.set(key, { story, paths: [...(groups.get(key)?.paths ?? []), door.path] });
  }
  return [...groups.values()]
    .filter(({ story }) => story.moments.length > 1)
    .map(({ story, paths }) => ({ ...story, paths: pathLabels(paths) }));
}

/** The moments without those that repeat the words of the one before. */
function distinct(moments: readonly DoorMoment[]): readonly DoorMoment[] {
  return moments.filter(({ admits, to }, index) => {
    const before = moments[index - 1];
    return (
      before === undefined || JSON.stringify([admits, to]) !== JSON.stringify([before.admits, before.to])
    );
  });
}

/** The origins without the host, and without copies in Cloudflare's cache. */
function originsOf(to: readonly string[]): readonly string[] {
  return to
    .filter((each) => !each.startsWith('copies of '))
    .map((each) => withShortNames(each).replace(/ for .*$/, ''));
}

type Words = (admission: Admission) => readonly string[];

/**
 * Words without gates' probe, unless only the probe gets in, and without copies in Cloudflare's cache. A plan has few
 * such formulas, each at many doors.
 */
function rememberedWords(): Words {
  const known = new Map<string, readonly string[]>();
  return (admission) => {
    const answered = withoutCopies(admission);
    const people = assuming(answered, (credential) => (isProbe(credential) ? false : undefined));
    const key = formulaKey(people);
    const words = known.get(key) ?? (unsatisfiable(people) ? [] : admissionWords(people));
    known.set(key, words);
    if (words.length > 0) return words;
    return unsatisfiable(answered) ? ['nobody'] : ["gates' probe"];
  };
}

function withoutCopies(admission: Admission): Admission {
  if ('all' in admission) return allOf(...admission.all.map(withoutCopies));
  if ('any' in admission) return anyOf(...admission.any.map(withoutCopies));
  if ('not' in admission) return negated(withoutCopies(admission.not));
  return 'unknown' in admission && admission.unknown.reason === 'copies' ? nobody : admission;
}
