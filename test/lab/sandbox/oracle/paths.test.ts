import { beforeEach, describe, expect, it } from 'vitest';
import { blindSpots } from '../../../../src/lab/sandbox/oracle/blind-spots.ts';
import { judge } from '../../../../src/lab/sandbox/oracle/oracle.ts';
import type { World } from '../../../../src/lab/sandbox/state/world.ts';
import { addApp, addPolicy, addRecord, guardedRule, newWorld, setIngress } from '../edge/scene.ts';

const HOST = 'app.example.dev';
const SERVICE = 'http://other.lan';

let world: World;

beforeEach(() => {
  world = newWorld();
  addRecord(world, { name: HOST });
  world.guards = [{ host: HOST, admit: { emails: ['me@example.dev'] } }];
});

/** Guards a host by its tunnel alone, with a foreign rule for some of its paths. */
function besideRule(path: string, hostname = HOST): void {
  const app = addApp(world, [`door.example.dev`], [addPolicy(world, 'allow', [])]);
  setIngress(world, [{ hostname, path, service: SERVICE }, guardedRule(HOST, app)]);
}

/** The paths at which somebody gets through, each once. */
function openPaths(): readonly string[] {
  return [...new Set(judge(world, 1).map(({ path }) => path))].sort();
}

describe('a path expression of a foreign tunnel rule', () => {
  it.each([
    { path: 'secret', open: ['/secret'] },
    { path: '^/(api|secret)$', open: ['/api', '/secret'] },
    { path: String.raw`\.png$`, open: ['/.png'] },
    { path: '(?i)^/ADMIN/[0-9]{3}$', open: ['/admin/000'] },
    { path: String.raw`^/\Qa+b\E$`, open: ['/a%2Bb'] },
    { path: '^/[[:alpha:]]{7}-x$', open: ['/aaaaaaa-x'] },
    { path: String.raw`^/x\pLy$`, open: ['/xay'] },
    { path: '^/a(b|c?d)e*$', open: ['/ab', '/abe', '/acd', '/ad'] },
    { path: '^/ä$', open: ['/%C3%A4'] },
  ])('$path is tried at a path that it matches', ({ path, open }) => {
    besideRule(path);
    expect(openPaths()).toEqual(expect.arrayContaining(open));
    expect(blindSpots(world)).toEqual([]);
  });

  it.each(['*.example.dev', '*', ''])('is tried if the rule is for the host pattern "%s"', (hostname) => {
    besideRule('^/(api|secret)$', hostname);
    expect(openPaths()).toContain('/secret');
  });

  it('matches no path if it begins with anything but a slash, and leaves nothing open', () => {
    besideRule('^admin');
    expect([openPaths(), blindSpots(world)]).toEqual([[], []]);
  });

  it('is named if no matching path is known', () => {
    besideRule(String.raw`[^\s]\bq`);
    expect(openPaths()).toEqual([]);
    expect(blindSpots(world)).toEqual([
      String.raw`tunnel "homelab": no path is known that the expression of app.example.dev matches: [^\s]\bq`,
    ]);
  });

  it('does not matter for a public host, nor if it refuses or is unreachable', () => {
    besideRule(String.raw`[^\s]\bq`);
    world.guards = [{ host: HOST, admit: { public: true } }];
    expect(blindSpots(world)).toEqual([]);
    world.guards = [{ host: HOST, admit: { emails: [] } }];
    const rule = { hostname: '*', path: String.raw`[^\s]\bq`, service: SERVICE };
    setIngress(world, [{ ...rule, service: 'http_status:403' }]);
    expect(blindSpots(world)).toEqual([]);
    setIngress(world, [{ hostname: HOST, service: 'http_status:503' }, rule]);
    expect(blindSpots(world)).toEqual([]);
    setIngress(world, [rule, { hostname: HOST, service: 'http_status:503' }]);
    expect(blindSpots(world)).toHaveLength(1);
  });
});

describe('an asterisk in the middle of the path of a foreign Access application', () => {
  it('is tried', () => {
    addApp(world, [HOST], [addPolicy(world, 'allow', [{ email: { email: 'me@example.dev' } }])]);
    addApp(world, [`${HOST}/*/hook`], [addPolicy(world, 'bypass', [{ everyone: {} }])]);
    setIngress(world, [{ hostname: HOST, service: SERVICE }]);
    expect(openPaths()).toEqual(expect.arrayContaining(['/x/hook']));
  });
});
