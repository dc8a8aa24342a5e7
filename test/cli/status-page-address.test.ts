import { describe, expect, it } from 'vitest';
import { pageAddress } from '../../src/cli/commands/status.ts';
import { WELL } from '../page/sample-page.ts';

function listeningAt(page: string | undefined, more: { readonly alive?: boolean } = {}) {
  const listening = {
    status: 'http://127.0.0.1:8420',
    ...(page !== undefined && { page }),
    hooks: 'http://127.0.0.1:8421',
    signed: true,
  };
  return { status: { ...WELL, listening }, ...more };
}

describe('the address of the status page', () => {
  it.each([
    { page: 'http://127.0.0.1:8420/', url: undefined, address: 'http://127.0.0.1:8420/' },
    { page: 'http://0.0.0.0:8420/', url: undefined, address: 'http://localhost:8420/' },
    { page: 'http://[::]:8420/', url: undefined, address: 'http://localhost:8420/' },
    { page: 'http://0.0.0.0:8420/', url: 'http://nas.lan:8420', address: 'http://nas.lan:8420/' },
    {
      page: 'http://127.0.0.1:8420/',
      url: 'https://gates.example.dev/',
      address: 'https://gates.example.dev/',
    },
  ])('is $address for a daemon with $page that was reached at $url', ({ page, url, address }) => {
    expect(pageAddress(listeningAt(page, { alive: true }), url)).toBe(address);
  });

  it('is undefined when the page is off, and when no daemon runs', () => {
    expect(() => pageAddress(listeningAt(undefined), undefined)).toThrow('The status page is off');
    expect(() => pageAddress({ status: WELL }, undefined)).toThrow('No daemon runs');
    const killed = listeningAt('http://127.0.0.1:8420/', { alive: false });
    expect(() => pageAddress(killed, undefined)).toThrow('No daemon runs');
  });
});
