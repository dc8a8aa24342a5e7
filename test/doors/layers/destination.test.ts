import { describe, expect, it } from 'vitest';
import {
  coversHost,
  coversPath,
  isNarrower,
  parsedDestination,
} from '../../../src/doors/layers/destination.ts';

describe('a destination of an Access application', () => {
  it.each([
    ['App.Example.dev', 'app.example.dev', ''],
    ['app.example.dev/', 'app.example.dev', ''],
    ['app.example.dev/*', 'app.example.dev', ''],
    ['App.example.dev/Api/', 'app.example.dev', '/Api'],
    ['app.example.dev/api/*', 'app.example.dev', '/api/*'],
    ['*.example.dev/a/b', '*.example.dev', '/a/b'],
  ])('is read from %s', (uri, host, path) => {
    expect(parsedDestination(uri)).toEqual({ host, path });
  });

  it.each([
    ['app.example.dev', 'app.example.dev', true],
    ['app.example.dev', 'appXexample.dev', false],
    ['*.example.dev', 'app.example.dev', true],
    ['*.example.dev', 'a.b.example.dev', false],
    ['*.example.dev', 'appXexample.dev', false],
    ['*.example.dev', 'app.example.devil', false],
    ['a*.example.dev', 'b.a.example.dev', false],
    ['a*c.example.dev', 'abc.example.dev', true],
  ])('%s covers the host %s: %s', (uri, host, covers) => {
    expect(coversHost(parsedDestination(uri), host)).toBe(covers);
  });

  it.each([
    ['', '/any', 'yes'],
    ['/api', '/api', 'yes'],
    ['/api', '/api/a', 'yes'],
    ['/api', '/apis', 'no'],
    ['/api/*', '/api', 'no'],
    ['/api/*', '/api/a/b', 'yes'],
    ['/a*/b', '/ax/b', 'yes'],
    ['/a*/b', '/ax/y/b', 'yes'],
    ['/a*/b', '/ax/b/c', 'maybe'],
    ['/a*/b', '/ax/bc', 'no'],
    ['/a*', '/b', 'no'],
    ['/a*', '/a\nb', 'yes'],
    ['/a.b*', '/axbc', 'no'],
    ['/(a)*', '/(a)b', 'yes'],
  ] as const)('%s covers the path %s: %s', (path, asked, covers) => {
    expect(coversPath({ host: 'app.example.dev', path }, asked)).toBe(covers);
  });

  it.each([
    ['app.example.dev', '*.example.dev', true],
    ['*.example.dev', 'app.example.dev', false],
    ['a*.example.dev', '*.example.dev', true],
    ['*.example.dev', 'a*.example.dev', false],
    ['*.b.example.dev', '*.example.dev', false],
    ['app.example.dev', 'app.example.dev', false],
    ['app*.example.dev', 'app.example.dev', false],
    ['*.example.dev', '*.example.dev', false],
    ['app.example.dev/a', 'app.example.dev', true],
    ['app.example.dev', 'app.example.dev/a', false],
    ['app.example.dev/a', '*.example.dev', true],
    ['app.example.dev', '*.example.dev/a', false],
    ['app.example.dev/a', '*.example.dev/a', true],
    ['app.example.dev/a/b', 'app.example.dev/a', true],
    ['app.example.dev/ab', 'app.example.dev/a', false],
    ['app.example.dev/a/*', 'app.example.dev/a', true],
    ['app.example.dev/a', 'app.example.dev/a/*', false],
    ['app.example.dev/a/b', 'app.example.dev/a/*', true],
    ['app.example.dev/b/b', 'app.example.dev/a/*', false],
    ['app.example.dev/a/b*', 'app.example.dev/a/*', true],
    ['app.example.dev/a*', 'app.example.dev/a', false],
    ['app.example.dev/ab', 'app.example.dev/a*', false],
    ['app.example.dev/x/a/b', 'app.example.dev/*/a/*', false],
    ['b.example.dev/a', 'app.example.dev', false],
  ])('%s is narrower than %s: %s', (inner, outer, narrower) => {
    expect(isNarrower(parsedDestination(inner), parsedDestination(outer))).toBe(narrower);
  });
});
