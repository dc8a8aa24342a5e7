import { expect, test } from 'vitest';
import {
  isScratchOwner,
  newScratchOwner,
  ownerOfHost,
  scratchHost,
} from '../../src/conformance/scratch-owner.ts';
import {
  markComment,
  markName,
  markTag,
  readComment,
  readName,
  readTag,
} from '../../src/core/objects/marker.ts';

test.each([0, 0.5, 0.999_999])('an owner that is drawn with %d fits every marker, and its host', (drawn) => {
  const owner = newScratchOwner(() => drawn);
  expect(isScratchOwner(owner)).toBe(true);
  const readers = [readTag(markTag(owner)), readName(markName(owner, 'x')).owner];
  expect([...readers, readComment(markComment(owner, '')).owner]).toEqual([owner, owner, owner]);
  expect(ownerOfHost(scratchHost(owner, 'example.dev'), 'example.dev')).toBe(owner);
});

test.each([
  'home',
  'conformance',
  'conformance-prod',
  'conformance-1a2',
  'conformance-a1b2',
  'xconformance-1a2b',
])('%s is no owner of a run, and its host no scratch host', (owner) => {
  expect(isScratchOwner(owner)).toBe(false);
  expect(ownerOfHost(`gates-${owner}.example.dev`, 'example.dev')).toBeUndefined();
});

test('a host in another zone, or deeper, is no scratch host', () => {
  const hosts = ['gates-conformance-1a2b.example.net', 'x.gates-conformance-1a2b.example.dev', 'example.dev'];
  expect(hosts.map((host) => ownerOfHost(host, 'example.dev'))).toEqual([undefined, undefined, undefined]);
});
