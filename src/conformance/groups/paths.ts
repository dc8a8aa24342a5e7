import { accessPolicy } from '../../../reconcilers/cloudflare/access/access-policy.ts';
import { type Answer, held } from '../belief.ts';
import { type Group, named } from '../group.ts';
import type { Lab } from '../lab.ts';
import { described, type Seen } from '../seen.ts';

const beliefs = named('paths', {
  below: {
    says: 'An application at /a guards /a and everything below it',
    where: 'src/desired/terms/paths.ts',
  },
  beside: {
    says: 'An application at /a guards neither / nor /ab',
    where: 'src/desired/terms/paths.ts',
    needs: ['paths/below'],
  },
  inner: {
    says: 'An application at /a/b decides there and below, and the one at /a no more',
    where: 'src/desired/terms/paths.ts',
    needs: ['paths/below'],
  },
  bypass: {
    says: 'A bypass at /a/d opens that path, and nothing else of /a',
    where: 'reconcilers/cloudflare/access/access-application.ts',
    needs: ['paths/below'],
  },
  wildcard: {
    says: 'An application at /c/* guards what lies below /c, and not /c itself',
    where: 'reconcilers/cloudflare/access/application/destination.ts',
  },
  spellings: {
    says: 'Other spellings of /a/x get an answer of Access, of the page, or a 400; gates depends on none of them',
    where: 'docs/decisions/0001-the-order-comes-from-doors.md',
    needs: ['paths/below'],
  },
});

/** Spellings of `/a/x`: case, escapes, dots, doubled slashes, parameters. */
const spellings = [
  ...['/A/x', '/%61/x', '/a%2Fx', '/a%2fx', '//a/x', '/a//x', '/./a/x', '/b/../a/x', '/a/./x', '/a/%2e/x'],
  ...['/b/%2e%2e/a/x', '/a;v=1/x', '/a/x;v=1', '/a%5Cx'],
];

/** The rules by which one application decides at each path. */
export const paths: Group = {
  name: 'paths',
  set: 'quick',
  seconds: 25,
  makes: ['1 tag, 2 policies, 1 service token and 4 applications of Access, at paths of the scratch host'],
  needs: ['host/reached', 'cover/asks', 'names/application', 'names/policy', 'names/token'],
  beliefs: Object.values(beliefs),
  async ask(lab, answers) {
    const { policy } = await lab.probePolicy();
    const everybody = await lab.make(accessPolicy, `${lab.host} public`, {
      decision: 'bypass',
      include: [{ everyone: {} }],
      require: [],
      exclude: [],
    });
    const audiences: Record<string, string> = {};
    for (const path of ['/a', '/a/b', '/c/*']) {
      const key = path.replace(/\/\*$/, '');
      const { attributes } = await lab.application(key, [policy.id], {
        destinations: [`${lab.host}${path}`],
      });
      audiences[path] = attributes.aud ?? '';
    }
    await lab.application('/a/d', [everybody.id], { bypass: true });
    await lab.open();
    const guardedBy =
      (path: string) =>
      ({ by }: Seen) =>
        by.by === 'access-refusal' && by.audience === audiences[path];
    const isOpen = ({ by }: Seen) => by.by === 'application';
    await answers.ask(beliefs.below, () => each(lab, ['/a', '/a/', '/a/x/y'], guardedBy('/a')));
    await answers.ask(beliefs.beside, () => each(lab, ['/', '/ab'], isOpen));
    await answers.ask(beliefs.inner, () => each(lab, ['/a/b', '/a/b/x'], guardedBy('/a/b')));
    await answers.ask(beliefs.bypass, async () => {
      const open = await each(lab, ['/a/d', '/a/d/x'], isOpen);
      return open.state === 'as believed' ? each(lab, ['/a/dx'], guardedBy('/a')) : open;
    });
    await answers.ask(beliefs.wildcard, async () => {
      const below = await each(lab, ['/c/x', '/c/x/y'], guardedBy('/c/*'));
      return below.state === 'as believed' ? each(lab, ['/c'], isOpen) : below;
    });
    await answers.ask(beliefs.spellings, () => spelled(lab));
  },
};

/** Waits for the first path, and then asks for the others. */
async function each(lab: Lab, asked: readonly string[], isRight: (seen: Seen) => boolean): Promise<Answer> {
  for (const path of asked) {
    const { done, value } = await lab.visitUntil(path, {}, isRight);
    if (!done) return held(false, `${path}: ${described(value)}`);
  }
  return held(true, '');
}

async function spelled(lab: Lab): Promise<Answer> {
  const measured: Record<string, string> = {};
  const strange: string[] = [];
  for (const path of spellings) {
    const seen = await lab.visit(path);
    const { by } = seen.by;
    measured[path] = by;
    if (by !== 'access-refusal' && by !== 'application' && by !== 'redirect' && by !== 'loop')
      strange.push(`${path}: ${described(seen)}`);
  }
  return held(strange.length === 0, strange.join('; '), measured);
}
