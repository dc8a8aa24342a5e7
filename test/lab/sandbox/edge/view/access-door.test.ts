import { describe, expect, it } from 'vitest';
import { viewOf } from '../../../../../src/lab/sandbox/edge/view/view.ts';
import { addApp, newWorld } from '../scene.ts';

function guard(uris: string[], host: string, path: string): string | undefined {
  const world = newWorld();
  for (const uri of uris) addApp(world, [uri], []);
  return viewOf(world).guardingDoor(host, path)?.uri;
}

describe('the application that guards a door', () => {
  it.each([
    { uris: ['h.dev'], path: '/x/y', is: 'h.dev', because: 'an empty path is the whole host' },
    { uris: ['h.dev/*'], path: '/', is: 'h.dev/*', because: 'and so is /*' },
    { uris: ['h.dev/a'], path: '/a', is: 'h.dev/a', because: 'a path covers itself' },
    { uris: ['h.dev/a'], path: '/a/', is: 'h.dev/a', because: 'with its trailing slash' },
    { uris: ['h.dev/a'], path: '/a/b', is: 'h.dev/a', because: 'what has no rule of its own inherits it' },
    { uris: ['h.dev/a'], path: '/ab', is: undefined, because: 'segments are whole' },
    { uris: ['h.dev/a'], path: '/A', is: undefined, because: 'paths know case' },
    { uris: ['h.dev/a/*'], path: '/a', is: undefined, because: 'a/* does not cover a' },
    { uris: ['h.dev/a/*'], path: '/a/b/c', is: 'h.dev/a/*', because: 'the star spans segments' },
    { uris: ['h.dev/a/*/z'], path: '/a/b/c/z', is: 'h.dev/a/*/z', because: 'in the middle too' },
    { uris: ['h.dev', 'h.dev/a'], path: '/a', is: 'h.dev/a', because: 'the longer path wins' },
    { uris: ['h.dev/a', 'h.dev/a/*'], path: '/a', is: 'h.dev/a', because: 'only one covers it' },
    { uris: ['h.dev/a/*', 'h.dev/a/b'], path: '/a/b', is: 'h.dev/a/b', because: 'the longer literal wins' },
    { uris: ['h.dev/a*', 'h.dev/a'], path: '/a', is: 'h.dev/a', because: 'no wildcard beats one' },
    { uris: ['*.dev', 'h.dev'], path: '/', is: 'h.dev', because: 'the exact host wins' },
    {
      uris: ['*.dev/a/b', 'h.dev'],
      path: '/a/b',
      is: 'h.dev',
      because: 'whatever the wildcard says of paths',
    },
    { uris: ['*.h.dev'], path: '/', is: undefined, because: 'a wildcard does not cover its apex' },
    { uris: ['h.dev/a/*'], path: '/a/../b', is: undefined, because: 'the edge resolves dots first' },
    { uris: ['h.dev/a/*'], path: '//a//b', is: 'h.dev/a/*', because: 'and merges slashes' },
    { uris: ['h.dev/a/*'], path: '/%61/b', is: 'h.dev/a/*', because: 'and decodes plain characters' },
    { uris: ['h.dev/a/*'], path: '/a%2Fb', is: undefined, because: 'but not an escaped slash' },
  ])('of $uris at $path is $is, because $because', ({ uris, path, is }) => {
    expect(guard(uris, 'h.dev', path)).toBe(is);
  });

  it.each([
    { host: 'a.example.dev', is: '*.example.dev', because: 'one label' },
    { host: 'a.b.example.dev', is: undefined, because: 'the star matches one label alone' },
    { host: 'example.dev', is: undefined, because: 'the apex is not below itself' },
  ])('of *.example.dev on $host is $is, because $because', ({ host, is }) => {
    expect(guard(['*.example.dev'], host, '/')).toBe(is);
  });
});
